"""The link in a page: who has it may say that they have seen this one alert, and no more."""

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from django.core import signing

_SALT = "casework.page"
GOOD_FOR = timedelta(hours=24)


class PageLink(NamedTuple):
    """Which alert, and whose page it was in."""

    alert_id: int
    person_id: int


def page_token(alert_id: int, person_id: int, now: datetime) -> str:
    """For one person and one alert."""
    return signing.dumps([alert_id, person_id, int(now.timestamp())], salt=_SALT)


def read_page_token(token: str, now: datetime) -> PageLink | None:
    """What it opens; None for a bad one, or one that is older than a day."""
    try:
        alert_id, person_id, made = signing.loads(token, salt=_SALT)
        made_at = datetime.fromtimestamp(made, UTC)
    except (signing.BadSignature, ValueError, TypeError, OverflowError):
        return None
    return PageLink(alert_id, person_id) if now <= made_at + GOOD_FOR else None
