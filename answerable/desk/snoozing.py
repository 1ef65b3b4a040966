"""Until when one may snooze a ticket: a few moments in the reader's own zone, and how a typed one is read."""

from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused

MORNING = time(9)


def presets(now: datetime) -> list[tuple[str, str]]:
    """(moment as it is posted, words)."""
    here = now.astimezone(timezone.get_current_timezone())
    monday = here + timedelta(days=7 - here.weekday())
    moments = [
        (now + timedelta(hours=3), _("For 3 hours")),
        (_morning(here + timedelta(days=1)), _("Until tomorrow, 09:00")),
        (_morning(monday), _("Until Monday, 09:00")),
        (_morning(here + timedelta(days=7)), _("For a week, until 09:00")),
    ]
    return list({moment.isoformat(): words for moment, words in reversed(moments)}.items())[::-1]


def _morning(day: datetime) -> datetime:
    return datetime.combine(day.date(), MORNING, day.tzinfo)


def read(text: str) -> datetime:
    """A moment with its offset, or as a browser gives it, in the reader's zone. Raises Refused."""
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        found = None
    if found is None:
        raise Refused("moment", _("Say until when: a date and a time."))
    return found if found.tzinfo else found.replace(tzinfo=timezone.get_current_timezone())
