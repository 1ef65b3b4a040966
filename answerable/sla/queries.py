"""The terms in force and a ticket's promises, for those who show or decide."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Protocol

from answerable.lib import sql
from answerable.lib.errors import Refused
from answerable.lib.fresh import Fresh
from answerable.lib.worktime import add
from answerable.sla import calendars
from answerable.sla.calendars import version_at
from answerable.sla.explain import Told, explain
from answerable.sla.models import Defect, Leg, Replan, Terms
from answerable.sla.reading import read
from answerable.sla.rows import TZDATA
from answerable.sla.vocabulary import FROM_CHANGE, METRICS, PAUSABLE, Threshold
from answerable.tickets.queries import histories


def _current() -> Terms | None:
    return Terms.objects.order_by("-version").first()


# The terms that new tickets get.
current: Fresh[Terms | None] = Fresh(_current)


def terms() -> Terms:
    """The terms in force. Raises Refused before the first `answerable apply`."""
    row = current()
    if row is None:
        raise Refused("no_policy", "No support policy is in force yet: run `answerable apply`.")
    return row


def severities() -> dict[str, dict[str, Any]]:
    """Each severity's name, meaning and targets, P0 first."""
    return dict(sorted(terms().severities.items()))


def plan_name(plan: str) -> str:
    """The plan's name for people; "" and unknown keys are the default plan."""
    row = terms()
    return str((row.plans.get(plan) or row.plans.get(row.default_plan) or {}).get("name", plan))


@dataclass(frozen=True)
class Targets:
    """What is promised for one (plan, severity): seconds by metric, and the key of the one calendar they count in."""

    seconds: dict[str, int | None]
    calendar: str
    pausable: list[str]
    retarget: str
    policy_version: int


class Offer(Protocol):
    """The terms of a policy, in force or only being thought of."""

    version: int
    severities: Mapping[str, Mapping[str, Any]]
    plans: Mapping[str, Mapping[str, Any]]
    default_plan: str
    rules: Mapping[str, Any]


def targets(plan: str, severity: str) -> Targets:
    """The promises in force for a plan at a severity: see `offered`."""
    return offered(terms(), plan, severity)


def offered(offer: Offer, plan: str, severity: str) -> Targets:
    """The promises of a plan ("" or unknown: the default one) at a severity. Raises Refused on an unknown severity."""
    base = offer.severities.get(severity)
    if base is None:
        raise Refused("unknown_severity", f"There is no severity {severity!r}.")
    chosen = offer.plans.get(plan) or offer.plans.get(offer.default_plan) or {}
    own = chosen.get("severities", {}).get(severity, {})
    return Targets(
        seconds={metric: own.get(metric, base.get(metric)) for metric in METRICS},
        calendar=own.get("calendar") or base["calendar"],
        pausable=sorted(base.get("pausable", offer.rules.get("pausable", PAUSABLE))),
        retarget=offer.rules.get("retarget", FROM_CHANGE),
        policy_version=offer.version,
    )


def answered_by(severity: str, start: datetime) -> datetime | None:
    """By when a first answer is due at the latest, whatever the plan: what may be said to who may be anybody.

    None: on some plan nothing is promised.
    """
    offer = terms()
    found = [_first_due(offered(offer, plan, severity), start) for plan in ("", *offer.plans)]
    dues = [due for due in found if due is not None]
    return max(dues) if len(dues) == len(found) else None


def _first_due(offer: Targets, start: datetime) -> datetime | None:
    seconds = offer.seconds["first_response"]
    if seconds is None:
        return None
    return add(version_at(calendars.current()[offer.calendar], start).calendar, start, seconds)


def thresholds(offer: Offer | None) -> tuple[Threshold, ...]:
    """When to warn of a promise at risk, by the policy in force: "25%" or "1800s" of it left."""
    labels = offer.rules.get("warnings", ()) if offer else ()
    return tuple(
        Threshold(percent=int(label[:-1])) if label.endswith("%") else Threshold(seconds=int(label[:-1]))
        for label in labels
    )


@dataclass(frozen=True)
class Promise:
    """One leg as a page shows it. `state`: running, paused, cancelled, kept or broken (answered too late)."""

    metric: str
    state: str
    start: datetime
    target: int
    elapsed: int
    due_at: datetime | None


_PROMISES = """
SELECT DISTINCT ON (l.metric) l.metric, CASE
    WHEN l.fulfilled_at IS NULL THEN l.state WHEN l.breached_at IS NULL THEN 'kept' ELSE 'broken'
  END, l.start, l.target, l.elapsed, l.due_at
FROM sla_leg l WHERE l.ticket_id = %(ticket)s AND l.target IS NOT NULL ORDER BY l.metric, l.index DESC
"""


def promises(ticket_id: int) -> list[Promise]:
    """The ticket's latest leg of each metric that has a target."""
    latest = {row[0]: Promise(*row) for row in sql.rows(_PROMISES, {"ticket": ticket_id})}
    return [latest[metric] for metric in METRICS if metric in latest]


def due_tickets(now: datetime, limit: int) -> list[int]:
    """Tickets with a promise that fell due strictly before `now` and is not yet recorded as broken, or with a warning
    to give. Two short scans of indexes on what is due; what is merely open is not looked at.
    """
    owed = Leg.objects.filter(state="running", breached_at__isnull=True)
    late = owed.filter(due_at__lt=now).order_by("due_at", "id").values_list("ticket_id", flat=True)[:limit]
    warn = owed.filter(warn_at__lte=now).order_by("warn_at", "id").values_list("ticket_id", flat=True)[:limit]
    return list(dict.fromkeys([*late, *warn]))[:limit]


def is_broken(ticket_id: int, metric: str, index: int) -> bool:
    """Whether this promise of the ticket is recorded as broken."""
    return Leg.objects.filter(ticket_id=ticket_id, metric=metric, index=index, breached_at__isnull=False).exists()


def legs_by_ticket(ids: Sequence[int]) -> dict[int, dict[tuple[str, int], Leg]]:
    """The stored legs of each of these tickets, by metric and index."""
    found: dict[int, dict[tuple[str, int], Leg]] = {pk: {} for pk in ids}
    for leg in Leg.objects.filter(ticket__in=ids):
        found[leg.ticket_id][leg.metric, leg.index] = leg
    return found


def zones_moved() -> bool:
    """Whether some clock runs by other time zone data than this program has (sla contract §2)."""
    return Leg.objects.filter(state="running", breached_at__isnull=True).exclude(tzdata=TZDATA).exists()


def unfinished() -> Replan | None:
    """The walk over open clocks that is under way or comes next."""
    return Replan.objects.filter(finished_at__isnull=True).order_by("id").first()


def defects_since(since: datetime) -> list[Defect]:
    """Stored clocks that were found wrong, latest first, a hundred at most."""
    return list(Defect.objects.filter(found_at__gte=since).order_by("-found_at", "-id")[:100])


def explained(ticket_id: int, now: datetime) -> list[Told]:
    """Why each promise of the ticket is due when it is, worked out anew from its events: see `explain`."""
    reading = read(histories([ticket_id])[ticket_id], calendars.current())
    return explain(reading, now) if reading else []


@dataclass(frozen=True)
class Progress:
    """How far a walk over the open tickets has come: see `models.Replan`."""

    kind: str
    key: str
    asked_by: str
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    total: int
    done: int
    moved: int


def replans(limit: int) -> list[Progress]:
    """The latest walks, newest first."""
    names = [one.name for one in fields(Progress)]
    return [Progress(*row) for row in Replan.objects.order_by("-id").values_list(*names)[:limit]]
