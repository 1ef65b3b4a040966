"""Mail handed to us by SMTP. 250 is said only once the message is committed together with the job that handles it
(mail contract E-3); until then the server that sent it still has it."""

import asyncio
import contextlib
import logging
import re
import socket
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, Envelope, Session

from answerable.lib import clock
from answerable.lib.limits import network
from answerable.lib.networks import within
from answerable.lib.tls import Certificate
from answerable.mail.actions import Arrival
from answerable.mail.depot import FAILURES, Depot

logger = logging.getLogger(__name__)

MOST_BYTES = 40 * 1024 * 1024
MOST_RECIPIENTS = 100
MOST_CONNECTIONS = 200
# All messages together that are on their way in, so that many large ones at once cannot use up the memory.
MOST_HELD = 10 * MOST_BYTES
IDLE_SECONDS = 300
SESSION_SECONDS = 3600
# The supervisor kills after 8 s.
LEAVE_SECONDS = 4.0

_PIECE = 64 * 1024
_END = b"\r\n.\r\n"
_AWAY = "451 4.3.0 The message cannot be kept right now, please send it again later"
# A path of RFC 5321: a source route is skipped; control characters, which PostgreSQL would refuse, never match.
_PATH = re.compile(r'<(?:@[^:<>\s]*:)?((?:"[^"\x00-\x1f\x7f]*"|[^<>"\s\x00-\x1f\x7f])*)>(.*)')
_BARE_PATH = re.compile(r"([^<>\s\x00-\x1f\x7f]+)(.*)")


@dataclass(frozen=True)
class Rules:
    """For whom the intake works and how much. `relays`: mail servers of ours, which bring everybody's mail."""

    relays: tuple[IPv4Network | IPv6Network, ...] = ()
    connections: int = 20
    messages: int = 200
    certificate: Certificate | None = None

    def is_relay(self, client: str) -> bool:
        """Whether no limit is meant for this address."""
        return within(client, self.relays)


class Intake:
    """What all connections share."""

    def __init__(self, on_stored: Callable[[int], object], rules: Rules | None = None) -> None:
        self.depot = Depot(on_stored)
        self.rules = rules or Rules()
        self.doors: set[Door] = set()
        self._said: dict[str, float] = {}
        self.leaving = False
        self.hostname = socket.gethostname()

    def door(self) -> asyncio.BaseProtocol:
        """The protocol of a new connection."""
        return Full() if self.leaving or len(self.doors) >= MOST_CONNECTIONS else Door(self)

    def is_crowded(self, client: str) -> bool:
        """Whether this address has as many connections as it may."""
        return not self.rules.is_relay(client) and self._count(client) >= self.rules.connections

    def _count(self, client: str) -> int:
        place = network(client)
        return sum(network(door.client) == place for door in self.doors)

    async def may_send(self, client: str) -> bool:
        """Count one more message of this address; False once it was too many within a minute. Raises FAILURES."""
        return self.rules.is_relay(client) or await self.depot.allowed(client, self.rules.messages)

    def say(self, client: str, words: str) -> None:
        """A line in the log about an address, once a minute."""
        now = time.monotonic()
        if now - self._said.get(client, -60.0) >= 60:
            self._said = {one: at for one, at in self._said.items() if now - at < 60} | {client: now}
            logger.warning("SMTP: %s %s", client, words)

    def has_room(self) -> bool:
        return sum(door.holds for door in self.doors) <= MOST_HELD

    async def leave(self) -> None:
        """Finish what is being stored, and tell everybody else to come back later."""
        self.leaving = True
        for door in self.doors:
            if not door.storing:
                door.say_goodbye()
        ending = {door.task() for door in self.doors}
        if ending:
            await asyncio.wait(ending, timeout=LEAVE_SECONDS)
        await asyncio.to_thread(self.depot.close)


