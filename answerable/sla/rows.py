"""Legs as rows: from the engine's value to what is stored, and only what changed is written."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from answerable.lib.rows import insert, update_many
from answerable.sla.evaluate import Leg as Judged
from answerable.sla.models import Leg
from answerable.sla.vocabulary import Reading
from answerable.tickets.models import Event, Ticket

# The zones that clocks are read by (sla contract §2): the pinned package, not the machine's.
TZDATA = version("tzdata")
Stored = Mapping[tuple[str, int], Leg]
Context = tuple[Ticket, Reading, Sequence[Event]]

_JUDGED = ["judged_at", "severity", "plan", "organization_id", "team_id", "agent_id"]
# What a leg says whenever it is looked at: an audit compares these.
SAID = ["state", "start", "target", "fulfilled_at", "due_at", "warn_at", "breached_at", "cause", "excused"]
_COUNTED = ["elapsed", "remaining"]
_WRITTEN = [*SAID, *_COUNTED, "epoch", "policy_version", "calendar", "calendar_version", *_JUDGED]
# Never a reason to write a row, but written with it.
_STAMPS = ["evaluated_at", "tzdata"]


@dataclass(frozen=True)
class Look:
    """A leg as it was just found: its row, what was stored, the warnings that are due by now (label, since when),
    of which those that were given before are not given again.
    """

    leg: Leg
    old: Leg | None
    warned: tuple[tuple[str, datetime], ...]

    @property
    def breaks(self) -> bool:
        """It was not known to be broken, and is."""
        return self.leg.breached_at is not None and not (self.old and self.old.breached_at)

    @property
    def is_late(self) -> bool:
        """Something about it fell due since it was stored, and is still to be recorded."""
        return self.breaks or bool(self.old and self.old.warn_at and self.old.warn_at < self.leg.evaluated_at)

    @property
    def moves(self) -> bool:
        """It falls due at another time than was said."""
        return self.old is None or self.leg.due_at != self.old.due_at

    @property
    def differs(self) -> bool:
        """Whether anything but the stamps would change; elapsed seconds of a running clock say nothing new."""
        old = self.old
        if old is None:
            return True
        ignored = _COUNTED if self.leg.state == old.state == "running" else []
        return any(getattr(self.leg, name) != getattr(old, name) for name in _WRITTEN if name not in ignored)


def look(context: Context, leg: Judged, old: Leg | None, now: datetime) -> Look:
    """The leg to store, and what is to be said of it."""
    row = _row(context, leg, old, now)
    due = () if row.breached_at else tuple((one.label, at) for one, at in leg.warnings if at <= now)
    return Look(row, old, due)


def _row(context: Context, leg: Judged, old: Leg | None, now: datetime) -> Leg:
    # A breach is final (contract §1.3): what was recorded is never taken back by a later look.
    ticket, reading, events = context
    breached_at = old.breached_at if old and old.breached_at else leg.breached_at
    held = reading.held_at(leg.fulfilled_at or now)
    new = Leg(
        pk=old.pk if old else None,
        ticket=ticket,
        metric=leg.metric,
        index=leg.index,
        state=leg.state,
        start=leg.start,
        target=leg.target,
        elapsed=leg.elapsed,
        remaining=leg.remaining,
        evaluated_at=now,
        fulfilled_at=leg.fulfilled_at,
        due_at=breached_at or leg.due_at,
        warn_at=None if breached_at else min((at for _, at in leg.warnings if at > now), default=None),
        breached_at=breached_at,
        cause=(old.cause if old and old.breached_at else leg.cause) or "",
        excused=leg.excused,
        policy_version=held.policy,
        calendar=held.calendar,
        calendar_version=held.version,
        tzdata=TZDATA,
    )
    new.epoch = _epoch(new, old)
    _judge(new, old, ticket, events)
    return new


def carried(old: Leg, now: datetime) -> Leg:
    """A leg that is counted elsewhere from now on."""
    leg = copy(old)
    leg.state, leg.fulfilled_at, leg.warn_at, leg.due_at = "carried", None, None, old.breached_at
    leg.evaluated_at = now
    return leg


def _epoch(new: Leg, old: Leg | None) -> int:
    """Rises when the leg falls due later than was said last: on going on after a pause, on a looser target."""
    if old is None:
        return 0
    later = new.state == "running" and (
        old.state != "running" or (new.due_at is not None and old.due_at is not None and new.due_at > old.due_at)
    )
    return old.epoch + int(later and new.breached_at is None)


def _judge(new: Leg, old: Leg | None, ticket: Ticket, events: Sequence[Event]) -> None:
    """Freeze for whom the leg counts, when it is first kept or broken."""
    judged_at = min((at for at in (new.breached_at, new.fulfilled_at) if at is not None), default=None)
    if judged_at is None:
        return
    if old is not None and old.judged_at == judged_at:
        for name in _JUDGED:
            setattr(new, name, getattr(old, name))
        return
    new.judged_at = judged_at
    new.severity, new.plan = ticket.severity, ticket.organization.plan if ticket.organization else ""
    new.organization_id, new.team_id = ticket.organization_id, ticket.team_id
    new.agent_id = ticket.assignee_id if new.breached_at else _who_kept(new, events)


def _who_kept(leg: Leg, events: Sequence[Event]) -> int | None:
    """Who of the staff kept it: the author of the event that fulfilled it."""
    for event in events:
        if event.occurred_at == leg.fulfilled_at and event.kind in {"agent_reply", "resolve"}:
            return event.actor_id if event.actor_kind == "staff" else None
    return None


def said(leg: Leg | None) -> dict[str, object]:
    """What a stored leg says, in JSON's types; {} for one that is not there."""
    if leg is None:
        return {}
    values = ((name, getattr(leg, name)) for name in SAID)
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values}


def save(looks: Sequence[Look]) -> None:
    """Write these rows; the ids of new ones are known afterwards. Their tickets are locked, so nobody else does."""
    insert(look.leg for look in looks if look.old is None)
    update_many([look.leg for look in looks if look.old is not None], [*_WRITTEN, *_STAMPS])
