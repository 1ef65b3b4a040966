"""Watches every IMAP mailbox of the policy: a thread for each, told by the server when mail comes (IDLE).

Where a server cannot tell, we look every half minute. While a thread waits it holds nothing in PostgreSQL.
"""

import contextlib
import logging
import os
import secrets
import select
import threading
import time
from collections.abc import Callable
from datetime import timedelta

from django.db import Error, connection
from procrastinate.exceptions import ConnectorException

from answerable.lib import clock
from answerable.mail.imap_folder import TROUBLE, Folder
from answerable.mail.imap_in import fail, look
from answerable.mail.models import Mailbox
from answerable.mail.queries import mailboxes

logger = logging.getLogger(__name__)

# Servers may hang up on who says nothing for 29 minutes (RFC 2177), and routers forget a connection sooner.
IDLE_SECONDS = 9 * 60.0
POLL_SECONDS = 30.0
# How soon a changed policy is noticed.
POLICY_SECONDS = 5.0
# After the first, second, … failure in a row.
BACK_OFF = (5.0, 15.0, 60.0, 300.0)
# A connection that served so long may end without a word: servers close them when they like.
STEADY_SECONDS = 60.0
DATABASE_SECONDS = 5.0
# The supervisor kills after 8 s.
LEAVE_SECONDS = 4.0
_random = secrets.SystemRandom()
_DATABASE = (Error, ConnectorException)

# What makes it another mailbox for a thread that has it open.
_SETTINGS = (
    "host", "port", "tls", "user", "auth", "password_variable", "token_url", "client_id", "client_secret_variable",
    "refresh_token_variable", "scope", "folder", "inbox", "after",
)  # fmt: skip


class Watch:
    """All of them. `start` and `stop` come from another thread."""

    def __init__(self, on_stored: Callable[[int], object]) -> None:
        self._on_stored = on_stored
        self._bell = Bell()
        self._watchers: dict[tuple[object, ...], Watcher] = {}
        self._thread = threading.Thread(target=self._run, name="mailboxes", daemon=True)

    def start(self) -> None:
        """Begin, and go on by itself."""
        self._thread.start()

    def stop(self) -> None:
        """Finish the message at hand and end. A thread that waits for a slow server dies with its process."""
        self._bell.ring()
        self._thread.join(LEAVE_SECONDS)

    def _run(self) -> None:
        while True:
            try:
                rows = list(mailboxes())
            except _DATABASE as error:
                logger.warning("IMAP: the database is away: %s", str(error).strip())
            else:
                self._follow(rows)
            connection.close()
            if self._bell.wait(POLICY_SECONDS):
                break
        self._follow([])

    def _follow(self, rows: list[Mailbox]) -> None:
        """A watcher for each mailbox as it is set up now."""
        wanted = {(row.pk, *(getattr(row, name) for name in _SETTINGS)): row for row in rows}
        gone = [self._watchers.pop(key) for key in self._watchers.keys() - wanted.keys()]
        for watcher in gone:
            watcher.bell.ring()
        for watcher in gone:
            watcher.join(LEAVE_SECONDS / 2)
        for key, row in wanted.items():
            if key not in self._watchers or not self._watchers[key].is_alive():
                self._watchers[key] = Watcher(row, self._on_stored)
                self._watchers[key].start()


class Watcher(threading.Thread):
    """One mailbox, for as long as its settings stay the same."""

    def __init__(self, mailbox: Mailbox, on_stored: Callable[[int], object]) -> None:
        super().__init__(name=f"mailbox {mailbox.name}", daemon=True)
        self._mailbox = mailbox
        self._on_stored = on_stored
        self._failures = 0
        self._opened: float | None = None
        self.bell = Bell()

    def run(self) -> None:
        """Until the bell rings."""
        seconds = 0.0
        while not self.bell.wait(seconds):
            try:
                with Folder(self._mailbox) as folder:
                    self._stay(folder)
                return
            except _DATABASE as error:
                logger.warning("IMAP mailbox %s: the database is away: %s", self._mailbox.name, str(error).strip())
                seconds = DATABASE_SECONDS
            except TROUBLE as error:
                seconds = self._failed(error)
            finally:
                connection.close()

    def _stay(self, folder: Folder) -> None:
        """Look, wait, look again, over one connection."""
        opened = time.monotonic()
        while True:
            looked = look(self._mailbox, folder, self._on_stored, clock.now())
            connection.close()
            self._failures, self._opened = 0, opened
            if not looked.more and not folder.can_idle and self.bell.wait(POLL_SECONDS):
                return
            if not looked.more and folder.can_idle:
                folder.wait(IDLE_SECONDS, self.bell.fileno())
            if self.bell.wait(0):
                return

    def _failed(self, error: Exception) -> float:
        """Write it down; seconds until the next try: ever more, and not the same for all mailboxes."""
        opened, self._opened = self._opened, None
        if opened is not None and time.monotonic() - opened > STEADY_SECONDS:
            logger.info("IMAP mailbox %s: connecting again after: %s", self._mailbox.name, error)
            return 0.0
        seconds = pause(self._failures)
        self._failures += 1
        now = clock.now()
        with contextlib.suppress(*_DATABASE):
            fail(self._mailbox, error, now, now + timedelta(seconds=seconds))
        return seconds


def pause(failures: int) -> float:
    """How long to wait after so many failures before this one."""
    return BACK_OFF[min(failures, len(BACK_OFF) - 1)] * _random.uniform(0.8, 1.2)


class Bell:
    """An event that can be waited for together with a connection."""

    def __init__(self) -> None:
        self._ear, self._hand = os.pipe()

    def fileno(self) -> int:
        """The file that can be read from once it rang."""
        return self._ear

    def ring(self) -> None:
        """For good."""
        os.write(self._hand, b"!")

    def wait(self, seconds: float) -> bool:
        """Whether it rings, now or within this time."""
        poll = select.poll()
        poll.register(self._ear, select.POLLIN)
        return bool(poll.poll(seconds * 1000))

    def __del__(self) -> None:
        for file in (self._ear, self._hand):
            os.close(file)
