"""How times, spans, names and sizes read on a page. Light on purpose: a queue page calls these three hundred times."""

from datetime import datetime, tzinfo
from functools import lru_cache

from django.utils import timezone
from django.utils.dates import MONTHS_3, WEEKDAYS_ABBR
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

MINUTE = 60
HOUR = 3600
DAY = 86400

# A promise that falls due within the hour is at risk: a rule that people can keep in their heads.
AT_RISK_SECONDS = HOUR


def countdown(due: datetime, now: datetime) -> str:
    """Time left, rounded so that nobody is told more than there is: "45 s", "18 m", "2 h 05", "3 d"; late: "−12 m".

    countdown.js says the same; tests/test_browser.py holds the two together.
    """
    left = _seconds(due, now)
    return f"−{_span(-left)}" if left < 0 else _span(left)


def span(due: datetime, now: datetime) -> str:
    """The same without its sign and with "min", where "left" or "late" stands beside it."""
    text = _span(abs(_seconds(due, now)))
    return f"{text}in" if text.endswith(" m") else text


def _span(seconds: int) -> str:
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} m"
    if seconds < DAY:
        return f"{seconds // HOUR} h {seconds % HOUR // MINUTE:02}"
    if seconds < 2 * DAY:
        return f"{seconds // HOUR} h"
    return f"{seconds // DAY} d"


def urgency(due: datetime, now: datetime) -> str:
    """The class of a running promise: "is-broken", "is-risk" or "". In the second it falls due it is not broken yet."""
    left = _seconds(due, now)
    if left < 0:
        return "is-broken"
    return "is-risk" if left < AT_RISK_SECONDS else ""


