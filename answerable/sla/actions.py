"""Keep a ticket's stored legs in step with its events. `sync` is the seam; all it decides comes from `evaluate`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.lib.fresh import forget_all
from answerable.lib.worktime import Calendar
from answerable.people.queries import calendars
from answerable.sla import evaluate as engine
from answerable.sla.models import Emission, Leg, Terms
from answerable.tickets.models import NO_PROMISE, Event, Ticket

ENGINE_KINDS = {"customer_message", "agent_reply", "pause", "resume", "resolve", "reopen", "targets"}
PAUSABLE = frozenset({"resolution", "periodic_update"})


@dataclass(frozen=True)
class Fact:
    """Something that happened to a promise and is said once ever."""

    kind: str
    metric: str
    at: datetime
    target: int | None


@dataclass(frozen=True)
class Sync:
    """What the ticket owes next, and what must be recorded. `next_due_at` is NO_PROMISE when nothing is owed."""

    next_due_at: datetime
    metric: str
    start: datetime | None
    breached_at: datetime | None
    facts: tuple[Fact, ...]


def sync(ticket: Ticket, events: Sequence[Event], now: datetime, *, is_new: bool) -> Sync:
    """Evaluate the ticket's whole history at `now`, store the legs that changed, and say what is owed next.

    Runs in the transaction and under the ticket lock of the change that it follows. `events` are all of the ticket's.
    """
    opening = next((event for event in events if event.kind == "targets"), None)
    if opening is None:
        return Sync(NO_PROMISE, "", None, None, ())
    legs = engine.evaluate(list(_engine_events(events, opening)), _terms(opening), now)
    stored = {} if is_new else {(leg.metric, leg.index): leg for leg in Leg.objects.filter(ticket=ticket)}
    version = int(_latest(events, "targets").data["policy"])
    rows = [_row(ticket, leg, stored.get((leg.metric, leg.index)), version) for leg in legs]
    _save(rows, stored)
    return _result(rows, _announce(rows, stored, now))


def _terms(opening: Event) -> engine.Terms:
    return engine.Terms(
        targets=opening.data["targets"],
        calendar=_calendar_at(opening.data["calendar"], opening.occurred_at),
        pausable=PAUSABLE,
        retarget="from_change",
    )


def _latest(events: Sequence[Event], kind: str) -> Event:
    return next(event for event in reversed(events) if event.kind == kind)


def _calendar_at(key: str, at: datetime) -> Calendar:
    versions = [row for row in calendars()[key] if row.effective_from <= at]
    return Calendar.read((versions or calendars()[key])[-1 if versions else 0].spec)


def _engine_events(events: Sequence[Event], opening: Event) -> Iterable[engine.Event]:
    """The engine's reading of the history; a calendar's later versions come in as events of their own."""
    found = [_engine_event(event) for event in events if event.kind in ENGINE_KINDS and event is not opening]
    found += _calendar_edits(events)
    return sorted(found, key=lambda event: event.at)


def _engine_event(event: Event) -> engine.Event:
    if event.kind != "targets":
        return engine.Event(kind=event.kind, at=event.occurred_at, received_at=event.received_at)
    return engine.Event(
        kind="targets",
        at=event.occurred_at,
        targets=event.data["targets"],
        calendar=_calendar_at(event.data["calendar"], event.occurred_at),
    )


def _calendar_edits(events: Sequence[Event]) -> list[engine.Event]:
    edits = []
    changes = [event for event in events if event.kind == "targets"]
    for event, following in zip(changes, [*changes[1:], None], strict=True):
        for version in calendars()[event.data["calendar"]]:
            after = version.effective_from > event.occurred_at
            if after and (following is None or version.effective_from < following.occurred_at):
                edits.append(
                    engine.Event(kind="calendar", at=version.effective_from, calendar=Calendar.read(version.spec))
                )
    return edits


def _row(ticket: Ticket, leg: engine.Leg, old: Leg | None, version: int) -> Leg:
    # A breach is final (contract §1.3): what was recorded once is never taken back by a later evaluation.
    breached_at = old.breached_at if old and old.breached_at else leg.breached_at
    return Leg(
        ticket=ticket,
        metric=leg.metric,
        index=leg.index,
        state=leg.state,
        start=leg.start,
        target=leg.target,
        elapsed=leg.elapsed,
        fulfilled_at=leg.fulfilled_at,
        due_at=breached_at or leg.due_at,
        breached_at=breached_at,
        cause=leg.cause or "",
        policy_version=old.policy_version if old and old.fulfilled_at else version,
    )


_WATCHED = ["state", "start", "target", "elapsed", "fulfilled_at", "due_at", "breached_at", "cause", "policy_version"]


def _save(rows: Sequence[Leg], stored: Mapping[tuple[str, int], Leg]) -> None:
    changed = [row for row in rows if _differs(row, stored.get((row.metric, row.index)))]
    if changed and not stored:
        Leg.objects.bulk_create(changed)
    elif changed:
        Leg.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["ticket", "metric", "index"], update_fields=_WATCHED
        )


def _differs(row: Leg, old: Leg | None) -> bool:
    return old is None or any(getattr(row, name) != getattr(old, name) for name in _WATCHED)


def _announce(rows: Sequence[Leg], stored: Mapping[tuple[str, int], Leg], now: datetime) -> tuple[Fact, ...]:
    """Each newly broken promise, once ever: the unique emission row decides who of several finders says it."""
    facts = []
    for row in rows:
        old = stored.get((row.metric, row.index))
        if row.breached_at is None or (old and old.breached_at):
            continue
        leg = Leg.objects.get(ticket=row.ticket, metric=row.metric, index=row.index)
        _, first = Emission.objects.get_or_create(
            leg=leg, kind="breach", defaults={"at": row.breached_at, "detected_at": now}
        )
        if first:
            facts.append(Fact("breach", row.metric, row.breached_at, row.target))
    return tuple(facts)


def _result(rows: Sequence[Leg], facts: tuple[Fact, ...]) -> Sync:
    owed = [row for row in rows if row.state == "running" and row.due_at is not None]
    broken = [row.breached_at for row in rows if row.breached_at is not None]
    first = min(owed, key=lambda row: (row.due_at, row.metric), default=None)
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


def apply_terms(spec: TermsSpec, version: int, now: datetime) -> None:
    """New terms under the policy's version number: new tickets get them, open ones keep what they were promised."""
    Terms.objects.create(
        version=version,
        severities={key: dict(value) for key, value in spec.severities.items()},
        plans={key: dict(value) for key, value in spec.plans.items()},
        default_severity=spec.default_severity,
        default_plan=spec.default_plan,
        effective_from=now,
    )
    forget_all()
