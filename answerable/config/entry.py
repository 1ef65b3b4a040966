"""The one ASGI application: `/live` is served on the event loop, everything else by Django in a thread (DESIGN.md §2).

Built by `entry(...)`, so that it can also be run with any small WSGI application.
"""

import asyncio
import resource
import signal
from pathlib import Path
from tempfile import SpooledTemporaryFile
from types import FrameType

from answerable.config.answer import Sender
from answerable.config.bridge import Bridge, WsgiApp
from answerable.config.protocol import ClientGone, Patience, Receive, Scope, Send, TurnedAway, send_text
from answerable.config.spool import Limits, Spools
from answerable.config.stream import serve_live
from answerable.live.pump import Pump

ANSWER_MEMORY_BYTES = 1 << 20


class Entry:
    """Sorts what comes in, and sees to starting and stopping."""

    def __init__(self, bridge: Bridge, pump: Pump, files_root: Path, limits: Limits) -> None:
        self._bridge = bridge
        self._pump = pump
        self._files_root = files_root
        self._patience = Patience()
        self._spools = Spools(limits, files_root, self._patience)
        self._sender = Sender(files_root, self._patience)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._http(scope, receive, send)
        else:
            await send({"type": "websocket.close"})

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"] == "/live":
                await serve_live(scope, receive, send, pump=self._pump, patience=self._patience)
            else:
                await self._page(scope, receive, send)
        except TurnedAway as refusal:
            await send_text(send, refusal)
        except ClientGone:
            return

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        with SpooledTemporaryFile(max_size=ANSWER_MEMORY_BYTES, dir=str(self._files_root)) as store:
            async with self._spools.whole(scope, receive) as body:
                answer = await self._bridge.call(scope, body, store)
            await self._sender.send(scope, receive, send, answer)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        _allow_many_files()
        self._files_root.mkdir(parents=True, exist_ok=True)
        self._pump.start()
        self._end_waits_on(signal.SIGTERM, asyncio.get_running_loop())
        self._end_waits_on(signal.SIGINT, asyncio.get_running_loop())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._end_waits()
        await self._pump.stop()
        await send({"type": "lifespan.shutdown.complete"})

    def _end_waits_on(self, number: signal.Signals, loop: asyncio.AbstractEventLoop) -> None:
        # Granian waits for the last connection before it tells us that it stops, and an open stream never ends by
        # itself; so the signal is heard here too. Its own handler hangs on the loop's wake-up and still runs.
        before = signal.getsignal(number)

        def heard(received: int, frame: FrameType | None) -> None:
            loop.call_soon_threadsafe(self._end_waits)
            if callable(before):
                before(received, frame)

        signal.signal(number, heard)

    def _end_waits(self) -> None:
        self._patience.end()
        self._pump.end_all()


def _allow_many_files() -> None:
    """Each open stream is a file, and many systems begin with 1,024."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def entry(wsgi_app: WsgiApp, pump: Pump, files_root: Path, max_bytes: int, *, limits: Limits | None = None) -> Entry:
    """The application for Granian's `asgi` interface. `max_bytes` caps one request's body."""
    return Entry(Bridge(wsgi_app), pump, files_root, limits or Limits(body_bytes=max_bytes))
