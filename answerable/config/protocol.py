"""What the modules of the entry share: the words of ASGI, turning requests away, and waits that end at a stop."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

BLOCK = 256 * 1024


class TurnedAway(Exception):
    """A request that the entry answers by itself, before it costs a thread."""

    def __init__(self, status: int, text: str, *, retry_seconds: int = 0) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.retry_seconds = retry_seconds


class ClientGone(Exception):
    """The client left before its request was whole. Nothing is to be done, and nobody is there to be told."""


class Patience:
    """Waiting for clients, each wait with its own limit, and all of them over at once when the process must stop.

    Without it a single open stream, slow upload or slow reader would hold up a restart (Granian tells the application
    nothing before the last connection is closed).
    """

    def __init__(self) -> None:
        self.over = False
        self._limits: set[asyncio.Timeout] = set()

    @asynccontextmanager
    async def limit(self, seconds: float) -> AsyncIterator[None]:
        """Raises TimeoutError after so many seconds, or as soon as `end` is called."""
        async with asyncio.timeout(0 if self.over else seconds) as limit:
            self._limits.add(limit)
            try:
                yield
            finally:
                self._limits.discard(limit)

    def end(self) -> None:
        """From now on nothing waits for a client."""
        self.over = True
        now = asyncio.get_running_loop().time()
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(now)


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of that (lower-case) name."""
    return next((value for key, value in scope["headers"] if key == name), None)


async def until_gone(receive: Receive) -> None:
    """Returns when the client has closed its connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_text(send: Send, refusal: TurnedAway) -> None:
    """The short answer to a request that was turned away. Its connection ends: unread bytes may still be on it."""
    body = f"{refusal.text}\n".encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"connection", b"close"),
    ]
    if refusal.retry_seconds:
        headers.append((b"retry-after", str(refusal.retry_seconds).encode()))
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
