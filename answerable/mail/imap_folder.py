"""An IMAP folder: what is in it from a number on, message by message, whatever its server does; and waiting for more.

It is opened read-only, unless the mailbox says what is to become of messages that are stored.
"""

import contextlib
import logging
import select
import ssl
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from answerable.mail.imap_login import log_in
from answerable.mail.models import Mailbox

logger = logging.getLogger(__name__)

# A message above this is too much for one row and one worker: its header is kept, the rest stays in the mailbox.
LARGEST = 60 * 1024 * 1024
# What a server, a network, or an answer that nobody can parse does to us.
TROUBLE = (IMAPClientError, OSError, ValueError, LookupError)
# What stands before the folder in `Mailbox.after`.
MOVE = "move:"
_CONNECT_SECONDS, _READ_SECONDS = 10, 60
_GROUP = 20
_GROUP_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Found:
    """A message of the folder. `reason`: why it must be set aside, and `trace` says it in full.

    `hung_up`: the connection ended over it, which may be the fault of the message or of the line.
    """

    uid: int
    raw: bytes = b""
    reason: str = ""
    trace: str = ""
    hung_up: bool = False


class Folder:
    """Use it in a `with`. It connects again when its server hangs up over a message. Raises one of TROUBLE."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._stack = contextlib.ExitStack()
        self._identity = _identity(mailbox)

    def is_of(self, mailbox: Mailbox) -> bool:
        """Whether this is the folder that the mailbox means now: its settings may have changed since we opened it."""
        return self._identity == _identity(mailbox)

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self) -> None:
        mailbox = self._mailbox
        # Reading the machine's certificates takes 25 ms.
        tls = None if mailbox.tls == "none" else ssl.create_default_context()
        timeout = SocketTimeout(_CONNECT_SECONDS, _READ_SECONDS)
        with contextlib.ExitStack() as stack:
            client = IMAPClient(mailbox.host, mailbox.port, ssl=mailbox.tls == "ssl", ssl_context=tls, timeout=timeout)
            self._client: Any = stack.enter_context(client)
            if mailbox.tls == "starttls":
                client.starttls(tls)
            log_in(client, mailbox)
            self._selected = client.select_folder(mailbox.folder, readonly=mailbox.after == "leave")
            self.uid_validity = int(self._selected[b"UIDVALIDITY"])
            self._stack = stack.pop_all()

    def _recover(self) -> bool:
        """See what is true now; over a new connection if the old one is gone. Whether it was."""
        try:
            self._client.noop()
            return False
        except TROUBLE:
            before = self.uid_validity
            self._stack.close()
            self._open()
            if self.uid_validity != before:
                raise ValueError("the folder was numbered anew while it was read") from None
            return True

    def next_uid(self) -> int:
        """The number that the next message to come will have at least."""
        selected = self._selected.get(b"UIDNEXT")
        return int(selected or self._client.folder_status(self._mailbox.folder, ["UIDNEXT"])[b"UIDNEXT"])

    def uids(self, first: int, since: date | None = None) -> list[int]:
        """What is there from `first` on; of that, what came on this day or later."""
        self._client.noop()  # a folder that is open for long shows what is new only when it may
        criteria: list[object] = ["UID", f"{first}:*", *(["SINCE", since] if since else [])]
        # "n:*" names the last message even if its number is below n.
        return sorted(uid for uid in self._client.search(criteria) if uid >= first)

    @property
    def can_idle(self) -> bool:
        """Whether the server says by itself when a message comes."""
        return bool(self._client.has_capability("IDLE"))

    def wait(self, seconds: float, until: int) -> bool:
        """Wait until a message comes. False: none did in this time, or there is something to read from file `until`."""
        self._client.idle()
        if not self._has_line():
            poll = select.poll()
            for file in (self._client.socket(), until):
                poll.register(file, select.POLLIN)
            poll.poll(seconds * 1000)
        _text, heard = self._client.idle_done()
        return any(isinstance(one, tuple) and one[1:2] in ((b"EXISTS",), (b"RECENT",)) for one in heard)

    def _has_line(self) -> bool:
        """Whether something was read from the connection together with the answer before it: no poll tells of that."""
        connection = self._client.socket()
        timeout = connection.gettimeout()
        connection.settimeout(0)
        try:
            return bool(self._client._imap.file.peek(1))  # noqa: SLF001  the library has no door to its buffer
        except (BlockingIOError, ssl.SSLWantReadError):
            return False
        finally:
            connection.settimeout(timeout)

    def has(self, name: str) -> bool:
        """Whether the account has a folder of this name."""
        return bool(self._client.folder_exists(name))

    def settle(self, uids: Sequence[int], after: str) -> None:
        """What the mailbox wants of messages that are stored: marked as read, or moved. Doing it twice does no harm."""
        here = set(self._client.search(["UID", ",".join(map(str, uids))])) if uids else ()
        left = [uid for uid in uids if uid in here]
        if left and after.startswith(MOVE):
            self._move(left, after.removeprefix(MOVE))
        elif left:
            self._client.add_flags(left, [b"\\Seen"], silent=True)

    def _move(self, uids: list[int], folder: str) -> None:
        if self._client.has_capability("MOVE"):
            self._client.move(uids, folder)
            return
        self._client.copy(uids, folder)
        self._client.delete_messages(uids, silent=True)
        # Without UIDPLUS a purge would take along what others marked: then it stays, marked.
        if self._client.has_capability("UIDPLUS"):
            self._client.uid_expunge(uids)

    def read(self, uids: list[int]) -> Iterator[Found]:
        """These messages in order, without those that were deleted meanwhile."""
        left = uids
        try:
            sizes = self._sizes(uids)
            for group in _groups(sizes):
                yield from self._header(group[0], sizes) if sizes[group[0]] > LARGEST else self._bodies(group)
                left = [uid for uid in left if uid > group[-1]]
            return
        except TROUBLE as error:
            logger.info("IMAP mailbox %s: messages are read one by one after: %s", self._mailbox.name, error)
        self._recover()
        for uid in left:
            yield from self._read_one(uid)

    def _read_one(self, uid: int) -> list[Found]:
        try:
            sizes = self._sizes([uid])
            if uid not in sizes:
                return []
            return self._header(uid, sizes) if sizes[uid] > LARGEST else self._bodies([uid])
        except TROUBLE as error:
            gone = self._recover()
            trace = f"message {uid} of mailbox {self._mailbox.name} cannot be read: {error}"
            return [Found(uid, reason="error", trace=trace, hung_up=gone)]

    def _sizes(self, uids: list[int]) -> dict[int, int]:
        return {uid: int(item[b"RFC822.SIZE"]) for uid, item in self._client.fetch(uids, ["RFC822.SIZE"]).items()}

    def _bodies(self, uids: list[int]) -> list[Found]:
        items = self._client.fetch(uids, ["BODY.PEEK[]"])
        return [Found(uid, items[uid][b"BODY[]"] or b"") for uid in uids if uid in items]

    def _header(self, uid: int, sizes: dict[int, int]) -> list[Found]:
        items = self._client.fetch([uid], ["BODY.PEEK[HEADER]"])
        trace = f"{sizes[uid]} bytes: only its header was taken; it is message {uid} of mailbox {self._mailbox.name}"
        return [Found(uid, items[uid][b"BODY[HEADER]"], "oversize", trace)] if uid in items else []


def _identity(mailbox: Mailbox) -> tuple[object, ...]:
    return mailbox.host, mailbox.port, mailbox.user, mailbox.folder


def _groups(sizes: dict[int, int]) -> Iterator[list[int]]:
    """Runs of messages that are fetched together: few enough for the memory, many enough for a server far away."""
    group: list[int] = []
    room = _GROUP_BYTES
    for uid, size in sorted(sizes.items()):
        if group and (size > room or len(group) == _GROUP):
            yield group
            group, room = [], _GROUP_BYTES
        group.append(uid)
        room -= size
    if group:
        yield group
