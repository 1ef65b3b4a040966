"""Rows of the mail room that people decide on, what administrators were told of it, and probes."""

import secrets
from datetime import datetime, timedelta

from django.db.models import F, Q

from answerable.lib.rows import cursor
from answerable.mail.actions import quarantine
from answerable.mail.models import Alarm, Probe, RawMail
from answerable.mail.queries import addresses

PURGE_AT_ONCE = 200


def lock_any(raw_id: int) -> RawMail | None:
    """The message, locked, however it ended; None: there is no such message."""
    return RawMail.objects.select_for_update(of=("self",)).filter(pk=raw_id).first()


def hold_raw(raw_id: int) -> None:
    """Lock the message: whoever decides on one takes it first, and then the tickets."""
    list(RawMail.objects.select_for_update(of=("self",)).filter(pk=raw_id).values_list("pk"))


def put_away(row: RawMail, at: datetime | None) -> None:
    """Nothing is to come of it; None: take it out again."""
    row.put_away_at = at
    row.save(update_fields=["put_away_at"])


def note_failure(raw_id: int, now: datetime, trace: str) -> None:
    """Why it could not be handled when somebody tried again; one that had only waited is in quarantine now."""
    quarantine(raw_id, "error", now)
    RawMail.objects.filter(pk=raw_id, state="quarantined").update(trace=trace[-20_000:])


def settle_held(raw_id: int, entry_id: int | None, now: datetime) -> None:
    """A held message was let in as this entry, or (None) kept out."""
    row = RawMail.objects.filter(pk=raw_id, outcome="held")
    if entry_id is None:
        row.update(put_away_at=now)
    else:
        row.update(outcome="reply", reason="", entry_id=entry_id, put_away_at=None)


def follow(row: RawMail) -> None:
    """What came again with the same content leads to where the message is now."""
    RawMail.objects.filter(duplicate_of=row).update(ticket_id=row.ticket_id, entry_id=row.entry_id)


def purge(discarded_before: datetime, automatic_before: datetime, now: datetime) -> int:
    """Let go of the bytes of what was discarded, and of what machines said, so long ago. Returns how many, of each at
    most PURGE_AT_ONCE. The row stays: that it came, from whom, its size and digest."""
    discarded = Q(state="quarantined", put_away_at__lt=discarded_before)
    automatic = Q(outcome="auto", received_at__lt=automatic_before)
    count = 0
    for which in (discarded, automatic):
        rows = RawMail.objects.filter(which, purged_at__isnull=True).order_by("id")
        ids = list(rows.values_list("pk", flat=True)[:PURGE_AT_ONCE])
        count += RawMail.objects.filter(which, pk__in=ids).update(body=b"", trace="", purged_at=now)
    return count


_RAISE = """
INSERT INTO mail_alarm (key, since, told_at) VALUES ($1, $2, $2)
ON CONFLICT (key) DO UPDATE SET told_at = $2 WHERE mail_alarm.told_at <= $3 RETURNING id
"""
_NEVER = timedelta(days=36_500)


def alarm(key: str, now: datetime, again: timedelta = _NEVER) -> bool:
    """Whether this is to be told now: for the first time, or `again` so long after the last."""
    with cursor() as asked:
        asked.execute(_RAISE, [key, now, now - again])
        return asked.fetchone() is not None


def all_clear(key: str) -> bool:
    """It is over; whether it had been told."""
    return bool(Alarm.objects.filter(key=key).delete()[0])


def told_at(key: str) -> datetime | None:
    """When it was told last."""
    return Alarm.objects.filter(key=key).values_list("told_at", flat=True).first()


def alarms(prefix: str) -> list[str]:
    """The keys of what was told and is not over yet."""
    return list(Alarm.objects.filter(key__startswith=prefix).values_list("key", flat=True))


def new_probe(now: datetime) -> Probe:
    """A probe that is about to be sent."""
    return Probe.objects.create(token=secrets.token_hex(16), sent_at=now)


def probe_address(probe: Probe) -> str:
    """Where it goes."""
    return f"probe+{probe.token}@{addresses().reply_domain}"


def probe_arrived(probe: Probe, ticket_id: int, now: datetime) -> bool:
    """Its token is used up. False: it had been used before."""
    rows = Probe.objects.filter(pk=probe.pk, arrived_at__isnull=True)
    return bool(rows.update(arrived_at=now, ticket_id=ticket_id))


def probe_failed(pk: int, now: datetime, error: str = "") -> bool:
    """It did not arrive in time, or could not be sent. False: it has arrived, or this was known."""
    rows = Probe.objects.filter(pk=pk, arrived_at__isnull=True, failed_at__isnull=True)
    return bool(rows.update(failed_at=now, error=error or F("error")))


def probe_trouble(probe: Probe, error: str) -> None:
    """Why it could not be handed over."""
    Probe.objects.filter(pk=probe.pk).update(error=error[:2000])


def forget_probes(before: datetime) -> int:
    """Old probes tell nobody anything."""
    return Probe.objects.filter(sent_at__lt=before).delete()[0]
