"""Whether a call comes from the tool that it names: by what only the two of us know, compared in constant time."""

import hashlib
import hmac
from datetime import datetime, timedelta

from answerable.notify.webhook_out import signature

TOLERANCE = timedelta(minutes=5)
_MOST_SIGNATURES = 10


def by_bearer(given: str, secret: str) -> bool:
    """`Authorization: Bearer …`, as Alertmanager sends it."""
    scheme, _, token = given.partition(" ")
    return scheme.lower() == "bearer" and _same(token.strip(), secret)


def by_pagerduty(given: str, secret: str, body: bytes) -> bool:
    """`X-PagerDuty-Signature: v1=…,v1=…`: while a secret is being changed there are several, one of which is ours."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    found = [part.strip().removeprefix("v1=") for part in given.split(",")[:_MOST_SIGNATURES] if "v1=" in part]
    return any(_same(one, made) for one in found)


def by_own(stamp: str, given: str, secret: str, body: bytes, now: datetime) -> bool:
    """Our own form: `sha256=` of "<timestamp>.<body>", no older and no newer than five minutes."""
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12):
        return False
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        return False
    return _same(given.strip().removeprefix("sha256="), signature(secret, stamp, body))


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(errors="replace"), known.encode())
