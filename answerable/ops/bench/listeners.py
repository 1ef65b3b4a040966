"""Many browsers that listen to `/live`, in a process of its own: notes when each heard of each event.

`python -m answerable.ops.bench.listeners JOB.json`: a job names the port and the token of each listener. It says
"ready" once all are open, and when it is asked to end, one JSON list: of each listener, [event, seconds] pairs.
"""

import contextlib
import json
import re
import selectors
import signal
import socket
import sys
import time
from bisect import bisect_left
from pathlib import Path

_CHUNK = 1 << 16
_PATIENCE = 30.0
# What a page would read off an event: whose stream it was, which ticket, and in which version.
_EVENT = re.compile(rb'data: \{"s":"desk","k":"ticket","id":(\d+),"v":(\d+)\}\n\n')


class Listener:
    """One open stream, and all that came over it with when it came."""

    def __init__(self, port: int, token: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
        self.socket.sendall(f"GET /live?t={token} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        self._got = bytearray()
        self._ends: list[int] = []
        self._times: list[float] = []

    def open(self) -> None:
        """Wait for the head of the answer. Raises ConnectionError for any but a stream."""
        while b"retry:" not in self._got:
            if not self.read():
                raise ConnectionError(f"a listener was turned away: {bytes(self._got[:200])!r}")
        self.socket.setblocking(False)

    def read(self) -> bool:
        """Take what has arrived; False where the server has hung up."""
        data = self.socket.recv(_CHUNK)
        now = time.time()
        self.add(data, now)
        return bool(data)

    def add(self, data: bytes, now: float) -> None:
        """This came now."""
        self._got += data
        self._ends.append(len(self._got))
        self._times.append(now)

    def heard(self) -> list[tuple[str, float]]:
        """Each event, and when its last byte was there. What the server's chunks put between two is passed over."""
        text = bytes(self._got)
        return [
            (f"{match[1].decode()}:{match[2].decode()}", self._times[bisect_left(self._ends, match.end())])
            for match in _EVENT.finditer(text)
        ]


def listen(listeners: list[Listener]) -> None:
    """Read from all of them until we are interrupted."""
    with selectors.DefaultSelector() as selector:
        for listener in listeners:
            selector.register(listener.socket, selectors.EVENT_READ, listener)
        while True:
            for key, _events in selector.select():
                if not key.data.read():
                    selector.unregister(key.fileobj)


def main(job_file: str) -> None:
    """Do the job and say what was heard."""
    job = json.loads(Path(job_file).read_text())
    listeners = [Listener(job["port"], token) for token in job["tokens"]]
    for listener in listeners:
        listener.open()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        listen(listeners)
    json.dump([listener.heard() for listener in listeners], sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
