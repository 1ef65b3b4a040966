"""An IMAP folder opened read-only: what is in it from a number on, message by message, whatever its server does."""

import contextlib
import logging
import os
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import IMAPClientError

from answerable.mail.models import Mailbox

logger = logging.getLogger(__name__)

# A message above this is too much for one row and one worker: its header is kept, the rest stays in the mailbox.
LARGEST = 60 * 1024 * 1024
# What a server, a network, or an answer that nobody can parse does to us.
TROUBLE = (IMAPClientError, OSError, ValueError, LookupError)
_CONNECT_SECONDS, _READ_SECONDS = 10, 60
_GROUP = 20
_GROUP_BYTES = 8 * 1024 * 1024


@dataclass(frozen=True)
class Found:
    """A message of the folder. `reason`: why it must be set aside, and `trace` says it in full."""

    uid: int
    raw: bytes = b""
    reason: str = ""
    trace: str = ""


class Folder:
    """Use it in a `with`. It connects again when its server hangs up over a message. Raises one of TROUBLE."""

    def __init__(self, mailbox: Mailbox) -> None:
        self._mailbox = mailbox
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self) -> None:
        mailbox = self._mailbox
        password = os.environ.get(mailbox.password_variable)
        if not password:
            raise ValueError(f"the password is missing: set the environment variable {mailbox.password_variable}")
        tls = ssl.create_default_context()
        timeout = SocketTimeout(_CONNECT_SECONDS, _READ_SECONDS)
        with contextlib.ExitStack() as stack:
            client = IMAPClient(mailbox.host, mailbox.port, ssl=mailbox.tls == "ssl", ssl_context=tls, timeout=timeout)
            self._client: Any = stack.enter_context(client)
            if mailbox.tls == "starttls":
                client.starttls(tls)
            # The plain LOGIN command knows ASCII only.
            log_in = client.login if password.isascii() else client.plain_login
            log_in(mailbox.user, password)
            self._selected = client.select_folder(mailbox.folder, readonly=True)
            self.uid_validity = int(self._selected[b"UIDVALIDITY"])
            self._stack = stack.pop_all()

    def _recover(self) -> None:
        """See what is true now; over a new connection if the old one is gone."""
        try:
            self._client.noop()
        except TROUBLE:
            before = self.uid_validity
            self._stack.close()
            self._open()
            if self.uid_validity != before:
                raise ValueError("the folder was numbered anew while it was read") from None

    def next_uid(self) -> int:
        """The number that the next message to come will have at least."""
        selected = self._selected.get(b"UIDNEXT")
        return int(selected or self._client.folder_status(self._mailbox.folder, ["UIDNEXT"])[b"UIDNEXT"])

    def uids(self, first: int) -> list[int]:
        """What is there from `first` on."""
        # "n:*" names the last message even if its number is below n.
        return sorted(uid for uid in self._client.search(["UID", f"{first}:*"]) if uid >= first)

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
            self._recover()
            trace = f"message {uid} of mailbox {self._mailbox.name} cannot be read: {error}"
            return [Found(uid, reason="error", trace=trace)]

    def _sizes(self, uids: list[int]) -> dict[int, int]:
        return {uid: int(item[b"RFC822.SIZE"]) for uid, item in self._client.fetch(uids, ["RFC822.SIZE"]).items()}

    def _bodies(self, uids: list[int]) -> list[Found]:
        items = self._client.fetch(uids, ["BODY.PEEK[]"])
        return [Found(uid, items[uid][b"BODY[]"] or b"") for uid in uids if uid in items]

    def _header(self, uid: int, sizes: dict[int, int]) -> list[Found]:
        items = self._client.fetch([uid], ["BODY.PEEK[HEADER]"])
        trace = f"{sizes[uid]} bytes: only its header was taken; it is message {uid} of mailbox {self._mailbox.name}"
        return [Found(uid, items[uid][b"BODY[HEADER]"], "oversize", trace)] if uid in items else []


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
