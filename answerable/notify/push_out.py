"""Hand a call to a browser by its push service: encrypted for it alone (RFC 8291), signed as ours (RFC 8292)."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from answerable.lib import http
from answerable.lib.errors import Undeliverable
from answerable.notify.calls import Call
from answerable.notify.push_keys import KeyPair, key_pair
from answerable.notify.push_services import Subscription, decoded, service_of
from answerable.notify.webhook_out import why
from answerable.people.queries import vendor

# How long a service keeps it for a browser that is off: about as long as a page is repeated once or twice.
KEPT_SECONDS = 900
# A service that asks for more patience than this has failed: the person's next channel is sooner.
MOST_PATIENCE = 60
_SIGNED_FOR = timedelta(hours=1)
_GONE = {404, 410}
_LATER = {408, 425, 429}


class Gone(Undeliverable):
    """The service says that there is no such browser any more."""


def send(given: Subscription, call: Call, now: datetime) -> str:
    """What became of it, in words. Raises Undeliverable, or Refused for a service that is no longer listed."""
    name, keys = service_of(given), key_pair()
    if keys is None:
        raise Undeliverable("the secret key has changed since: turn push on anew in that browser", permanent=True)
    headers = {
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high",
        # The next page of the same alert takes the place of one that still waits there.
        "Topic": f"alert-{call.alert}" if call.alert is not None else call.kind,
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "Authorization": _signed(given, keys, now),
    }
    try:
        answer = http.outside().post(
            given.endpoint, data=_encrypted(given, call), headers=headers, allow_redirects=False
        )
    except http.Unreachable as error:
        raise Undeliverable(why(error), permanent=False) from None
    return _judged(name, answer.status_code, answer.headers.get("Retry-After", ""), now)


def _judged(name: str, code: int, retry_after: str, now: datetime) -> str:
    if 200 <= code < 300:
        return f"{name} took it ({code})"
    said = f"{name} answered {code}"
    if code in _GONE:
        raise Gone(f"{name} knows no such browser any more ({code})", permanent=True)
    if 400 <= code < 500 and code not in _LATER:
        raise Undeliverable(said, permanent=True)
    wait = _seconds(retry_after, now)
    if wait > MOST_PATIENCE:
        raise Undeliverable(f"{said}: to try again in {wait} s is too late", permanent=True)
    raise Undeliverable(said, permanent=False, after_seconds=wait)


def _seconds(retry_after: str, now: datetime) -> int:
    """Of a number of seconds or a date; 0 for neither."""
    text = retry_after.strip()
    if text.isascii() and text.isdecimal():
        return int(text[:9])
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0
    return max(0, int((at.replace(tzinfo=at.tzinfo or UTC) - now).total_seconds()))


def _encrypted(given: Subscription, call: Call) -> bytes:
    said = {**call.said(), "open": call.open_alerts}
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    # A key for this message alone, and a salt: http_ece makes the salt, and puts the key where it belongs.
    once = generate_private_key(SECP256R1())
    made: bytes = http_ece.encrypt(
        text, private_key=once, dh=decoded(given.p256dh), auth_secret=decoded(given.auth), version="aes128gcm"
    )
    return made


def _signed(given: Subscription, keys: KeyPair, now: datetime) -> str:
    claims = {
        "aud": given.origin,
        "exp": int((now + _SIGNED_FOR).timestamp()),
        "sub": f"mailto:{vendor().support_address}",
    }
    return f"vapid t={jwt.encode(claims, keys.private, algorithm='ES256')}, k={keys.public}"
