"""The SMTP intake on a free port, in a thread of its own, for the tests."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Self

from answerable.mail.smtp_in import Intake, Rules, serve

# This machine is a relay, so nothing is limited.
BUSY = Rules(relays=(ip_network("127.0.0.0/8"),))


@dataclass
class Listening:
    """A running intake. `stop` asks it to leave, as SIGTERM does."""

    port: int
    intake: Intake
    stop: Callable[[], object]
    thread: threading.Thread


@contextlib.contextmanager
def listening(on_stored: Callable[[int], object], rules: Rules | None = None) -> Iterator[Listening]:
    """Take mail until the end of the block."""
    ready = threading.Event()
    running: list[Listening] = []

    async def main() -> None:
        loop, stop = asyncio.get_running_loop(), asyncio.Event()
        intake = Intake(on_stored, rules or BUSY)

        def on_ready(port: int) -> None:
            running.append(Listening(port, intake, lambda: loop.call_soon_threadsafe(stop.set), thread))
            ready.set()

        await serve("127.0.0.1", 0, intake, stop, on_ready)

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert ready.wait(10)
    try:
        yield running[0]
    finally:
        if thread.is_alive():
            running[0].stop()
        thread.join(10)
        assert not thread.is_alive()


class Talk:
    """A caller that says exactly what it is told to, byte for byte, where smtplib would help."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=10)
        self._lines = self.socket.makefile("rb")
        self.greeting = self.answer()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._lines.close()
        self.socket.close()

    def send(self, raw: bytes) -> None:
        self.socket.sendall(raw)

    def answer(self) -> str:
        """The last line of the next answer; empty when the other side has hung up."""
        while True:
            line = self._lines.readline().decode()
            if line[3:4] != "-":
                return line.rstrip()

    def say(self, command: bytes) -> str:
        self.send(command + b"\r\n")
        return self.answer()

    def begin(self, recipient: bytes = b"support@vendor.test") -> None:
        """Everything before the message itself."""
        assert self.say(b"EHLO test").startswith("250")
        assert self.say(b"MAIL FROM:<elin@norrland.test>").startswith("250")
        assert self.say(b"RCPT TO:<" + recipient + b">").startswith("250")
        assert self.say(b"DATA").startswith("354")
