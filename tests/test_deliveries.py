"""On the way out, with nothing replaced: two installations that answer each other stop, and a worker may die at any line."""

import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

from tests.driven import ROOT, Driven, driven
from tests.running import free_port, mail, wait_for

A, B = "a.test", "b.test"


# Then there is a database to copy; this process does not use it.
pytestmark = pytest.mark.django_db(transaction=True)


def whole(raw: bytes) -> bytes:
    return raw


def without_marks(raw: bytes) -> bytes:
    """A gateway that takes off what says that a machine wrote it."""
    return re.sub(rb"(?m)^(Auto-Submitted|X-Auto-Response-Suppress|X-Answerable-Instance):.*\r\n", b"", raw)


def without_anything(raw: bytes) -> bytes:
    """One that takes off everything by which a message is known."""
    bare = re.sub(rb"(?m)^(In-Reply-To|References|Reply-To):.*\r\n(?:[ \t].*\r\n)*", b"", without_marks(raw))
    return re.sub(rb" \[#\d+\]", b"", bare)


@pytest.mark.behaviour("B-198")
def test_two_installations_that_answer_each_other_stop(tmp_path: Path) -> None:
    """E-44 to E-47, E-91, E-94 to E-96. An answer to the other's support address opens a request there, whose
    acknowledgement comes back, and that is all. Without any mark the acknowledgements an hour are what stops them."""
    with ExitStack() as stack:
        both = {domain: stack.enter_context(driven(domain, tmp_path)) for domain in (A, B)}
        counts = []
        for gateway in (whole, without_marks, without_anything):
            first = mail(f"support@{B}", gateway.__name__, "Do you take this?", f"support@{A}")
            assert both[A].take(first, f"support@{B}") == "new"
            both[A].do("answer", text="We look.")
            counts.append(len(exchange(both, gateway)))
        assert counts[:2] == [3, 3]
        # The acknowledgement, the answer, and what is left of five acknowledgements an hour on either side.
        assert 3 <= counts[2] <= 9
        # Nobody is deaf now: a person is heard.
        later = mail("elin@norrland.test", "Another matter", "Hello.", f"support@{B}")
        assert both[B].take(later, "elin@norrland.test") == "new"
        assert [to for _, to, _ in both[B].sent()] == ["elin@norrland.test"]


def exchange(both: dict[str, Driven], gateway: Callable[[bytes], bytes]) -> list[tuple[str, str]]:
    """Carry mail between them until nothing moves: to whom, and what became of it there."""
    moved: list[tuple[str, str]] = []
    while found := [one for each in both.values() for one in each.sent()]:
        for path, to, raw in found:
            assert len(moved) < 40, moved
            through = gateway(raw)
            # Where the marks are lost, the empty sender is too.
            sender = path if through == raw else str(message_from_bytes(raw)["From"]).partition("<")[2].rstrip(">")
            moved.append((to, both[to.rpartition("@")[2]].take(through, sender)))
    return moved


class Stopping:
    """A relay that takes a message, and stops the worker before it can hear that it did."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.victim: int | None = None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.taken.append(str(message_from_bytes(envelope.content)["Message-ID"]))
        if self.victim is not None:
            os.kill(self.victim, signal.SIGSTOP)
            self.victim = None
        return "250 taken"


@pytest.mark.behaviour("B-199")
def test_a_worker_that_dies_before_its_commit_sends_the_same_message_again(tmp_path: Path) -> None:
    """E-88, E-93: killed between the relay's 250 and our commit. That mail goes out twice under one Message-ID, which
    mail programs show once; every other one goes once."""
    relay = Stopping()
    controller = Controller(relay, hostname="127.0.0.1", port=free_port())
    controller.start()
    url = f"smtp://127.0.0.1:{controller.port}"
    with driven(A, tmp_path, EMAIL_URL=url, ANSWERABLE_WORKER_CONCURRENCY="1") as one:
        one.do("open_and_answer")
        try:
            with worker(one) as victim:
                relay.victim = victim.pid
                wait_for(lambda: relay.taken and relay.victim is None)
                victim.kill()
                victim.wait()
            with psycopg.connect(one.environment["DATABASE_URL"], autocommit=True) as database:
                states = "SELECT state FROM notify_delivery"
                assert Counter(database.execute(states).fetchall()) == {("queued",): 3}
                database.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
                one.do("put_back")
                with worker(one) as second:
                    wait_for(lambda: Counter(database.execute(states).fetchall()) == {("sent",): 3})
                    second.terminate()
                    second.wait(20)
        finally:
            controller.stop()
    first, *_ = relay.taken
    assert Counter(relay.taken).pop(first) == 2
    assert sorted(Counter(relay.taken).values()) == [1, 1, 2]


def worker(one: Driven) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-W", "ignore", "-m", "answerable", "worker"]
    return subprocess.Popen(
        command, cwd=ROOT, env=one.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
