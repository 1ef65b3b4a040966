"""Hands PostgreSQL's notifications to the streams that browsers hold open in this process.

One connection of its own; a bounded queue for each stream, and whoever falls behind is told to refresh instead.
"""

import asyncio
import json
import logging
from collections import Counter, defaultdict, deque
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg

from answerable.lib import clock
from answerable.live.access import MOST_SECONDS, Pass
from answerable.live.actions import CHANNEL

QUEUE = 100
RECENT = 1000
# A page that was made just before an event must hear of it, though its stream is opened just after.
REPLAY_SECONDS = 30
REPLAY_MARGIN_SECONDS = 2
STEADY_SECONDS = 30
MOST_BACK_OFF_SECONDS = 10
REFRESH = b'data: {"k":"refresh"}\n\n'
CLOSE = b'data: {"k":"close"}\n\n'
# A listener only waits, so a database machine that vanished without a word must be noticed by the kernel.
_DEFAULTS = {
    "application_name": "answerable live",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
# Django's own words among the OPTIONS of a database.
_NOT_LIBPQ = {"pool", "server_side_binding", "isolation_level", "assume_role", "prepare_threshold"}

log = logging.getLogger(__name__)


class Full(Exception):
    """As many streams are open as this process or this person may hold."""


class Revoked(Exception):
    """The tokens were issued before the person's access was revoked."""


class Client:
    """One open stream, and what waits to be sent to it."""

    def __init__(self, person_id: int, streams: frozenset[str]) -> None:
        self.person_id = person_id
        self.streams = streams
        self._waiting: deque[bytes] = deque()
        self._something = asyncio.Event()
        self._over = False

    def put(self, data: bytes) -> None:
        """Queues an event. With too many waiting, one word to refresh takes the place of all."""
        if self._over:
            return
        if len(self._waiting) >= QUEUE:
            self._waiting.clear()
            data = REFRESH
        self._waiting.append(data)
        self._something.set()

    def end(self) -> None:
        """Nothing more will come; what waits is still sent."""
        self._over = True
        self._something.set()

    async def next(self, seconds: float) -> bytes | None:
        """All that waits, a comment that keeps the connection alive if nothing comes for so long, None at the end."""
        try:
            async with asyncio.timeout(max(0.0, seconds)):
                await self._something.wait()
        except TimeoutError:
            return b":\n\n"
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            if not self._over:
                self._something.clear()
            return data
        return None


class Pump:
    """The streams of one process. `start` and everything after it belong to the event loop's thread."""

    def __init__(self, parameters: Mapping[str, Any], *, most: int = 2000, most_per_person: int = 50) -> None:
        self._parameters = dict(parameters)
        self._most = most
        self._most_per_person = most_per_person
        self.clients: set[Client] = set()
        self._listeners: defaultdict[str, set[Client]] = defaultdict(set)
        self._per_person: Counter[int] = Counter()
        self._recent: deque[tuple[float, str, bytes]] = deque(maxlen=RECENT)
        self._revoked: dict[int, float] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins to listen; PostgreSQL may come later, or go and come back."""
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def stop(self) -> None:
        """Ends the streams and the connection."""
        self.end_all()
        if self._task:
            self._task.cancel()
            await asyncio.wait([self._task])

    def end_all(self) -> None:
        """Ends every stream, at a stop."""
        for client in self.clients:
            client.end()

    def join(self, passes: Sequence[Pass]) -> Client:
        """A new stream over all that the passes of one person grant. Raises Full or Revoked."""
        person_id = passes[0].person_id
        if any(entry.issued <= self._revoked.get(person_id, 0.0) for entry in passes):
            raise Revoked
        if len(self.clients) >= self._most or self._per_person[person_id] >= self._most_per_person:
            raise Full
        client = Client(person_id, frozenset(stream for entry in passes for stream in entry.streams))
        self.clients.add(client)
        self._per_person[person_id] += 1
        for stream in client.streams | {f"person:{person_id}"}:
            self._listeners[stream].add(client)
        self._replay(client, passes)
        return client

    def leave(self, client: Client) -> None:
        """The stream is closed."""
        if client not in self.clients:
            return
        self.clients.discard(client)
        self._per_person[client.person_id] -= 1
        if not self._per_person[client.person_id]:
            del self._per_person[client.person_id]
        for stream in client.streams | {f"person:{client.person_id}"}:
            self._listeners[stream].discard(client)
            if not self._listeners[stream]:
                del self._listeners[stream]

    def _replay(self, client: Client, passes: Sequence[Pass]) -> None:
        now = clock.exact().timestamp()
        for entry in passes:
            if entry.issued >= now - REPLAY_SECONDS:
                since = entry.issued - REPLAY_MARGIN_SECONDS
                for at, stream, data in self._recent:
                    if at >= since and stream in entry.streams:
                        client.put(data)

    def deliver(self, payload: str) -> None:
        """Hands one notification to those who listen to its stream."""
        try:
            event = json.loads(payload)
            stream, kind = event["s"], event["k"]
        except (ValueError, KeyError, TypeError):
            log.warning("A notification on the channel %s is not ours: %.200r", CHANNEL, payload)
            return
        if kind == "close":
            self._close_person(stream)
            return
        data = f"data: {payload}\n\n".encode()
        self._recent.append((clock.exact().timestamp(), stream, data))
        for client in self._listeners.get(stream, ()):
            if stream in client.streams:
                client.put(data)

    def _close_person(self, stream: str) -> None:
        person = stream.removeprefix("person:")
        if not person.isdecimal():
            return
        now = clock.exact().timestamp()
        self._revoked = {person: at for person, at in self._revoked.items() if at > now - MOST_SECONDS - 1}
        self._revoked[int(person)] = now
        for client in self._listeners.get(stream, ()):
            client.put(CLOSE)
            client.end()

    def refresh_all(self) -> None:
        """Events may have been missed: everybody looks again."""
        for client in self.clients:
            client.put(REFRESH)

    async def _run(self) -> None:
        wait = 0.5
        while True:
            listened = asyncio.get_running_loop().time()
            try:
                await self._listen()
            except (psycopg.Error, OSError) as error:
                log.warning("Live updates pause, PostgreSQL is not reachable: %s", " ".join(str(error).split()))
            if asyncio.get_running_loop().time() - listened > STEADY_SECONDS:
                wait = 0.5
            await asyncio.sleep(wait)
            wait = min(wait * 2, MOST_BACK_OFF_SECONDS)

    async def _listen(self) -> None:
        parameters = {**_DEFAULTS, **self._parameters}
        async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as connection:
            await connection.execute(f"LISTEN {CHANNEL}")
            self.refresh_all()
            async for notification in connection.notifies():
                self.deliver(notification.payload)


def connection_parameters(database: Mapping[str, Any]) -> dict[str, Any]:
    """libpq's words for one of Django's DATABASES."""
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    given = {libpq: database[django] for django, libpq in names.items() if database.get(django)}
    return given | {key: value for key, value in database.get("OPTIONS", {}).items() if key not in _NOT_LIBPQ}
