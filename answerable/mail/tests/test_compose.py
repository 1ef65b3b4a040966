"""Outgoing mail (E-88 to E-91), read back with our own parser and with the standard library's."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.mail import compose, parse
from answerable.mail.compose import File, Outgoing
from answerable.mail.tests.samples import PNG

PLAIN = Outgoing(
    message_id="12.7.abc@vendor.test",
    from_name="Ann (Acme)",
    from_address="support@vendor.test",
    to="kim@customer.test",
    to_name="Kim",
    reply_to="reply+token@vendor.test",
    subject="Re: Export fails [#12]",
    text="Hello Kim,\n\nplease try again.\n",
    html="<p>Hello Kim,</p><p>please try again.</p>",
    references=("first@customer.test", "second@vendor.test"),
    date=datetime(2026, 11, 24, 10, 0, tzinfo=UTC),
    instance="instance-1",
    auto="",
)


def test_a_reply_of_an_agent_e88_to_e91() -> None:
    raw = compose.compose(PLAIN)
    head = raw.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    assert head[:9] == [
        'From: "Ann (Acme)" <support@vendor.test>',
        "To: Kim <kim@customer.test>",
        "Reply-To: reply+token@vendor.test",
        "Subject: Re: Export fails [#12]",
        "Date: Tue, 24 Nov 2026 10:00:00 +0000",
        "Message-ID: <12.7.abc@vendor.test>",
        "In-Reply-To: <second@vendor.test>",
        "References: <first@customer.test>",
        " <second@vendor.test>",
    ]
    assert "X-Answerable-Instance: instance-1" in head
    assert not [line for line in head if re.match("(?i)auto-submitted|precedence|bcc|list-|x-auto", line)]
    read = parse.read(raw)
    assert (read.text, read.html, read.instance, read.auto_class) == (PLAIN.text.strip(), PLAIN.html, "instance-1", "")


@pytest.mark.parametrize("auto", ["auto-replied", "auto-generated"])
def test_what_we_send_by_ourselves_says_so_e91(auto: str) -> None:
    raw = compose.compose(replace(PLAIN, auto=auto))
    assert f"Auto-Submitted: {auto}\r\nX-Auto-Response-Suppress: All\r\n".encode() in raw
    assert parse.read(raw).auto_class != ""


def test_ids_cannot_be_guessed_and_stand_with_or_without_brackets_e88() -> None:
    made = {compose.new_message_id(12, 7, "vendor.test") for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"12\.7\.[a-z2-7]{26}@vendor\.test", one) for one in made)
    bracketed = replace(
        PLAIN, message_id="<12.7.abc@vendor.test>", references=("<first@customer.test>", "<second@vendor.test>")
    )
    assert parse.read(compose.compose(bracketed)).thread_ids == parse.read(compose.compose(PLAIN)).thread_ids


def test_twenty_references_and_the_first_is_kept_e89() -> None:
    many = tuple(f"{n}.{'x' * 80}@vendor.test" for n in range(40))
    raw = compose.compose(replace(PLAIN, references=many))
    assert parse.read(raw).thread_ids == tuple(f"<{one}>" for one in [*many[:20:-1], many[0]])
    assert b"=?" not in raw.partition(b"\r\n\r\n")[0]


def test_ids_that_fit_no_header_are_left_out_e89() -> None:
    raw = compose.compose(
        replace(PLAIN, references=("a@x.test", "ü@x.test", "b\r\nBcc: v@x.test", "x" * 2000 + "@y", ""))
    )
    assert parse.read(raw).thread_ids == ("<a@x.test>",)


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Export fails", "Re: Export fails [#12]"),
        ("Re: Re: AW: Export fails [#12]", "Re: Export fails [#12]"),
        ("[#12] Export [#12] fails [#3]", "Re: Export fails [#3] [#12]"),
        ("a\r\nBcc: v@x.test", "Re: a Bcc: v@x.test [#12]"),
        ("", "Re: [#12]"),
        ("Re:", "Re: [#12]"),
        ("回复：导出", "Re: 导出 [#12]"),
    ],
)
def test_one_re_and_one_tag_e89(subject: str, expected: str) -> None:
    assert compose.tagged_subject(subject, 12) == expected


@pytest.mark.parametrize(
    "name",
    ["Jörg Müller", "Bee, Ann", 'Ann "the" Bee', "=?utf-8?Q?x?=", "日本 太郎", "boss@corp.test", "a\r\nBcc: v@x.test", "\u202eevil", "", "<v@x.test>", "x" * 300, "ü" * 300],
)  # fmt: skip
def test_names_are_only_names_e90(name: str) -> None:
    made = compose.compose(replace(PLAIN, from_name=name, to_name=name))
    read = parse.read(made)
    standard = email.message_from_bytes(made, policy=email.policy.default)
    assert (read.sender, read.to, read.cc) == (PLAIN.from_address, (PLAIN.to,), ())
    assert [one.addr_spec for one in standard["from"].addresses] == [PLAIN.from_address]
    assert "bcc" not in standard
    if name in ("Jörg Müller", "Bee, Ann", "日本 太郎", "=?utf-8?Q?x?="):
        assert read.sender_name == name


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("a,b@x.test", '"a,b"@x.test'),
        ('a"b\\@x.test', r'"a\"b\\"@x.test'),
        ("a@[IPv6:2001:db8::1]", "a@[IPv6:2001:db8::1]"),
    ],
)
def test_a_local_part_is_quoted_where_it_must_be_e90(address: str, written: str) -> None:
    raw = compose.compose(replace(PLAIN, to=address, to_name=""))
    assert f"To: {written}\r\n".encode() in raw


@pytest.mark.parametrize(
    "change",
    [{"to": "a@x.test\r\nBcc: v@x.test"}, {"to": "a b@x.test"}, {"to": "a@x.test, v@x.test"}, {"to": ""}, {"reply_to": "<a@b>"},
     {"message_id": "a b"}, {"message_id": ""}, {"auto": "yes"}],
)  # fmt: skip
def test_what_no_header_can_hold_is_refused_e11(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"not |auto "):
        compose.compose(replace(PLAIN, **change))


def test_files_go_along_under_their_names_e90() -> None:
    files = (
        File("Übersicht 日本.pdf", "application/pdf", b"%PDF"),
        File("x" * 140 + ".png", "image/png", PNG),
        File("a.eml", "message/rfc822", b"From: a"),
        File("odd", "no type", b""),
    )
    read = parse.read(compose.compose(replace(PLAIN, attachments=files)))
    assert [(one.name, one.content_type, one.content) for one in read.attachments] == [
        ("Übersicht 日本.pdf", "application/pdf", b"%PDF"),
        ("x" * 140 + ".png", "image/png", PNG),
        ("a.eml", "application/octet-stream", b"From: a"),
        ("odd", "application/octet-stream", b""),
    ]
    assert read.text == PLAIN.text.strip()


def test_an_address_in_another_script_makes_an_international_header_e90() -> None:
    made = compose.compose(replace(PLAIN, to="jörg@xn--bcher-kva.test"))
    assert "To: Kim <jörg@xn--bcher-kva.test>\r\n".encode() in made


TEXT = st.text(st.characters(), max_size=200)


@settings(deadline=None)
@given(
    subject=TEXT, name=TEXT, text=TEXT.map(lambda text: text * 20), html=TEXT,
    files=st.lists(st.builds(File, TEXT, st.sampled_from(["image/png", "text/plain", "a", "message/rfc822", "multipart/mixed"]), st.binary(max_size=50)), max_size=2),
)  # fmt: skip
def test_nothing_that_anybody_writes_breaks_a_message_e88_to_e91(
    subject: str, name: str, text: str, html: str, files: list[File]
) -> None:
    made = compose.compose(
        replace(
            PLAIN,
            subject=compose.tagged_subject(subject, 12),
            from_name=name,
            to_name=name,
            text=text,
            html=html,
            attachments=tuple(files),
        )
    )
    lines = made.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    assert made.isascii()
    read = parse.read(made)
    assert (read.sender, read.to, read.thread_ids[0], read.instance) == (
        PLAIN.from_address,
        (PLAIN.to,),
        "<second@vendor.test>",
        "instance-1",
    )
    assert read.subject.endswith("[#12]")
    assert len(read.attachments) == len(files)
    standard = email.message_from_bytes(made, policy=email.policy.default)
    assert isinstance(standard, EmailMessage)
    assert not standard.defects
