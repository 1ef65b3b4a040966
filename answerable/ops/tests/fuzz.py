"""One mutant through the whole mail room, and what must be true of it afterwards (email contract E-4, E-6, E-8)."""

import json
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from django.db import transaction

from answerable.casework.inbound import Envelope, keep, result_of
from answerable.casework.reception import receive
from answerable.lib import clock
from answerable.mail import parse
from answerable.mail.models import RawMail
from answerable.mail.tests.html_rules import complaints
from answerable.mail.tests.invariants import assert_sound
from answerable.mail.tests.samples import seconds

INBOX = "support@vendor.test"
OUTCOMES = {"new", "reply", "held", "event", "auto", "bounce", "duplicate", "quarantine", "ack", "probe"}
_PER_MIB = 2.0  # seconds (E-8)
_AT_LEAST = 0.5
_SHRINKING = 300  # tries


def handle(raw: bytes, envelope_from: str | None) -> None:
    """Take it in, as a mail server would hand it over; AssertionError says what is wrong. Leaves nothing behind."""
    with transaction.atomic():
        try:
            _handle(raw, Envelope(envelope_from))
        finally:
            transaction.set_rollback(True)


def _handle(raw: bytes, envelope: Envelope) -> None:
    now = clock.now()
    raw_id = keep(raw, INBOX, envelope, now)
    receive(raw_id, now)
    row = RawMail.objects.get(pk=raw_id)
    assert row.reason != "error", row.trace
    assert row.state in {"done", "quarantined"}, f"it stays {row.state}"
    assert row.outcome in OUTCOMES, row.outcome
    assert bytes(row.body) == raw, "it is not kept as it came"
    result = result_of(raw_id)
    json.dumps(result.as_json()).encode()
    assert complaints(result.html) == [], complaints(result.html)
    found: list[parse.Incoming] = []
    took = seconds(lambda: found.append(parse.read(raw)))
    assert took < _AT_LEAST + _PER_MIB * len(raw) / 2**20, f"{took:.1f} s for {len(raw)} bytes"
    assert_sound(found[0])


def complaint(raw: bytes, envelope_from: str | None) -> str:
    """What is wrong with how it is handled; empty if nothing is."""
    try:
        handle(raw, envelope_from)
    except Exception as error:
        return "".join(traceback.format_exception(error))
    return ""


def shrunk(raw: bytes, is_bad: Callable[[bytes], bool]) -> bytes:
    """A smaller message that goes wrong as well: pieces are taken out for as long as it does."""
    tries = _SHRINKING
    size = max(1, len(raw) // 2)
    while size and tries:
        for smaller in _without(raw, size):
            tries -= 1
            if not tries:
                break
            if is_bad(smaller):
                raw = smaller
                break
        else:
            size //= 2
    return raw


def _without(raw: bytes, size: int) -> Iterator[bytes]:
    return (raw[:at] + raw[at + size :] for at in range(0, len(raw), size))


def save(folder: Path, name: str, raw: bytes, envelope_from: str | None) -> Path:
    """Keep it where it can be replayed from."""
    folder.mkdir(parents=True, exist_ok=True)
    smaller = shrunk(raw, lambda one: bool(complaint(one, envelope_from)))
    (folder / f"{name}.small.eml").write_bytes(smaller)
    path = folder / f"{name}.eml"
    path.write_bytes(raw)
    return path
