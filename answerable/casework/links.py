"""Signed, expiring links that a mail carries. Each opens a page with a button; the link itself changes nothing."""

from django.core import signing

_SALT = "casework.confirm"
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
