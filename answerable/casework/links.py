"""Signed, expiring links that a mail carries: what they open changes nothing, or has a button that does."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.core import signing

_SALT = "casework.confirm"
_READ = "casework.read"
_DAYS = 7


def confirmation(ticket_id: int) -> str:
    """The token that proves its holder reads the requester's mail: who has it may say "that was me", and no more."""
    return signing.dumps(ticket_id, salt=_SALT)


def opened(token: str) -> int | None:
    """The ticket's id; None for a bad or old token."""
    try:
        value = signing.loads(token, salt=_SALT, max_age=_DAYS * 86_400)
    except signing.BadSignature:
        return None
    return value if isinstance(value, int) else None


class ReadLink(NamedTuple):
    """A link that lets its holder read one request as one person."""

    ticket_id: int
    person_id: int
    made_at: datetime


def reading(ticket_id: int, person_id: int, now: datetime) -> str:
    """The token of a mail to this person about this request."""
    return signing.dumps([ticket_id, person_id, int(now.timestamp())], salt=_READ)


def read_reading(token: str, now: datetime) -> ReadLink | None:
    """What the token opens; None for a bad one, or one that is older than seven days."""
    try:
        ticket_id, person_id, made = signing.loads(token, salt=_READ)
    except (signing.BadSignature, ValueError):
        return None
    made_at = datetime.fromtimestamp(made, UTC)
    return ReadLink(ticket_id, person_id, made_at) if now <= made_at + timedelta(days=_DAYS) else None
