"""Three workers, of which one dies while a webhook takes a page and one while the relay takes a mail: each page is one row,
is delivered at least once, and a repeat bears the same id."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiosmtpd.controller import Controller

from answerable.lib.tests.test_http import Says, server
from tests.driven import ROOT, Driven, driven
from tests.marked_worker import HOST
from tests.running import free_port, wait_for
from tests.test_deliveries import A

__all__ = ["server"]

pytestmark = pytest.mark.django_db(transaction=True)

REAL = socket.getaddrinfo
ALERTS = 6
ROWS = "SELECT alert_id, turn, number, person_id, way, count(*) FROM escalation_page GROUP BY 1, 2, 3, 4, 5"
STATES = "SELECT left(way, 7), state, count(*) FROM escalation_page GROUP BY 1, 2 ORDER BY 1"
DEAD = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"


class Deadly:
    """Takes what is handed to it, and kills the first one to do so before that can hear that it was taken."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.killed = 0

    def take(self, what: str, pid: int) -> bool:
        """Whether whoever brought it is still there."""
        self.taken.append(what)
        if self.killed:
            return True
        self.killed = pid
        os.kill(pid, signal.SIGKILL)
        return False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        pid = session.host_name.removeprefix("worker-").removesuffix(".test")
        self.take(str(message_from_bytes(envelope.content)["Message-ID"]), int(pid))
        return "250 taken"


@pytest.fixture
def hook(server: tuple[int, str], monkeypatch: pytest.MonkeyPatch) -> Deadly:
    """What the webhook took."""
    found = Deadly()

    def take(self: Says) -> None:
        said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        assert said["id"] == self.headers["Idempotency-Key"]
        if found.take(said["id"], int(self.headers["X-Worker"])):
            self.send_response(200)
            self.end_headers()

    monkeypatch.setattr(Says, "do_POST", take, raising=False)
    # Only the workers look for it.
    monkeypatch.setattr(socket, "getaddrinfo", REAL)
    return found


@pytest.mark.behaviour("B-366")
def test_each_page_is_one_row_and_a_repeat_bears_its_id_with_three_workers_and_one_killed(
    tmp_path: Path, server: tuple[int, str], hook: Deadly
) -> None:
    port, certificate = server
    relay = Deadly()
    with ExitStack() as stack:
        url = stack.enter_context(serving(relay))
        one = stack.enter_context(driven(A, tmp_path, EMAIL_URL=url, ANSWERABLE_WORKER_CONCURRENCY="1"))
        one.do("alarms", count=ALERTS, webhook=f"https://{HOST}:{port}/")
        for _ in range(3):
            stack.enter_context(worker(one, certificate))
        wait_for(lambda: relay.killed and hook.killed, 30, "nobody paged")
        database = stack.enter_context(psycopg.connect(one.environment["DATABASE_URL"], autocommit=True))
        database.execute(DEAD)
        one.do("put_back")
        done = [("channel", "sent", ALERTS), ("mail", "sent", ALERTS)]
        wait_for(lambda: database.execute(STATES).fetchall() == done, 40, "not all of them left")
        rows = database.execute(ROWS).fetchall()
    assert len(rows) == 2 * ALERTS
    assert {row[-1] for row in rows} == {1}
    for way in (relay, hook):
        assert sorted(Counter(way.taken).values()) == [1] * (ALERTS - 1) + [2]
        assert Counter(way.taken)[way.taken[0]] == 2
    assert relay.killed != hook.killed


@contextmanager
def serving(relay: Deadly) -> Iterator[str]:
    controller = Controller(relay, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{controller.port}"
    finally:
        controller.stop()


@contextmanager
def worker(one: Driven, certificate: str) -> Iterator[None]:
    command = [sys.executable, "-W", "ignore", "-m", "tests.marked_worker", certificate]
    with subprocess.Popen(command, cwd=ROOT, env=one.environment, stdout=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.kill()
