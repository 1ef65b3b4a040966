"""Hand a call to a webhook: JSON, signed, over TLS and to the world alone (`lib.http`)."""

import hashlib
import hmac
import json
from datetime import datetime

from answerable.lib import http
from answerable.lib.errors import Undeliverable
from answerable.notify.calls import Call

_TAKEN = range(200, 300)
# Whatever else a receiver says is worth another try: it may be starting.
_FOR_GOOD = range(400, 500)
_BUT_NOT = {408, 425, 429}


def post(url: str, secret: str, call: Call, now: datetime) -> str:
    """What became of it, in words. Raises Undeliverable.

    The signature is HMAC-SHA256 of "<timestamp>.<body>" in hex: who checks it knows that it is ours, and how old it is.
    """
    body = json.dumps(call.said(), ensure_ascii=False).encode()
    return hand(url, body, {"Idempotency-Key": call.id, **signed(secret, body, now)})


def signed(secret: str, body: bytes, now: datetime) -> dict[str, str]:
    """The headers by which a receiver knows that a body is ours."""
    stamp = str(int(now.timestamp()))
    made = signature(secret, stamp, body)
    return {"X-Answerable-Timestamp": stamp, "X-Answerable-Signature": f"sha256={made}"}


def hand(url: str, body: bytes, more: dict[str, str]) -> str:
    """JSON to an address outside: what became of it, in words. Raises Undeliverable."""
    headers = {"Content-Type": "application/json", "User-Agent": "Answerable", **more}
    try:
        answer = http.outside().post(url, data=body, headers=headers, allow_redirects=False)
    except http.Unreachable as error:
        raise Undeliverable(why(error), permanent=False) from None
    code = answer.status_code
    if code not in _TAKEN:
        raise Undeliverable(f"answered {code}", permanent=code in _FOR_GOOD and code not in _BUT_NOT)
    return f"taken ({code})"


def signature(secret: str, stamp: str, body: bytes) -> str:
    """In hex."""
    return hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def why(error: Exception) -> str:
    """In our words: the library's name the whole address, which may hold a token."""
    text = str(error)
    for mark, words in (
        ("not an address outside", "its address lies in our own network"),
        ("only https", "only https is asked"),
        ("timed out", "no answer in time"),
        ("CERTIFICATE", "its certificate is not right"),
        ("too long", "its answer is too long"),
    ):
        if mark in text:
            return words
    return "cannot be reached"
