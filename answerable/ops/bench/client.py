"""A lean HTTP/1.1 client that measures, in a process of its own so that it shares no interpreter with anybody.

`python -m answerable.ops.bench.client JOB.json` writes one JSON object to standard output. A job names the port, how
many connections to keep busy, for how many turns or seconds, and the turns: lists of raw requests timed as one.
"""

import contextlib
import json
import selectors
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

_CHUNK = 1 << 18
_QUERIES = b"x-answerable-queries: "
Turn = Sequence[bytes]


@dataclass
class Tally:
    """What came back: milliseconds and queries of each turn, and how often each status."""

    ms: list[float] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    queries: list[int] = field(default_factory=list)

    def count(self, head: bytes) -> int:
        """Note one answer's head and return its status."""
        status = head[9:12].decode()
        self.statuses[status] = self.statuses.get(status, 0) + 1
        return int(_header(head, _QUERIES) or 0)


class Connection:
    """One kept-alive connection at work on one turn after the other."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._left: list[bytes] = []
        self._queries = 0
        self._began = 0.0
        self._got = bytearray()

    def begin(self, turn: Turn) -> None:
        """Send the first request of a turn."""
        self._left = list(turn)
        self._queries = 0
        self._began = time.perf_counter()
        self._send()

    def _send(self) -> None:
        self._got.clear()
        self.socket.sendall(self._left.pop(0))

    def read(self, tally: Tally) -> bool:
        """Take what has arrived; True when the turn is complete."""
        data = self.socket.recv(_CHUNK)
        if not data:
            raise ConnectionError("the server hung up")
        self._got += data
        end = self._got.find(b"\r\n\r\n")
        if end < 0:
            return False
        head = bytes(self._got[:end]).lower()
        if len(self._got) < end + 4 + int(_header(head, b"content-length: ") or 0):
            return False
        self._queries += tally.count(head)
        if self._left:
            self._send()
            return False
        tally.ms.append((time.perf_counter() - self._began) * 1000)
        tally.queries.append(self._queries)
        return True


def _header(head: bytes, name: bytes) -> bytes:
    """The value of a header in a head of small letters; chunked answers are not what we serve."""
    start = head.find(b"\r\n" + name)
    if start < 0:
        return b""
    start += 2 + len(name)
    end = head.find(b"\r\n", start)
    return head[start:] if end < 0 else head[start:end]


class Work:
    """The turns to do, one after the other and round again, until enough are begun or the time is up."""

    def __init__(self, turns: Sequence[Turn], count: int, seconds: float) -> None:
        self._turns = turns
        self._count = count
        self._stop = time.perf_counter() + seconds if seconds else float("inf")
        self._begun = 0

    def begin(self, connection: Connection) -> bool:
        """Give the connection its next turn; False when there is none."""
        if time.perf_counter() >= self._stop or (self._count and self._begun >= self._count):
            return False
        connection.begin(self._turns[self._begun % len(self._turns)])
        self._begun += 1
        return True


def measure(port: int, work: Work, clients: int) -> Tally:
    """Keep so many connections busy. One alone needs no selector."""
    tally = Tally()
    with contextlib.ExitStack() as stack:
        connections = [Connection(port) for _ in range(clients)]
        for connection in connections:
            stack.enter_context(connection.socket)
        if clients > 1:
            _crowd(connections, work, tally)
        else:
            _alone(connections[0], work, tally)
    return tally


def _alone(connection: Connection, work: Work, tally: Tally) -> None:
    while work.begin(connection):
        while not connection.read(tally):
            pass


def _crowd(connections: Sequence[Connection], work: Work, tally: Tally) -> None:
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            if work.begin(connection):
                selector.register(connection.socket, selectors.EVENT_READ, connection)
        while selector.get_map():
            for key, _events in selector.select():
                if key.data.read(tally) and not work.begin(key.data):
                    selector.unregister(key.fileobj)


def main(job_file: str) -> None:
    """Do the job and say what came of it."""
    job = json.loads(Path(job_file).read_text())
    turns = [[request.encode("latin-1") for request in turn] for turn in job["turns"]]
    began = time.perf_counter()
    tally = measure(job["port"], Work(turns, job["count"], job["seconds"]), job["clients"])
    spent = time.perf_counter() - began
    found = {"ms": tally.ms, "seconds": spent, "statuses": tally.statuses, "queries": tally.queries}
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
