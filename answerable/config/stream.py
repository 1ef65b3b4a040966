"""`/live`: one stream of server-sent events for a browser. Signed tokens say what it may hear (live.access)."""

import asyncio
import secrets
from urllib.parse import parse_qs

from answerable.config.protocol import BLOCK, Patience, Receive, Scope, Send, TurnedAway, header, until_gone
from answerable.lib import clock
from answerable.live.access import BadToken, Pass, read
from answerable.live.pump import Client, Full, Pump, Revoked

KEEPALIVE_SECONDS = 20
STALL_SECONDS = 60
MOST_TOKENS = 64

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]


async def serve_live(scope: Scope, receive: Receive, send: Send, *, pump: Pump, patience: Patience) -> None:
    """Serves one stream until the browser leaves, a token expires, access is revoked or the server stops."""
    passes = _passes(scope)
    try:
        client = pump.join(passes)
    except Revoked:
        raise TurnedAway(403, "Access has changed. Please reload the page.") from None
    except Full:
        raise TurnedAway(503, "Too many open pages at the moment.", retry_seconds=30) from None
    seconds = min(entry.expires for entry in passes) - clock.exact().timestamp()
    gone = asyncio.ensure_future(_end_when_gone(receive, client))
    try:
        await _send_events(send, client, patience, asyncio.get_running_loop().time() + seconds)
    except TimeoutError:
        return
    finally:
        gone.cancel()
        pump.leave(client)


async def _send_events(send: Send, client: Client, patience: Patience, until: float) -> None:
    loop = asyncio.get_running_loop()
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    # A restart must not bring every browser back in the same instant.
    data: bytes | None = b"retry: %d\n\n" % (1000 + secrets.randbelow(2000))
    while data is not None:
        for start in range(0, len(data), BLOCK):
            async with patience.limit(STALL_SECONDS):
                await send({"type": "http.response.body", "body": data[start : start + BLOCK], "more_body": True})
        data = await client.next(min(KEEPALIVE_SECONDS, until - loop.time()))
        if loop.time() >= until:
            break
    await send({"type": "http.response.body", "body": b""})


async def _end_when_gone(receive: Receive, client: Client) -> None:
    await until_gone(receive)
    client.end()


def _passes(scope: Scope) -> list[Pass]:
    if scope["method"] != "GET":
        raise TurnedAway(405, "This address is read with GET.")
    if header(scope, b"sec-fetch-site") in {b"cross-site", b"same-site"}:
        raise TurnedAway(403, "Only pages of this site may listen.")
    try:
        tokens = parse_qs(scope["query_string"].decode("ascii"), max_num_fields=MOST_TOKENS).get("t", [])
        passes = [read(token) for token in tokens]
    except (ValueError, BadToken):
        raise TurnedAway(403, "This token is not valid, or not any more.") from None
    if len({entry.person_id for entry in passes}) != 1:
        raise TurnedAway(403, "Tokens of one person are needed.")
    return passes
