"""The database's side of the SMTP intake: blocking calls in two threads, each with a connection that may die and be
made anew, so that a restart of PostgreSQL costs a sender at most one "try again later"."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import Error, InterfaceError, OperationalError, connections
from procrastinate.exceptions import ConnectorException

from answerable.lib import limits
from answerable.mail.actions import Arrival, store
from answerable.mail.queries import Addresses, addresses

T = TypeVar("T")

# What Django and Procrastinate raise when PostgreSQL is away or refuses.
FAILURES = (Error, ConnectorException)


class Depot:
    """`on_stored(raw_id)` runs inside the transaction that stores a message."""

    def __init__(self, on_stored: Callable[[int], object]) -> None:
        self._on_stored = on_stored
        self._connections: list[Any] = []
        # Two: one waits for the disk while the other prepares its message.
        self._threads = ThreadPoolExecutor(2, "store", initializer=self._note_connection)

    def _note_connection(self) -> None:
        mine = connections["default"]
        mine.inc_thread_sharing()  # `close` is called by another thread
        self._connections.append(mine)

    async def inbox_for(self, address: str) -> str | None:
        """The main address of the inbox that this recipient belongs to; None: not ours; "": we have no inbox at all."""
        known = addresses.kept()
        return _inbox_for(address, await self._in_thread(addresses) if known is None else known)

    async def allowed(self, client: str, most: int) -> bool:
        """Count one more message of this address; False once there were `most` within a minute."""
        return await self._in_thread(lambda: limits.allowed("smtp", limits.network(client), most, 60))

    async def keep(self, raw: bytes, arrival: Arrival) -> None:
        """Store it; once begun, this goes on even if the caller hangs up."""
        await self._in_thread(lambda: store(raw, arrival, self._on_stored))

    def _in_thread(self, work: Callable[[], T]) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(self._threads, _once_more, work)

    def close(self) -> None:
        """Finish what has been begun and let go of the database."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for connection in self._connections:
            connection.close()


def _inbox_for(address: str, known: Addresses) -> str | None:
    if not known.inboxes:
        return ""
    box = known.inbox(address)
    if box is None and known.is_own(address):  # a token at the reply domain says the ticket, not the inbox
        box = known.inboxes[0]
    return box.address if box else None


def _once_more(work: Callable[[], T]) -> T:
    """Do it, and again over a new connection if this one turns out to be dead: PostgreSQL was restarted meanwhile.

    If the commit itself was cut off, the message may now be there twice; the mail room sees that they are the same.
    """
    try:
        return work()
    except (OperationalError, InterfaceError, ConnectorException):
        connections["default"].close()
        return work()
