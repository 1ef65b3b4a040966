"""Measures live pages: 200 browsers listen while customers send 20 replies a second through the same web process.

The moment of a commit is when a plain connection to PostgreSQL hears of it: that one listens in this process, which
does little else. From there to the last byte of the event in each browser's hands is what counts.
"""

import json
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from django.conf import settings

from answerable.lib.errors import Refused
from answerable.live.access import sign
from answerable.live.actions import CHANNEL
from answerable.live.pump import connection_parameters
from answerable.ops.bench import crew
from answerable.ops.bench.client import Connection, Tally
from answerable.ops.bench.stage import log_in
from answerable.ops.processes import Program, start
from answerable.people.models import Person, Role
from answerable.tickets.models import OPEN_STATUSES, Ticket

LISTENERS, RATE, SECONDS = 200, 20, 15
# Connections that post: no answer takes so long that these fall behind.
POSTERS = 8
_SECRET = "b" * 32
_AFTERWARDS = 3.0
Say = Callable[[str], None]
Process = subprocess.Popen[bytes]


def measure(at_work: crew.Crew, say: Say) -> dict[str, Any]:
    """From commit to each listener, in milliseconds; events that did not arrive; and what the web process held."""
    posts = [request.encode() for request in _posts()]
    say(f"live: {LISTENERS} listeners, {RATE} replies a second for {SECONDS} s")
    committed: dict[str, float] = {}
    with _listeners() as heard, _commits(committed):
        _post(posts[:RATE])  # what is made once is made now, and not counted
        time_to_settle = threading.Event()
        time_to_settle.wait(_AFTERWARDS)
        committed.clear()
        seconds = _post(posts[RATE:])
        time_to_settle.wait(_AFTERWARDS)
        memory = crew.memory_mb(at_work)["web"]
        found = _figures(committed, heard(), seconds)
    return found | {"web_mb": memory}


def _figures(committed: dict[str, float], heard: Sequence[Any], seconds: float) -> dict[str, Any]:
    """`missing`: of all events that all listeners should have heard."""
    late = sorted(1000 * (at - committed[event]) for listener in heard for event, at in listener if event in committed)
    if not late:
        raise Refused("bench_failed", f"{crew.last_words()}\nno listener heard anything")
    return {
        "listeners": len(heard),
        "replies": len(committed),
        "replies_per_s": round(len(committed) / seconds, 1),
        "p50_ms": round(statistics.median(late), 1),
        "p99_ms": round(late[min(len(late) - 1, int(len(late) * 0.99))], 1),
        "max_ms": round(late[-1], 1),
        "missing": len(committed) * len(heard) - len(late),
    }


def _posts() -> Iterator[str]:
    """A reply on another request each time, by whoever asked it."""
    count = RATE * (SECONDS + 1)
    tickets = list(Ticket.objects.filter(status__in=OPEN_STATUSES).select_related("requester").order_by("-id")[:count])
    if len(tickets) < count:
        raise Refused("bench_failed", f"{count} open requests are needed, and there are {len(tickets)}: --tickets")
    keys = {ticket.requester_id: log_in(ticket.requester) for ticket in tickets}
    for ticket in tickets:
        body = urlencode({"csrfmiddlewaretoken": _SECRET, "text": "It has happened again this morning."})
        yield (
            f"POST /requests/{ticket.number}/reply HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: csrftoken={_SECRET}; sessionid={keys[ticket.requester_id]}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
        )


def _post(posts: Sequence[bytes]) -> float:
    """Send each at its time, and return how long it took. Whoever is answered late does not hold up the others."""
    began, tally = time.monotonic(), Tally()
    threads = [threading.Thread(target=_post_some, args=(posts, turn, began, tally)) for turn in range(POSTERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if set(tally.statuses) != {"302"}:
        raise Refused("bench_failed", f"{crew.last_words()}\nreplies were answered with {tally.statuses}")
    return time.monotonic() - began


def _post_some(posts: Sequence[bytes], turn: int, began: float, tally: Tally) -> None:
    connection, pause = Connection(settings.WEB_PORT), threading.Event()
    with connection.socket:
        for number in range(turn, len(posts), POSTERS):
            pause.wait(max(0.0, began + number / RATE - time.monotonic()))
            connection.begin([posts[number]])
            while not connection.read(tally):
                pass


@contextmanager
def _listeners() -> Iterator[Callable[[], Any]]:
    """All of them, open: the agents, each with as many browsers as it takes. Called, it gives what they heard."""
    staff = list(Person.objects.exclude(role=Role.CUSTOMER).order_by("id"))
    some = (staff[n % len(staff)] for n in range(LISTENERS))
    tokens = [sign(["desk", f"person:{person.pk}:staff"], person.pk) for person in some]
    job, told = settings.DATA / "listeners.json", settings.DATA / "listeners.out"
    job.write_text(json.dumps({"port": settings.WEB_PORT, "tokens": tokens}))
    command = (sys.executable, "-m", "answerable.ops.bench.listeners", str(job))
    with told.open("wb") as out:
        process = start(Program("listeners", command), out)
    try:
        _until_ready(process, told)
        yield lambda: _heard(process, told)
    finally:
        process.kill()
        process.wait()


def _until_ready(process: Process, told: Path) -> None:
    pause = threading.Event()
    while not told.read_text().startswith("ready"):
        if process.poll() is not None:
            raise Refused("bench_failed", f"{crew.last_words()}\n{told.read_text()[-1000:]}")
        pause.wait(0.05)


def _heard(process: Process, told: Path) -> Any:
    process.terminate()
    process.wait(60)
    return json.loads(told.read_text().partition("\n")[2])


@contextmanager
def _commits(committed: dict[str, float]) -> Iterator[None]:
    """When the server told of each event."""
    with psycopg.connect(**connection_parameters(settings.DATABASES["default"]), autocommit=True) as plain:
        plain.execute(f"LISTEN {CHANNEL}")
        is_over = threading.Event()
        thread = threading.Thread(target=_note, args=(plain, committed, is_over), daemon=True)
        thread.start()
        try:
            yield
        finally:
            is_over.set()
            thread.join()


def _note(plain: "psycopg.Connection[Any]", committed: dict[str, float], is_over: threading.Event) -> None:
    while not is_over.is_set():
        for told in plain.notifies(timeout=0.2, stop_after=1):
            at, event = time.time(), json.loads(told.payload)
            if (event["s"], event["k"]) == ("desk", "ticket"):
                committed[f"{event['id']}:{event['v']}"] = at
