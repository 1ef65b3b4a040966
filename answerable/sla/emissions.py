"""What is said of a promise, and said once: its breach ever, a warning for each threshold and due time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection

from answerable.sla.models import Leg
from answerable.sla.rows import Look
from answerable.sla.vocabulary import Threshold


@dataclass(frozen=True)
class Fact:
    """Something that happened to a promise. `kind`: "breach" or "warning"; `due_at`: when it fell or falls due.

    `answered_at`: a breach that was found late, after the answer. `id` is the emission's: said once, and once only.
    """

    kind: str
    metric: str
    index: int
    at: datetime
    target: int | None
    due_at: datetime | None = None
    answered_at: datetime | None = None
    threshold: str = ""
    id: int = 0


def announce(looks: Iterable[Look], warnings: Sequence[Threshold], now: datetime) -> tuple[Fact, ...]:
    """What is new among these legs, whose rows are stored: the unique emission row decides who of several says it."""
    said: dict[tuple[int, str, str, int], Fact | None] = {}
    for look in looks:
        leg = look.leg
        if leg.breached_at is not None and look.breaks:
            # Warnings that the breach overtook are on record, and are not given.
            said |= {(leg.pk, "warning", label, leg.epoch): None for label in _labels(leg, warnings)}
            said[leg.pk, "breach", "", 0] = _breach(leg, leg.breached_at)
        for label, at in look.warned:
            said[leg.pk, "warning", label, leg.epoch] = Fact(
                "warning", leg.metric, leg.index, at, leg.target, due_at=leg.due_at, threshold=label
            )
    return tuple(_insert(said, now)) if said else ()


def _labels(leg: Leg, warnings: Sequence[Threshold]) -> list[str]:
    return [one.label for one in warnings if leg.target is not None and one.room(leg.target) < leg.target]


def _breach(leg: Leg, at: datetime) -> Fact:
    answered = leg.fulfilled_at if leg.fulfilled_at and leg.fulfilled_at > at else None
    return Fact("breach", leg.metric, leg.index, at, leg.target, due_at=at, answered_at=answered)


_INSERT = """
INSERT INTO sla_emission (leg_id, kind, threshold, epoch, at, detected_at, suppressed)
SELECT * FROM unnest(
  %s::bigint[], %s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::timestamptz[], %s::boolean[])
ON CONFLICT DO NOTHING RETURNING id, leg_id, kind, threshold, epoch
"""


def _insert(said: Mapping[tuple[int, str, str, int], Fact | None], now: datetime) -> Iterator[Fact]:
    """The facts whose row was not there yet. By hand: the ORM does not tell which rows of a batch went in."""
    keys = list(said)
    facts = [said[key] for key in keys]
    columns = [list(column) for column in zip(*keys, strict=True)]
    moments = [fact.at if fact else now for fact in facts]
    values = [*columns, moments, [now] * len(keys), [fact is None for fact in facts]]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)
        for pk, *key in cursor.fetchall():
            fact = said[tuple(key)]
            if fact is not None:
                yield replace(fact, id=pk)