def used(start: datetime, due: datetime, now: datetime) -> int:
    """How much of the time from `start` to `due` is gone, in whole percent from 0 to 100."""
    whole = _seconds(due, start)
    return 100 if whole <= 0 else max(0, min(100, 100 * _seconds(now, start) // whole))


def share(part: int, whole: int) -> int:
    """Whole percent from 0 to 100; nothing of nothing is all of it."""
    return 100 if whole <= 0 else max(0, min(100, 100 * part // whole))


def duration(seconds: int) -> str:
    """A length of time: "45 s", "30 min", "2 h", "1 h 30", "8 h", "3 d" (days only where they are whole)."""
    if seconds < MINUTE:
        return f"{seconds} s"
    if seconds < HOUR:
        return f"{seconds // MINUTE} min"
    if seconds >= 2 * DAY and seconds % DAY == 0:
        return f"{seconds // DAY} d"
    hours, minutes = seconds // HOUR, seconds % HOUR // MINUTE
    return f"{hours} h {minutes:02}" if minutes else f"{hours} h"


def part_of(seconds: int, target: int) -> str:
    """What was used of a promise: "18 of 30 min", "1 h 10 of 2 h"."""
    part = duration(seconds)
    if MINUTE <= seconds < HOUR and target < HOUR:
        part = part.removesuffix(" min")
    return _("%(part)s of %(whole)s") % {"part": part, "whole": duration(target)}


def clock_time(at: datetime, now: datetime) -> str:
    """The moment in the reader's zone: "14:07" today, "Mon 14:07" within six days, else "14 Nov, 14:07"."""
    zone = timezone.get_current_timezone()
    local, today = at.astimezone(zone), now.astimezone(zone)
    time = f"{local.hour:02}:{local.minute:02}"
    away = abs((local.date() - today.date()).days)
    if away == 0:
        return time
    days, months = _names(get_language())
    if away < 7:
        return f"{days[local.weekday()]} {time}"
    year = "" if local.year == today.year else f" {local.year}"
    return f"{local.day} {months[local.month - 1]}{year}, {time}"


def exact(at: datetime) -> str:
    """The moment in full, in the reader's zone: "Tue 24 Nov 2026, 14:07 CET"."""
    return _exact(at, timezone.get_current_timezone(), get_language())


# A list says a hundred moments, and nearly all of them again when it is fetched anew.
@lru_cache(maxsize=8192)
def _exact(at: datetime, zone: tzinfo, language: str | None) -> str:
    local = at.astimezone(zone)
    days, months = _names(language)
    time = f"{local.hour:02}:{local.minute:02} {local.tzname()}"
    return f"{days[local.weekday()]} {local.day} {months[local.month - 1]} {local.year}, {time}"


def to_second(at: datetime) -> str:
    """The moment to the second, in the reader's zone, where sums must be followed: "Tue 24 Nov 2026, 14:07:00"."""
    local = at.astimezone(timezone.get_current_timezone())
    days, months = _names(get_language())
    time = f"{local.hour:02}:{local.minute:02}:{local.second:02}"
    return f"{days[local.weekday()]} {local.day} {months[local.month - 1]} {local.year}, {time}"


def on_day(at: datetime) -> str:
    """The day alone, in the reader's zone: "24 Nov 2026"."""
    local = at.astimezone(timezone.get_current_timezone())
    return f"{local.day} {_names(get_language())[1][local.month - 1]} {local.year}"


def hms(seconds: int) -> str:
    """A length of time to the second: "0:00:45", "26:10:05"."""
    return f"{seconds // HOUR}:{seconds % HOUR // MINUTE:02}:{seconds % MINUTE:02}"


def zone_name() -> str:
    """The reader's time zone by name."""
    return timezone.get_current_timezone_name()


def ago(at: datetime, now: datetime) -> str:
    """How long since: "now", "2 m", "3 h"; from a day on the date and time."""
    seconds = _seconds(now, at)
    if 0 <= seconds < MINUTE:
        return pgettext("less than a minute ago", "now")
    if 0 <= seconds < HOUR:
        return f"{seconds // MINUTE} m"
    if 0 <= seconds < DAY:
        return f"{seconds // HOUR} h"
    return clock_time(at, now)


def iso(at: datetime) -> str:
    """For a program."""
    return at.isoformat(timespec="seconds")


@lru_cache(maxsize=1024)
def initials(name: str) -> str:
    """One or two letters for an avatar: of the first and last word, or of an address; "–" for nobody."""
    words = [word for word in name.partition("@")[0].replace(".", " ").split() if word[0].isalnum()]
    if not words:
        return "–"
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def size(count: int) -> str:
    """Bytes for people: "812 B", "14 kB", "1.2 MB"."""
    if count < 1000:
        return f"{count} B"
    if count < 999_500:
        return f"{count / 1000:.0f} kB"
    if count < 999_500_000:
        return f"{count / 1_000_000:.1f} MB"
    return f"{count / 1_000_000_000:.1f} GB"


def status_word(status: str, *, customer: bool = False) -> str:
    """A ticket's status as its reader would say it: a customer is told when it is their turn."""
    if status == "pending":
        return _("Waiting for you") if customer else _("Waiting for customer")
    if status == "new":
        return _("Open") if customer else _("New")
    words = {"open": _("Open"), "hold": _("On hold"), "solved": _("Solved"), "closed": _("Closed")}
    return words.get(status, status)


def metric_word(metric: str) -> str:
    """A promise by name."""
    words = {
        "first_response": _("First response"),
        "next_response": _("Next response"),
        "periodic_update": _("Next update"),
        "resolution": _("Resolution"),
    }
    return words.get(metric, metric)


def fate_word(fate: str) -> str:
    """What became of a mail, of our own account and by what was told of it since."""
    words = {
        "waiting": _("waiting"),
        "deferred": _("not taken yet"),
        "accepted": _("accepted"),
        "delayed": _("delayed"),
        "delivered": _("delivered"),
        "relayed": _("handed on"),
        "expanded": _("handed on to a list"),
        "failed": _("not delivered"),
        "bounced": _("came back"),
        "suppressed": _("not sent"),
        "complained": _("called spam"),
    }
    return words.get(fate, fate)


@lru_cache(maxsize=32)
def _names(_language: str | None) -> tuple[list[str], list[str]]:
    """Weekdays and months in the active language, looked up once each."""
    return [str(name) for name in WEEKDAYS_ABBR.values()], [str(name).title() for name in MONTHS_3.values()]


def _seconds(later: datetime, earlier: datetime) -> int:
    """Whole seconds between two moments, by UTC (Python subtracts two times of one zone as wall time)."""
    return int(later.timestamp()) - int(earlier.timestamp())
