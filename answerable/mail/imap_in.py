"""Mail that we fetch from an IMAP folder. A message counts as fetched once it is committed with its job and the cursor
(mail contract E-3, E-83); nothing in the folder is changed, so \\Seen and other readers do not matter."""

import contextlib
import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.db import connection
from imapclient.exceptions import LoginError

from answerable.mail.actions import (
    Arrival,
    CursorMoved,
    note_collection,
    set_aside,
    start_mailbox,
    store_collected,
)
from answerable.mail.imap_folder import TROUBLE, Folder, Found
from answerable.mail.models import Mailbox

logger = logging.getLogger(__name__)

MOST_SECONDS = 25.0
# So many in a row that cannot be read: whatever is behind them, something else is wrong.
MOST_UNREADABLE = 20
_BATCH = 50
_LOCK = int.from_bytes(b"imap", "big")


def fetch_new(mailbox: Mailbox, on_stored: Callable[[int], object], now: datetime) -> int:
    """Store what has come since last time, each message in a transaction of its own. Returns how many.

    A mailbox or server that fails is written down in the mailbox, and the others get their turn.
    """
    with _alone(mailbox) as alone:
        if not alone:
            return 0
        mailbox.refresh_from_db()
        collection = _Collection(mailbox, on_stored, now)
        try:
            collection.run()
            trouble = collection.unread()
        except CursorMoved:
            return collection.count
        except TROUBLE as error:
            trouble = _in_words(error, mailbox)
        if trouble:
            logger.warning("IMAP mailbox %s: %s", mailbox.name, trouble)
        note_collection(mailbox, now, trouble)
    return collection.count


@contextlib.contextmanager
def _alone(mailbox: Mailbox) -> Iterator[bool]:
    """Whether no other worker reads this mailbox while we do.

    A lock of the session, because a row lock would hold a transaction open for as long as a slow server takes. If the
    database's connection breaks, the lock is lost with it; then the cursor, moved only forwards, keeps readers apart.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, mailbox.pk])
        alone = bool(cursor.fetchone()[0])
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, mailbox.pk])


def _in_words(error: Exception, mailbox: Mailbox) -> str:
    if isinstance(error, LoginError):
        return f"{mailbox.host} refuses the log-in of {mailbox.user}: {error}"
    if isinstance(error, OSError):
        return f"{mailbox.host}:{mailbox.port} cannot be reached: {error.strerror or error}"
    return f"{mailbox.host}: {error}"


class _Collection:
    """One look into one mailbox."""

    def __init__(self, mailbox: Mailbox, on_stored: Callable[[int], object], now: datetime) -> None:
        self._mailbox = mailbox
        self._on_stored = on_stored
        self._now = now
        self._unreadable: list[Found] = []
        self.count = 0

    def run(self) -> None:
        end = time.monotonic() + MOST_SECONDS
        with Folder(self._mailbox) as folder:
            uids = self._waiting(folder)
            for start in range(0, len(uids), _BATCH):
                for found in folder.read(uids[start : start + _BATCH]):
                    self._take(found)
                    if time.monotonic() > end:
                        return  # a job is short; the next look goes on here

    def unread(self) -> str:
        """What still stands at the end of the folder because nobody could read it; empty: nothing."""
        return self._unreadable[-1].trace if self._unreadable else ""

    def _waiting(self, folder: Folder) -> list[int]:
        mailbox = self._mailbox
        if mailbox.uid_validity is None:
            # Older mail comes in only by import: or connecting a full mailbox would answer everybody in it.
            start_mailbox(mailbox, folder.uid_validity, folder.next_uid())
        elif mailbox.uid_validity != folder.uid_validity:
            logger.warning("IMAP mailbox %s was numbered anew: everything in it is read again", mailbox.name)
            start_mailbox(mailbox, folder.uid_validity, 1)
        assert mailbox.next_uid is not None
        return folder.uids(mailbox.next_uid)

    def _take(self, found: Found) -> None:
        """A message that cannot be read is set aside only when one behind it could: else it is the server that ails."""
        if found.reason == "error":
            self._unreadable.append(found)
            if len(self._unreadable) > MOST_UNREADABLE:
                raise ValueError(found.trace)
            return
        for broken in self._unreadable:
            set_aside(broken.raw, self._arrival(broken), broken.reason, broken.trace)
        self._unreadable.clear()
        if found.reason:
            set_aside(found.raw, self._arrival(found), found.reason, found.trace)
        else:
            store_collected(found.raw, self._arrival(found), self._on_stored)
        self.count += 1

    def _arrival(self, found: Found) -> Arrival:
        return Arrival(
            inbox=self._mailbox.inbox,
            source="imap",
            received_at=self._now,
            mailbox=self._mailbox,
            uid_validity=self._mailbox.uid_validity,
            uid=found.uid,
        )
