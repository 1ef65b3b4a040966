"""Sends answers to clients from the event loop: pages, large pages, and attachments. A slow reader holds no thread.

Django decides who may have an attachment and answers with the header `X-Answerable-File`: its path,
absolute or below the attachments folder. No client ever sees that header.
"""

import asyncio
import logging
import os
from pathlib import Path
from typing import IO

from answerable.config.bridge import Answer
from answerable.config.protocol import BLOCK, Headers, Patience, Receive, Scope, Send, TurnedAway, until_gone

FILE_HEADER = b"x-answerable-file"
STALL_SECONDS = 120

log = logging.getLogger(__name__)


class Sender:
    """Sends what the application answered."""

    def __init__(self, files_root: Path, patience: Patience) -> None:
        self._root = files_root
        self._patience = patience

    async def send(self, scope: Scope, receive: Receive, send: Send, answer: Answer) -> None:
        """One answer, to its end or until the client leaves or stops reading."""
        named = next((value for name, value in answer.headers if name == FILE_HEADER), None)
        answer.headers = [(name, value) for name, value in answer.headers if name != FILE_HEADER]
        if named is None or answer.status != 200:
            await self._send(scope, receive, send, answer)
            return
        with await asyncio.to_thread(self._open, named.decode("latin-1")) as file:
            size = os.fstat(file.fileno()).st_size
            await self._send(scope, receive, send, Answer(file, 200, _with_length(answer.headers, size), size))

    def _open(self, name: str) -> IO[bytes]:
        """The attachment that Django named, which must lie in the attachments folder."""
        try:
            path = (self._root / name).resolve(strict=True)
            if not path.is_relative_to(self._root.resolve()) or not path.is_file():
                raise FileNotFoundError(name)
            return path.open("rb")
        except (OSError, ValueError):
            log.exception("An attachment that the database knows cannot be read: %s", name)
            raise TurnedAway(404, "This file is not here any more.") from None

    async def _send(self, scope: Scope, receive: Receive, send: Send, answer: Answer) -> None:
        head = scope["method"] == "HEAD"
        headers = answer.headers
        if not head and answer.status >= 200 and answer.status not in {204, 304}:
            headers = _with_length(headers, answer.size)
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        if not head and answer.size > BLOCK:
            await self._send_blocks(receive, send, answer.file)
        else:
            await send({"type": "http.response.body", "body": b"" if head else answer.file.read()})

    async def _send_blocks(self, receive: Receive, send: Send, file: IO[bytes]) -> None:
        gone = asyncio.ensure_future(until_gone(receive))
        try:
            while not gone.done() and (block := await asyncio.to_thread(file.read, BLOCK)):
                async with self._patience.limit(STALL_SECONDS):
                    await send({"type": "http.response.body", "body": block, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        except TimeoutError:
            # The rest stays unsent, so the client sees a connection cut short and no whole file.
            return
        finally:
            gone.cancel()


def _with_length(headers: Headers, size: int) -> Headers:
    return [*((name, value) for name, value in headers if name != b"content-length"), (b"content-length", b"%d" % size)]
