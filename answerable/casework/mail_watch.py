"""Looks each minute whether mail gets through, and tells administrators what does not: once, until it does."""

from datetime import datetime, timedelta

from answerable.casework.mail_notices import tell_admins
from answerable.casework.probes import give_up_late, is_wanted
from answerable.mail import room_actions as room
from answerable.mail.room_queries import failing, oldest_waiting, quarantined_since
from answerable.people.queries import vendor

# A mailbox that cannot be read for so long; a message that nobody handles; a probe that is under way.
FAILS_FOR = timedelta(minutes=15)
WAITS_FOR = timedelta(minutes=10)
PROBE_TAKES = timedelta(minutes=2)
HOUR = timedelta(hours=1)


def kept(what: str, days: int) -> timedelta:
    """A term of the policy's [mail], as its days are where the policy says nothing."""
    mail = vendor().settings.get("mail", {})
    found = mail.get(what) if isinstance(mail, dict) else None
    return timedelta(seconds=int(found)) if found else timedelta(days=days)


def look(now: datetime) -> None:
    """All of it; costs by what is wrong."""
    _quarantine("quarantine", "", now)
    _quarantine("rate_limited", "rate_limited", now)
    _mailboxes(now)
    _oldest(now)
    if is_wanted():
        give_up_late(now - PROBE_TAKES, now)
    else:
        room.all_clear("probe")


def _quarantine(key: str, reason: str, now: datetime) -> None:
    """Something has come since it was last told, and that is an hour ago or more (E-7, E-95)."""
    since = room.told_at(key) or now - HOUR
    if quarantined_since(since, reason) and room.alarm(key, now, HOUR):
        tell_admins(f"mail_{key}", f"{key}:{now:%Y%m%d%H%M}", now)


def _mailboxes(now: datetime) -> None:
    failed = {f"mailbox:{box.pk}": box for box in failing(now - FAILS_FOR)}
    for key, box in failed.items():
        if room.alarm(key, now):
            tell_admins("mail_mailbox", f"{key}:{now:%Y%m%d%H%M}", now, name=box.name)
    for key in room.alarms("mailbox:"):
        if key not in failed:
            room.all_clear(key)


def _oldest(now: datetime) -> None:
    oldest = oldest_waiting()
    if oldest is None or oldest > now - WAITS_FOR:
        room.all_clear("waiting")
    elif room.alarm("waiting", now):
        tell_admins("mail_waiting", f"waiting:{now:%Y%m%d%H%M}", now, since=oldest.isoformat())
