"""Mail that we fetch from an IMAP folder. A message counts as fetched once it is committed with its job and the cursor
(mail contract E-3, E-83); only then may it be marked or moved, where the mailbox says so. \\Seen does not matter."""

import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta

from django.db import connection
from imapclient.exceptions import IMAPClientAbortError, IMAPClientError, LoginError

from answerable.mail.actions import (
    Arrival,
    CursorMoved,
    note_collection,
    note_settled,
    set_aside,
    start_mailbox,
    store_collected,
)
from answerable.mail.imap_folder import MOVE, TROUBLE, Folder, Found
from answerable.mail.models import Mailbox
from answerable.mail.queries import stored_whole

logger = logging.getLogger(__name__)

MOST_SECONDS = 25.0
# So many in a row that cannot be read: whatever is behind them, something else is wrong.
MOST_UNREADABLE = 20
# So many looks end with a server that hangs up over a message before we believe that the message is the reason.
MOST_HANG_UPS = 3
_BATCH = 50
_LOCK = int.from_bytes(b"imap", "big")


def fetch_new(mailbox: Mailbox, on_stored: Callable[[int], object], now: datetime) -> int:
    """One look over a connection of its own: how many messages were stored. What is wrong is written down."""
    try:
        with Folder(mailbox) as folder:
            return look(mailbox, folder, on_stored, now).count
    except TROUBLE as error:
        fail(mailbox, error, now)
        return 0


def fail(mailbox: Mailbox, error: Exception, now: datetime, next_try_at: datetime | None = None) -> None:
    """Write down what keeps us out of a mailbox, and when we try again."""
    note_collection(mailbox, now, in_words(error, mailbox), next_try_at)


def examine(mailbox: Mailbox) -> tuple[str, str]:
    """What is wrong with it now, and what is worth knowing; both empty: nothing. Changes nothing."""
    try:
        with Folder(mailbox) as folder:
            if mailbox.after.startswith(MOVE) and not folder.has(mailbox.after.removeprefix(MOVE)):
                return (
                    f"{mailbox.host} has no folder {mailbox.after.removeprefix(MOVE)} to move messages to: make it",
                    "",
                )
            return (
                "",
                "" if folder.can_idle else "its server does not tell of new mail, so it is asked every half minute",
            )
    except TROUBLE as error:
        return in_words(error, mailbox), ""


class Looked:
    """How a look ended. `more`: its time was over, and there is more to take."""

    count = 0
    more = False


def look(mailbox: Mailbox, folder: Folder, on_stored: Callable[[int], object], now: datetime) -> Looked:
    """Store what has come since last time, each message in a transaction of its own. Raises one of TROUBLE.

    While another process reads the mailbox, this one leaves it alone.
    """
    with _alone(mailbox) as alone:
        if not alone:
            return Looked()
        mailbox.refresh_from_db()
        if not folder.is_of(mailbox):
            return Looked()
        collection = _Collection(mailbox, folder, on_stored, now)
        try:
            collection.run()
        except CursorMoved:
            return collection.looked
        note_collection(mailbox, now, _settle(mailbox, folder) or collection.unread())
    return collection.looked


def _settle(mailbox: Mailbox, folder: Folder) -> str:
    """Mark or move what is stored; what a death in between left undone is done now. Returns what was wrong."""
    if mailbox.after == "leave":
        return ""
    mailbox.refresh_from_db(fields=["next_uid", "after_uid"])
    if mailbox.after_uid == mailbox.next_uid:
        return ""
    uids = stored_whole(mailbox)
    try:
        for start in range(0, len(uids), _BATCH):
            folder.settle(uids[start : start + _BATCH], mailbox.after)
    except IMAPClientAbortError:
        raise
    except IMAPClientError as error:
        return f"{mailbox.host}: messages are taken, but not done with as `after` says ({mailbox.after}): {error}"
    note_settled(mailbox)
    return ""


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


def in_words(error: Exception, mailbox: Mailbox) -> str:
    """What is wrong, for the operator."""
    if isinstance(error, IMAPClientAbortError) or "socket error" in str(error):
        return f"{mailbox.host} hung up: {error}"
    if isinstance(error, LoginError):
        return f"{mailbox.host} refuses the log-in of {mailbox.user}: {error}"
    if isinstance(error, OSError):
        return f"{mailbox.host}:{mailbox.port} cannot be reached: {error.strerror or error}"
    return f"{mailbox.host}: {error}"


# How often the connection ended over a message: by mailbox, numbering and number.
_hang_ups: Counter[tuple[int, int, int]] = Counter()


class _Collection:
    """One look into one mailbox."""

    def __init__(self, mailbox: Mailbox, folder: Folder, on_stored: Callable[[int], object], now: datetime) -> None:
        self._mailbox = mailbox
        self._folder = folder
        self._on_stored = on_stored
        self._now = now
        self._unreadable: list[Found] = []
        self.looked = Looked()

    def run(self) -> None:
        end = time.monotonic() + MOST_SECONDS
        uids = self._waiting()
        for start in range(0, len(uids), _BATCH):
            for found in self._folder.read(uids[start : start + _BATCH]):
                self._take(found)
                if time.monotonic() > end:
                    self.looked.more = found.uid != uids[-1]
                    return  # others want to stop us, or to see how it goes; the next look goes on here

    def unread(self) -> str:
        """What still stands at the end of the folder because nobody could read it; empty: nothing."""
        return self._unreadable[-1].trace if self._unreadable else ""

    def _waiting(self) -> list[int]:
        mailbox, folder = self._mailbox, self._folder
        if mailbox.uid_validity is None:
            # Older mail comes in only by import: or connecting a full mailbox would answer everybody in it.
            start_mailbox(mailbox, folder.uid_validity, folder.next_uid(), self._now)
        elif mailbox.uid_validity != folder.uid_validity:
            logger.warning("IMAP mailbox %s was numbered anew: everything in it is read again", mailbox.name)
            start_mailbox(mailbox, folder.uid_validity, 1, self._now)
        assert mailbox.next_uid is not None
        return folder.uids(mailbox.next_uid, self._since())

    def _since(self) -> date | None:
        """Of a mailbox that was numbered anew, what was there before our first contact is still none of our business.

        A day of grace, since servers compare dates by their own time zone.
        """
        mailbox = self._mailbox
        if mailbox.numbered_anew_at is None or mailbox.started_at is None:
            return None
        return (mailbox.started_at - timedelta(days=1)).date()

    def _take(self, found: Found) -> None:
        """A message that cannot be read is set aside only when one behind it could: else it is the server that ails."""
        if found.reason == "error":
            self._doubt_the_line(found)
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
        self.looked.count += 1

    def _doubt_the_line(self, found: Found) -> None:
        """A message over which the server hung up is asked for in later looks before it counts as unreadable."""
        assert self._mailbox.uid_validity is not None
        key = self._mailbox.pk, self._mailbox.uid_validity, found.uid
        if not found.hung_up:
            return
        _hang_ups[key] += 1
        if _hang_ups[key] < MOST_HANG_UPS:
            raise ValueError(found.trace)

    def _arrival(self, found: Found) -> Arrival:
        return Arrival(
            inbox=self._mailbox.inbox,
            source="imap",
            received_at=self._now,
            mailbox=self._mailbox,
            uid_validity=self._mailbox.uid_validity,
            uid=found.uid,
        )
