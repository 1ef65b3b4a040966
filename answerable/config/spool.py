"""Reads a request's whole body before it takes a thread: twenty clients at a byte a second cost nobody else a page.

A body is kept in memory while it is small, and in an unnamed file after that. Size, pace and number are limited.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO

from answerable.config.protocol import ClientGone, Patience, Receive, Scope, TurnedAway, header


@dataclass(frozen=True)
class Limits:
    """What one process takes in. `body_bytes` is one request's, `total_bytes` that of all bodies held at one time."""

    body_bytes: int
    total_bytes: int = 1 << 30
    requests: int = 500
    memory_bytes: int = 1 << 20
    crowded_memory_bytes: int = 64 << 10
    crowd: int = 64
    chunk_seconds: float = 30
    grace_seconds: float = 60
    bytes_per_second: int = 1024
    longest_seconds: float = 3600
    drain_seconds: float = 10


@dataclass(frozen=True)
class Body:
    """A whole request body, ready to be read by the thread."""

    file: IO[bytes]
    size: int


class Spools:
    """The request bodies of one process."""

    def __init__(self, limits: Limits, folder: Path, patience: Patience) -> None:
        self._limits = limits
        self._folder = folder
        self._patience = patience
        self._open = 0
        self._bytes = 0

    @asynccontextmanager
    async def whole(self, scope: Scope, receive: Receive) -> AsyncIterator[Body]:
        """The request's body, kept until the block ends. Raises TurnedAway or ClientGone."""
        declared = _declared(scope)
        if declared is None:
            yield Body(BytesIO(), 0)
            return
        await self._admit(scope, receive, declared)
        self._open += 1
        memory = self._memory()
        # Unnamed on disk (O_TMPFILE): nothing is left behind, whatever ends the process.
        with SpooledTemporaryFile(max_size=memory, dir=str(self._folder)) as file:
            upload = _Upload(file, memory)
            try:
                yield await self._fill(upload, receive, declared)
            finally:
                self._open -= 1
                self._bytes -= upload.size

    async def _admit(self, scope: Scope, receive: Receive, declared: int) -> None:
        limits = self._limits
        if declared > limits.body_bytes:
            if header(scope, b"expect") is None:
                await self._drain(receive)
            raise _too_large(limits.body_bytes)
        if self._open >= limits.requests or self._bytes >= limits.total_bytes:
            raise TurnedAway(503, "Too many uploads at the moment. Please try again shortly.", retry_seconds=5)

    def _memory(self) -> int:
        """Few uploads may use a megabyte of memory each; in a crowd each gets little, so that their sum stays small."""
        return self._limits.crowded_memory_bytes if self._open > self._limits.crowd else self._limits.memory_bytes

    async def _fill(self, upload: "_Upload", receive: Receive, declared: int) -> Body:
        limits = self._limits
        loop = asyncio.get_running_loop()
        started = loop.time()
        more = True
        while more:
            # Whoever keeps sending may take its time; after a minute's grace it must average a kilobyte a second.
            due = min(limits.grace_seconds + upload.size / limits.bytes_per_second, limits.longest_seconds)
            chunk, more = await self._chunk(receive, min(limits.chunk_seconds, started + due - loop.time()))
            self._bytes += len(chunk)
            if upload.size + len(chunk) > limits.body_bytes:
                upload.size += len(chunk)
                await self._drain(receive)
                raise _too_large(limits.body_bytes)
            await upload.add(chunk)
            if self._bytes > limits.total_bytes:
                raise TurnedAway(503, "Too many uploads at the moment. Please try again shortly.", retry_seconds=5)
        if upload.size < declared:
            raise ClientGone
        upload.file.seek(0)
        return Body(upload.file, upload.size)

    async def _chunk(self, receive: Receive, seconds: float) -> tuple[bytes, bool]:
        try:
            async with self._patience.limit(seconds):
                message = await receive()
        except TimeoutError:
            if self._patience.over:
                raise TurnedAway(503, "The server is restarting. Please send this again.", retry_seconds=2) from None
            raise TurnedAway(408, "The upload was too slow and has been given up. Please send it again.") from None
        if message["type"] == "http.disconnect":
            raise ClientGone
        return message.get("body", b""), message.get("more_body", False)

    async def _drain(self, receive: Receive) -> None:
        """Reads on for a moment and keeps nothing: browsers show a refusal only once they have sent their request."""
        try:
            async with self._patience.limit(self._limits.drain_seconds):
                while (await receive()).get("more_body", False):
                    pass
        except TimeoutError:
            return


class _Upload:
    """One body on its way in."""

    def __init__(self, file: IO[bytes], memory_bytes: int) -> None:
        self.file = file
        self.size = 0
        self._memory = memory_bytes

    async def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        if self.size > self._memory:
            await asyncio.to_thread(self.file.write, chunk)
        else:
            self.file.write(chunk)


def _declared(scope: Scope) -> int | None:
    """The announced size, 0 when the body comes in chunks of unknown sum, None when there is no body to read."""
    length = header(scope, b"content-length")
    if length is None:
        chunked = header(scope, b"transfer-encoding") is not None
        return 0 if chunked or scope["method"] not in {"GET", "HEAD", "OPTIONS"} else None
    if not length.isdigit():
        raise TurnedAway(400, "The Content-Length is no number.")
    return int(length) or None


def _too_large(most: int) -> TurnedAway:
    return TurnedAway(413, f"This is too large. At most {most // 2**20} MB can be sent at once.")
