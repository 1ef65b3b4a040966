"""Swaps: one asks a colleague to take a span, and may offer to take one of theirs. Accepted, it becomes overrides."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record, system
from answerable.escalation.override_actions import holders, put, within_reach
from answerable.escalation.schedule_access import may_take
from answerable.escalation.schedule_actions import hold
from answerable.escalation.schedules import Schedule, Swap
from answerable.escalation.shift_news import tell_shift
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Trade:
    """What is asked: the span to take, what the asker takes back (None: nothing), and why."""

    span: Span
    back: Span | None = None
    why: str = ""


def ask_swap(asker: Person, other: Person, schedule: Schedule, trade: Trade, now: datetime) -> Swap:
    """Ask the other to take the span. Both must be who is on call now in the whole of what they give away."""
    if schedule.retired_at is not None:
        raise Refused("retired", _("This schedule is retired."))
    if asker.pk == other.pk or not may_take(asker) or not may_take(other):
        raise Refused("not_staff", _("Choose a colleague who can be on call."))
    span = within_reach(trade.span, now)
    back = within_reach(trade.back, now) if trade.back else None
    if back and span[0] < back[1] and back[0] < span[1]:
        raise Refused("invalid", _("The two times overlap."))
    with transaction.atomic():
        _require_holders(schedule, asker, other, span, back)
        row = Swap.objects.create(
            schedule=schedule,
            asker=asker,
            other=other,
            start=span[0],
            end=span[1],
            back_start=back[0] if back else None,
            back_end=back[1] if back else None,
            why=trade.why.strip()[:200],
            asked_at=now,
            # What has begun is asked for its rest: then there is time until its end.
            lapses_at=min(one[0] if one[0] > now else one[1] for one in (span, back) if one),
        )
        record(actor_of(asker), "ask_swap", ("schedule", schedule.pk), now, swap=row.pk, other=other.pk)
        _tell(row, other, "asked", asker, now)
    return row


def _require_holders(schedule: Schedule, asker: Person, other: Person, span: Span, back: Span | None) -> None:
    for person, part in ((asker, span), (other, back)):
        if part is None:
            continue
        if holders(schedule, part) != {person.pk}:
            words = _("%(who)s is not on call in the whole of that time.")
            raise Refused("not_theirs", words % {"who": person.label})


def accept_swap(by: Person, pk: int, now: datetime) -> Swap:
    """The other says yes: from now on the overrides say so. Raises Refused where the shifts have changed since."""
    with transaction.atomic():
        row = _waiting(pk, now)
        _require(by.pk == row.other_id and may_take(by))
        # Of what runs by now, the rest: what was stays.
        span = within_reach((row.start, row.end), now)
        back = within_reach((row.back_start, row.back_end), now) if row.back_start and row.back_end else None
        schedule = hold(row.schedule)
        _require_holders(schedule, row.asker, row.other, span, back)
        for person, part in ((row.other, span), (row.asker, back)):
            if part is None:
                continue
            put(by, schedule, person, part, now, why=row.why)
            # Else it would stay with whom it is to leave, and nobody would know.
            if holders(schedule, part) != {person.pk}:
                raise Refused("not_theirs", _("%(who)s is away for part of that time.") % {"who": person.label})
        _settle(row, "accepted", by, now)
        _tell(row, row.asker, "accepted", by, now)
    return row


def decline_swap(by: Person, pk: int, now: datetime) -> Swap:
    """The other says no; nothing changes."""
    with transaction.atomic():
        row = _waiting(pk, now)
        _require(by.pk == row.other_id)
        _settle(row, "declined", by, now)
        _tell(row, row.asker, "declined", by, now)
    return row


def withdraw_swap(by: Person, pk: int, now: datetime) -> Swap:
    """Who asked takes it back before it is answered."""
    with transaction.atomic():
        row = _waiting(pk, now)
        _require(by.pk == row.asker_id)
        _settle(row, "withdrawn", by, now)
        _tell(row, row.other, "withdrawn", by, now)
    return row


def lapse_swaps(now: datetime, limit: int = 100) -> int:
    """What nobody answered in time is over; who asked is told. Any number of workers."""
    with transaction.atomic():
        rows = Swap.objects.select_for_update(of=["self"], skip_locked=True).filter(state="asked", lapses_at__lte=now)
        found = list(rows.select_related("schedule", "asker", "other")[:limit])
        for row in found:
            row.state, row.settled_at = "lapsed", row.lapses_at
            row.save(update_fields=["state", "settled_at"])
            record(system("on call"), "swap_lapsed", ("schedule", row.schedule_id), now, swap=row.pk)
            _tell(row, row.asker, "lapsed", row.other, now)
    return len(found)


def _waiting(pk: int, now: datetime) -> Swap:
    rows = Swap.objects.select_for_update(of=["self"]).select_related("schedule", "asker", "other")
    row = rows.filter(pk=pk).first()
    if row is None:
        raise Refused("not_found", _("There is no such request."))
    if row.state != "asked" or row.lapses_at <= now:
        raise Refused("settled", _("This request is answered or over already; nothing was changed."))
    return row


def _settle(row: Swap, state: str, by: Person, now: datetime) -> None:
    row.state, row.settled_at = state, now
    row.save(update_fields=["state", "settled_at"])
    record(actor_of(by), f"swap_{state}", ("schedule", row.schedule_id), now, swap=row.pk)


def _tell(row: Swap, to: Person, what: str, who: Person, now: datetime) -> None:
    tell_shift(row.schedule, [to.pk], {"who": who.label, "what": f"swap_{what}"}, f"swap:{row.pk}:{what}", now)


def _require(allowed: bool) -> None:
    if not allowed:
        raise Refused("not_allowed", _("That is for who was asked, or who asked."))
