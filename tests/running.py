"""A whole instance as its users meet it: `answerable up` in a folder of its own, and a mail server that takes what leaves."""

import json
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from typing import Any, TypeVar

import httpx
import psycopg
from aiosmtpd.controller import Controller

from answerable.ops import postgres
from answerable.ops.postgres import Cluster
from tests import tables

ROOT = Path(__file__).parent.parent
T = TypeVar("T")


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for(what: Callable[[], T], seconds: float = 20, why: str = "") -> T:
    """The first true value of `what`; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        if found := what():
            return found
        assert time.monotonic() < end, why or f"{what} did not come true within {seconds} s"
        Event().wait(0.05)


@dataclass
class Sink:
    """The customers' mail server."""

    mails: list[Message] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.mails.append(message_from_bytes(envelope.content))
        return "250 taken"

    def to(self, address: str) -> list[Message]:
        """What reached this person."""
        return [mail for mail in self.mails if address in str(mail["To"])]


@contextmanager
def sink() -> Iterator[tuple[Sink, int]]:
    """The mail server with its port."""
    taken = Sink()
    controller = Controller(taken, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield taken, controller.port
    finally:
        controller.stop()


@dataclass
class Instance:
    """One running installation."""

    data: Path
    web: int
    smtp: int
    process: subprocess.Popen[bytes] | None = None
    email_url: str = ""
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    def environment(self) -> dict[str, str]:
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("ANSWERABLE_", "PG", "COV_", "PYTEST_"))}
        clean.pop("DATABASE_URL", None)
        return clean | {
            "ANSWERABLE_DATA": str(self.data),
            "ANSWERABLE_PORT": str(self.web),
            "ANSWERABLE_SMTP_PORT": str(self.smtp),
            "EMAIL_URL": self.email_url,
            "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests",
        }

    def lay_tables(self) -> None:
        """Have the tables before the first start, which takes most of its time for them."""
        self.data.mkdir(parents=True)
        self.data.chmod(0o755)
        with postgres.running(self.data, **tables.FAST) as cluster:
            tables.lay(cluster)

    def start(self, *options: str) -> float:
        """Up and answering; returns the seconds it took."""
        began = time.monotonic()
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o755)
        command = [sys.executable, "-m", "answerable", "up", *options]
        with (self.data / "up.log").open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment(), stdout=log, stderr=log)
        wait_for(self.is_ready, 60, f"not ready; see {self.data / 'up.log'}")
        return time.monotonic() - began

    def is_ready(self) -> bool:
        assert self.process is None or self.process.poll() is None, (self.data / "up.log").read_text()[-4000:]
        if not self.serves_pages():
            return False
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp, timeout=2) as smtp:
                return smtp.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    def serves_pages(self) -> bool:
        """Not asked by httpx, which reads the machine's certificates each time, while a start is measured."""
        try:
            with closing(HTTPConnection("127.0.0.1", self.web, timeout=2)) as web:
                web.request("GET", "/readyz")
                return web.getresponse().status == 200
        except (HTTPException, OSError):
            return False

    def stop(self) -> int:
        """Ctrl-C; the exit code."""
        assert self.process is not None
        for client in self.clients:
            client.close()
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(30)

    def pid_of(self, name: str) -> int | None:
        """The process that the supervisor runs under this name now."""
        programs = json.loads((self.data / "supervisor.json").read_text())["programs"]
        pid = programs.get(name, {}).get("pid")
        return int(pid) if pid else None

    def does_jobs(self) -> bool:
        """Its workers come once it serves, so that they take nothing from what somebody waits for."""
        return self.query("SELECT EXISTS (SELECT FROM procrastinate_workers)") == [(True,)]

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Straight from its database."""
        with psycopg.connect(Cluster.of(self.data).dsn()) as connection:
            return connection.execute(sql, values).fetchall()

    def send(self, raw: bytes, sender: str, to: str = "support@acme.example") -> None:
        """Hand a message to its intake, as a mail server does."""
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=10) as smtp:
            smtp.sendmail(sender, [to], raw)

    def log_in(self, email: str, password: str = "answerable-demo") -> httpx.Client:
        """A browser's session without the browser."""
        client = httpx.Client(base_url=self.url, follow_redirects=True, timeout=20, verify=False)  # there is no TLS
        self.clients.append(client)
        client.get("/accounts/login/")
        answer = self.post(client, "/accounts/login/", login=email, password=password)
        assert "sessionid" in client.cookies, answer.text[:2000]
        return client

    def post(self, client: httpx.Client, path: str, **data: str) -> httpx.Response:
        """A form as a page sends it."""
        return client.post(path, data=data | {"csrfmiddlewaretoken": token_of(client)}, headers={"Referer": self.url})


def token_of(client: httpx.Client) -> str:
    """The CSRF token of the session's cookie."""
    return client.cookies["csrftoken"]


def mail(sender: str, subject: str, text: str, to: str = "support@acme.example", **headers: str) -> bytes:
    """A plain message as a mail program writes it."""
    lines = [f"From: {sender}", f"To: {to}", f"Subject: {subject}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return (
        "\r\n".join([*lines, "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8", "", text, ""])
    ).encode()


def text_of(message: Message) -> str:
    """The plain words of a message."""
    part = next(part for part in message.walk() if part.get_content_type() == "text/plain")
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()
