"""Runs the small site under Granian, and talks to it over bare sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

from django.conf import settings

MB = 1 << 20


@dataclass
class Server:
    """A running site."""

    port: int
    files: Path
    process: "subprocess.Popen[bytes]"
    log: Path

    def ask(
        self, path: str, method: str = "GET", body: Any = None, headers: dict[str, str] | None = None
    ) -> tuple[HTTPResponse, bytes]:
        """One request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response, response.read()
        finally:
            connection.close()

    def open(self, text: str) -> socket.socket:
        """A bare connection on which the text has been sent."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection.sendall(text.encode())
        return connection

    def streams(self) -> int:
        """How many streams are open."""
        return int(self.ask("/streams")[1])

    def runs(self) -> list[str]:
        """Every path that took the thread so far."""
        return list(json.loads(self.ask("/runs")[1]))

    def stop(self) -> float:
        """Asks it to stop; the seconds that it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        return time.monotonic() - started


@contextmanager
def serving(folder: Path, **changes: Any) -> Iterator[Server]:
    """The small site in a process of its own."""
    files = folder / "files"
    files.mkdir(exist_ok=True)
    port = changes.get("port") or _free_port()
    setup = {
        "files": str(files),
        "secret": settings.SECRET_KEY,
        "database": changes.get("database", {"host": str(folder)}),
        "pump": changes.get("pump", {}),
        "limits": {"body_bytes": 60 * MB, **changes.get("limits", {})},
    }
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--http", "1", "--no-ws", "--workers-kill-timeout", "10"]
    command += [changes.get("target", "answerable.config.tests.small:application")]
    log = folder / "server.log"
    with log.open("ab") as out:
        environment = {**os.environ, "SMALL_SITE": json.dumps(setup), **changes.get("environment", {})}
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=out)
    server = Server(port, files, process, log)
    try:
        _wait_until_up(server)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(server: Server) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if server.ask("/healthz")[0].status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(server.log.read_text())
