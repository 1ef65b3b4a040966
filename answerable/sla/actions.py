"""Keep a ticket's stored legs in step with its events. `sync` is the seam; all it decides comes from `evaluate`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from answerable.lib.fresh import forget_all
from answerable.sla import calendars
from answerable.sla.emissions import Fact, announce
from answerable.sla.evaluate import evaluate
from answerable.sla.models import Defect, Leg, Replan, Terms
from answerable.sla.queries import current, thresholds
from answerable.sla.reading import moved_away, read
from answerable.sla.rows import Look, Stored, carried, look, said, save
from answerable.tickets.models import NO_PROMISE, Event, Ticket

__all__ = ["Fact", "Look", "Stored", "Sync", "TermsSpec", "apply_terms", "save", "sync"]


@dataclass(frozen=True)
class Sync:
    """What the ticket owes next, and what must be recorded. `next_due_at` is NO_PROMISE when nothing is owed."""

    next_due_at: datetime
    metric: str
    start: datetime | None
    breached_at: datetime | None
    facts: tuple[Fact, ...]
    # Legs of a new ticket, to be stored together with it.
    rows: tuple[Leg, ...] = ()


def sync(ticket: Ticket, events: Sequence[Event], now: datetime, *, is_new: bool) -> Sync:
    """Evaluate the ticket's whole history at `now`, store the legs that changed, and say what is owed next.

    Runs in the transaction and under the ticket lock of the change that it follows. `events` are all of the ticket's.
    Of a new ticket, of which there is nothing to say yet, whoever stores it stores the legs too (`rows`).
    """
    stored = {} if is_new else {(leg.metric, leg.index): leg for leg in Leg.objects.filter(ticket=ticket)}
    looks = look_at(ticket, events, stored, now)
    changed = [one for one in looks if one.differs]
    if is_new and not any(one.breaks or one.warned for one in changed):
        return replace(owed([one.leg for one in looks]), rows=tuple(one.leg for one in changed))
    save(changed)
    return owed([one.leg for one in looks], announce(changed, thresholds(current()), now))


def look_at(ticket: Ticket, events: Sequence[Event], stored: Stored, now: datetime) -> list[Look]:
    """The ticket's legs as rows, by its history and with what was stored before; nothing is written."""
    reading = read(events, calendars.current(), thresholds(current()))
    if reading is None:
        return []
    context = (ticket, reading, events)
    looks = [
        look(context, leg, stored.get((leg.metric, leg.index)), now)
        for leg in evaluate(reading.events, reading.terms, now)
    ]
    return [*looks, *_left(looks, stored, now)] if moved_away(events) else looks


def _left(looks: Sequence[Look], stored: Stored, now: datetime) -> list[Look]:
    """Legs whose message was moved away: carried, neither kept nor missed here. A breach stays one (contract §1.3)."""
    there = {(one.leg.metric, one.leg.index) for one in looks}
    return [Look(carried(leg, now), leg, ()) for key, leg in stored.items() if key not in there]


def open_legs(ticket: Ticket, events: Sequence[Event], now: datetime) -> list[dict[str, Any]]:
    """The legs that a merge carries along, as its event stores them: metric, start, and open seconds used up (§1.4)."""
    legs = (one.leg for one in look_at(ticket, events, {}, now))
    return [
        {"metric": leg.metric, "start": leg.start.isoformat(), "counted": leg.elapsed}
        for leg in legs
        if leg.state in {"running", "paused"}
    ]


def owed(rows: Sequence[Leg], facts: tuple[Fact, ...] = ()) -> Sync:
    """What the queue needs to know of a ticket with these legs."""
    running = [leg for leg in rows if leg.state == "running" and leg.due_at is not None]
    broken = [leg.breached_at for leg in rows if leg.breached_at is not None]
    first = min(running, key=lambda leg: (leg.due_at, leg.metric), default=None)
    return Sync(
        next_due_at=first.due_at if first and first.due_at else NO_PROMISE,
        metric=first.metric if first else "",
        start=first.start if first else None,
        breached_at=min(broken, default=None),
        facts=facts,
    )


@dataclass(frozen=True)
class TermsSpec:
    """Severities and plans as the policy names them (JSON shapes as in `Terms`)."""

    severities: Mapping[str, Mapping[str, Any]]
    plans: Mapping[str, Mapping[str, Any]]
    default_severity: str
    default_plan: str
    rules: Mapping[str, Any] = field(default_factory=dict)


def apply_terms(spec: TermsSpec, version: int, now: datetime) -> bool:
    """New terms under the policy's version number: new tickets get them, open ones keep what they were promised.

    Returns whether warnings changed: those are no promise, and hold for open tickets too once these are walked.
    """
    before = Terms.objects.order_by("-version").first()
    Terms.objects.create(
        version=version,
        severities={key: dict(value) for key, value in spec.severities.items()},
        plans={key: dict(value) for key, value in spec.plans.items()},
        default_severity=spec.default_severity,
        default_plan=spec.default_plan,
        rules=dict(spec.rules),
        effective_from=now,
    )
    forget_all()
    return before is not None and before.rules.get("warnings", []) != spec.rules.get("warnings", [])


def ask_replan(kind: str, key: str, who: str, now: datetime) -> None:
    """Ask for a walk over all open clocks in the background. One that waits to begin serves whoever asks again."""
    if not Replan.objects.filter(kind=kind, key=key, started_at__isnull=True).exists():
        Replan.objects.create(kind=kind, key=key, asked_by=who, created_at=now)


# Values that rarely change are kept for a few seconds in each process: a walk begins after the last of them has
# forgotten the old calendar, so that nobody writes by it behind the walk's back.
_PATIENCE = timedelta(seconds=5)


def take_replan(now: datetime) -> Replan | None:
    """The walk to go on with, locked until the transaction ends; None while there is none, or another worker has it."""
    first = Replan.objects.filter(finished_at__isnull=True).order_by("id").first()
    if first is None or first.created_at > now - _PATIENCE:
        return None
    return Replan.objects.select_for_update(skip_locked=True).filter(pk=first.pk, finished_at__isnull=True).first()


def differences(ticket: Ticket, looks: Sequence[Look], stored: Stored, now: datetime) -> list[Defect]:
    """Where a stored clock says other things than its events do."""
    found = []
    computed = {(look.leg.metric, look.leg.index): look.leg for look in looks}
    for metric, index in sorted(computed.keys() | stored.keys()):
        was, is_now = said(stored.get((metric, index))), said(computed.get((metric, index)))
        if was != is_now:
            found.append(
                Defect(
                    ticket_id=ticket.pk,
                    number=ticket.number,
                    metric=metric,
                    index=index,
                    stored=was,
                    computed=is_now,
                    found_at=now,
                )
            )
    return found


def record_defects(found: Sequence[Defect]) -> None:
    """Keep what an audit found, for administrators and doctor."""
    Defect.objects.bulk_create(found)