class Full(asyncio.Protocol):
    """Turns a caller away at once."""

    def __init__(self, why: bytes = b"4.3.2 Too many connections") -> None:
        self._why = why

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        transport.write(b"421 " + self._why + b", please call again later\r\n")
        transport.close()


class Letter(Envelope):
    """The envelope, with the inbox of its first recipient."""

    inbox = ""
    # Its message was counted as one of its client's.
    counted = False


class Door(SMTP):
    """One connection."""

    envelope: Letter

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        # The library keeps these for all connections together, so that one changes them under another.
        self.command_size_limits = defaultdict(lambda: self.command_size_limit)
        # The library reads lines up to this length and gives up on longer ones. Real mail has them: see smtp_DATA.
        self.line_length_limit = _PIECE
        self.storing = False
        self.holds = 0
        self.client = ""
        self._at_most: asyncio.TimerHandle | None = None
        certificate = intake.rules.certificate
        super().__init__(
            intake,
            data_size_limit=MOST_BYTES,
            enable_SMTPUTF8=True,
            hostname=intake.hostname,
            ident="Answerable",
            timeout=IDLE_SECONDS,
            loop=asyncio.get_running_loop(),
            tls_context=certificate.context() if certificate else None,
        )
        # Nobody logs in here, and so nobody is asked to.
        self._auth_methods.clear()
        self._ehlo_hook_ver = "new"

    def task(self) -> asyncio.Task[None]:
        """What ends when the connection does."""
        assert self._handler_coroutine is not None
        return self._handler_coroutine

    def _create_envelope(self) -> Letter:
        return Letter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._at_most is not None:  # the same connection, by TLS from here on
            super().connection_made(transport)
            return
        peer = transport.get_extra_info("peername")
        self.client = str(peer[0]) if peer else ""
        if self._intake.is_crowded(self.client):
            self._intake.say(self.client, f"has {self._intake.rules.connections} connections open and was turned away")
            assert isinstance(transport, asyncio.Transport)
            full = Full(b"4.7.0 Too many connections from your address")
            transport.set_protocol(full)
            full.connection_made(transport)
            return
        super().connection_made(transport)
        self._intake.doors.add(self)
        self._at_most = self.loop.call_later(SESSION_SECONDS, self.say_goodbye)

    def connection_lost(self, error: Exception | None) -> None:
        if self._at_most is not None:
            self._at_most.cancel()
        self._intake.doors.discard(self)
        super().connection_lost(error)

    def say_goodbye(self) -> None:
        """End the connection at a moment of our choosing."""
        if self.transport is None:
            return
        # asyncio's transport for TLS forgets its connection a moment before we hear that it is lost.
        with contextlib.suppress(AttributeError):
            self._writer.write(b"421 4.3.2 Closing, please call again later\r\n")
            self._writer.close()

    async def handle_exception(self, error: Exception) -> str:
        """A mistake of ours: nothing about it goes to the caller, and what they send next would be read out of step."""
        logger.error("SMTP: unexpected %s", type(error).__name__, exc_info=error)
        self.loop.call_soon(self._writer.close)
        return "421 4.3.0 Something went wrong here, please call again later"

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """The library's own parser costs more time than all the rest of a command, and raises on some addresses."""
        found = _PATH.match(arg) or _BARE_PATH.match(arg)
        if not found:
            return None, None
        address = found[1].encode(errors="replace").decode()  # bytes that are no UTF-8 came as lone surrogates
        return address or "<>", found[2]

    async def _call_handler_hook(self, command: str, *args: Any) -> Any:
        if command == "EHLO":
            self._greeted().host_name = args[0]
            return [line for line in args[1] if not line.startswith("250-AUTH")]
        return await self._recipient(args[0]) if command == "RCPT" else MISSING

    def _greeted(self) -> Session:
        assert self.session is not None
        return self.session

    async def _recipient(self, address: str) -> Any:
        if len(self.envelope.rcpt_tos) >= MOST_RECIPIENTS:
            return f"452 4.5.3 No more than {MOST_RECIPIENTS} recipients for one message"
        try:
            if not self.envelope.counted and not await self._intake.may_send(self.client):
                self._intake.say(self.client, f"sends more than {self._intake.rules.messages} messages a minute")
                return "450 4.7.1 Too many messages from your address, please wait a minute"
            self.envelope.counted = True
            inbox = await self._intake.depot.inbox_for(address)
        except FAILURES as error:
            logger.warning("SMTP: the database is away: %s", error)
            return _AWAY
        if inbox is None:
            return "550 5.1.1 This help desk takes no mail for that address"
        if not inbox:
            return "450 4.3.5 This help desk has no inbox yet"
        self.envelope.inbox = self.envelope.inbox or inbox
        return MISSING

    async def smtp_DATA(self, arg: str) -> None:
        """Read the message as it is, whatever its lines are like, and answer when it is kept."""
        if await self.check_helo_needed():
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        if not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Name a recipient first")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        try:
            raw, refusal = await self._read_message()
            answer = refusal or await self._keep(raw)
        finally:
            self.holds = 0
        self.envelope = self._create_envelope()
        await self.push(answer)
        if self._intake.leaving:
            self.say_goodbye()

    async def _read_message(self) -> tuple[bytes, str]:
        """The message, or why it is not taken: it is read to its end all the same, or the answer could not be heard."""
        # In an empty message the line end before the final dot is that of the command. Put in front it serves for both.
        self._reader.feed_data(b"\r\n" + await self._reader.read(32 * _PIECE))
        pieces: list[bytes] = []
        size, refusal, ended = 0, "", False
        while not ended:
            piece, ended = await self._read_piece()
            size += len(piece)
            if size > MOST_BYTES + len(_END):
                refusal = f"552 5.3.4 The message is larger than {MOST_BYTES} bytes"
            elif not self._intake.has_room():
                refusal = refusal or "452 4.3.1 Too much mail at once, please send it again later"
            if refusal:
                pieces.clear()
                self.holds = 0
            else:
                pieces.append(piece)
                self.holds = size
        text = b"".join(pieces)
        pieces.clear()
        return text[: -len(b".\r\n")].replace(b"\r\n.", b"\r\n")[len(b"\r\n") :], refusal

    async def _read_piece(self) -> tuple[bytes, bool]:
        """What has come, up to the end of the message, and whether that is it. A slow sender gets time for each."""
        try:
            return await self._reader.readuntil(_END), True
        except asyncio.LimitOverrunError as more:
            self._reset_timeout()
            return await self._reader.readexactly(more.consumed), False

    async def _keep(self, raw: bytes) -> str:
        letter = self.envelope
        arrival = Arrival(
            inbox=letter.inbox,
            source="smtp",
            received_at=clock.now(),
            envelope_from="" if letter.mail_from == "<>" else letter.mail_from or "",
            envelope_to=tuple(letter.rcpt_tos),
            client=self.client or None,
            helo=_printable(self._greeted().host_name or ""),
        )
        self.storing = True
        try:
            await self._intake.depot.keep(raw, arrival)
        except FAILURES as error:
            logger.warning("SMTP: a message could not be stored, its sender was asked to try again: %s", error)
            return _AWAY
        finally:
            self.storing = False
        return "250 2.0.0 Kept"


def _printable(text: str) -> str:
    """What PostgreSQL takes."""
    return "".join(letter for letter in text if letter.isprintable() and letter.isascii())


async def serve(host: str, port: int, intake: Intake, until: asyncio.Event, ready: Callable[[int], object]) -> None:
    """Take mail on this address until told to stop. `ready` is told the port."""
    server = await asyncio.get_running_loop().create_server(intake.door, host, port)
    ready(server.sockets[0].getsockname()[1])
    await until.wait()
    server.close()
    await intake.leave()
