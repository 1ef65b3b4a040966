"""Measures mail: from the first connection until the last of the messages is a committed ticket."""

import email
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from threading import Event

import psycopg
from django.conf import settings
from django.db import connection

from answerable.lib.errors import Refused
from answerable.notify.models import Delivery
from answerable.ops.bench.messages import message
from answerable.ops.processes import Program, start
from answerable.people.queries import vendor

MESSAGES = 500
CONNECTIONS = 4
ROUNDS = 3
_PATIENCE = 300.0
_TICK = 0.02


def measure(say: Callable[[str], None]) -> dict[str, float]:
    """Messages a second, the floor's, and how many times slower than it we are: medians of rounds in turn."""
    mails, floors = [], []
    _send(0, 40)
    for number in range(ROUNDS):
        say(f"intake: round {number + 1} of {ROUNDS}")
        first = 1000 * (number + 1)
        _until_quiet()
        floors.append(MESSAGES / _floor([message(first + n, vendor().support_address) for n in range(MESSAGES)]))
        mails.append(MESSAGES / _send(first, MESSAGES))
    ours, floor = statistics.median(mails), statistics.median(floors)
    return {
        "messages_per_s": round(ours, 1),
        "floor_per_s": round(floor, 1),
        "x_floor": round(floor / ours, 2),
    }


def _send(first: int, count: int) -> float:
    """Seconds from the sender's beginning until the last ticket can be seen, to within a tick."""
    before = _last_ticket()
    words = [str(word) for word in (settings.SMTP_PORT, vendor().support_address, first, count, CONNECTIONS)]
    told = settings.DATA / "sender.out"
    with told.open("wb") as out:
        process = start(Program("sender", (sys.executable, "-m", "answerable.ops.bench.sender", *words)), out)
        ended = _until_tickets(before, count)
        process.wait()
    if process.returncode:
        raise Refused("bench_failed", f"the sender failed: {told.read_text()[-1000:]}")
    return ended - float(told.read_text())


def _last_ticket() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM tickets_ticket")
        return int((cursor.fetchone() or [0])[0])


def _until_tickets(before: int, count: int) -> float:
    pause, stop = Event(), time.time() + _PATIENCE
    found = 0
    while time.time() < stop:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM tickets_ticket WHERE id > %s", [before])
            found = int((cursor.fetchone() or [0])[0])
        if found >= count:
            return time.time()
        pause.wait(_TICK)
    raise Refused("bench_failed", f"only {found} of {count} messages became tickets in {_PATIENCE:.0f} s")


def _until_quiet() -> None:
    """The acknowledgements of the round before have left."""
    pause, stop = Event(), time.time() + _PATIENCE
    while Delivery.objects.filter(state="queued").exists() and time.time() < stop:
        pause.wait(0.2)


_FLOOR = """
CREATE TABLE IF NOT EXISTS floor_raw (id bigserial PRIMARY KEY, body bytea);
CREATE TABLE IF NOT EXISTS floor_ticket (id bigserial PRIMARY KEY, subject text, sender text);
CREATE TABLE IF NOT EXISTS floor_reply (id bigserial PRIMARY KEY, message_id text, body text);
CREATE TABLE IF NOT EXISTS floor_event (id bigserial PRIMARY KEY, kind text, at timestamptz DEFAULT now());
"""


def _floor(mails: Sequence[bytes]) -> float:
    """The seconds in which plain Python parses the same messages and stores four rows for each, durably."""
    with psycopg.connect(os.environ["DATABASE_URL"]) as plain:
        plain.execute(_FLOOR)
        plain.commit()
        began = time.perf_counter()
        for raw in mails:
            parsed = email.message_from_bytes(raw)
            payload = parsed.get_payload(decode=True)
            assert isinstance(payload, bytes)
            plain.execute("INSERT INTO floor_raw (body) VALUES (%s)", [raw])
            plain.execute(
                "INSERT INTO floor_ticket (subject, sender) VALUES (%s, %s)", [parsed["Subject"], parsed["From"]]
            )
            plain.execute(
                "INSERT INTO floor_reply (message_id, body) VALUES (%s, %s)", [parsed["Message-ID"], payload.decode()]
            )
            plain.execute("INSERT INTO floor_event (kind) VALUES (%s)", ["opened"])
            plain.commit()
        return time.perf_counter() - began
