"""What holds for every message that was read, whatever was in it."""

from collections.abc import Iterator
from dataclasses import fields

from answerable.mail import parse
from answerable.mail.bounces import Recipient, Report
from answerable.mail.files import Attachment
from answerable.mail.incoming import Incoming
from answerable.mail.tests.html_rules import complaints
from answerable.mail.verdict import verdict


def strings(value: object) -> Iterator[str]:
    """Every text in what was read."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from strings(one)
    elif isinstance(value, (Incoming, Report, Recipient, Attachment)):
        for one in fields(value):
            yield from strings(getattr(value, one.name))


def check(raw: bytes) -> Incoming:
    """Read it, and see that nothing forbidden came out."""
    read = parse.read(raw)
    assert_sound(read)
    return read


def assert_sound(read: Incoming) -> None:
    """What `read` holds can be stored, shown and answered."""
    for text in strings(read):
        assert "\0" not in text
        text.encode()
    for line in (read.subject, read.sender, read.sender_name, *read.to, *(one.name for one in read.attachments)):
        assert not any(ord(letter) < 32 for letter in line)
    assert all(len(one.name) <= 150 and "/" not in one.name and "\\" not in one.name for one in read.attachments)
    assert (read.quarantine == "") == (bool(read.sender) or read.bounce is not None) or read.quarantine in (
        "no_headers",
        "empty",
        "oversize",
    )
    assert verdict(read, ["mx.x.test"]) in ("pass", "fail", "none")
    assert read.checker is not None
    assert bool(read.new_text.strip()) == bool(read.text.strip())
    assert complaints(read.html) == []
    assert complaints(read.new_html) == []
