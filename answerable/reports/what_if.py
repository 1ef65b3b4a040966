"""What would have become of a ticket's promises under another policy. Pure: histories in, verdicts out.

The history stays as it was: what people wrote, when, the pauses, the severities. Only what was promised is replaced:
each `targets` event says for which plan and severity it was made, and gets what the other policy promises for those.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.lib.worktime import Calendar
from answerable.sla.calendars import Book, Version
from answerable.sla.evaluate import Leg, evaluate
from answerable.sla.queries import offered
from answerable.sla.reading import read
from answerable.sla.vocabulary import EVER, Reading
from answerable.tickets.models import Event

KEPT, BROKEN, EXCUSED, OPEN, NONE = "kept", "broken", "excused", "open", "none"


@dataclass
class Thought:
    """A policy that is only thought of: an `sla.queries.Offer`, and its calendars, which always held as they are."""

    severities: Mapping[str, Mapping[str, Any]]
    plans: Mapping[str, Mapping[str, Any]]
    default_plan: str
    rules: Mapping[str, Any]
    book: Book
    version: int = 0

    def plan(self, key: str) -> str:
        """The plan that these people would have: their own, or the default one."""
        return key if key in self.plans else self.default_plan


def book_of(specs: Mapping[str, Mapping[str, object]]) -> Book:
    """Calendars that never had another version."""
    return {key: [Version(0, EVER, Calendar.read(spec))] for key, spec in specs.items()}


@dataclass(frozen=True)
class Past:
    """A ticket as it was lived. `plan` and `severity` are its present ones, for histories older than such words."""

    number: int
    plan: str
    severity: str
    events: Sequence[Event]


@dataclass(frozen=True)
class Outcome:
    """What became of one promise and what would have. A verdict is KEPT, BROKEN, EXCUSED (broken, and does not
    count), OPEN (not decided, or never to be: the request was solved or merged first) or NONE (nothing promised).
    """

    number: int
    metric: str
    index: int
    severity: str
    plan: str
    was: str
    would_be: str

    @property
    def differs(self) -> bool:
        """Whether it would have ended otherwise. A promise never made and one never decided tell nobody apart."""
        return self.was != self.would_be and {self.was, self.would_be} != {NONE, OPEN}


@dataclass(frozen=True)
class Made:
    """For which plan and severity promises were made, from `since` on."""

    since: datetime
    plan: str
    severity: str


def compare(past: Past, book: Book, thought: Thought, now: datetime) -> list[Outcome]:
    """Each promise of the ticket under the policies that held and under the one thought of, as both stand at `now`."""
    before = read(past.events, book)
    if before is None:
        return []
    made = list(made_for(past))
    after = read(list(_replaced(past.events, made, thought)), thought.book)
    assert after is not None
    was = _legs(before, now)
    would_be = was if _same(before, after) else _legs(after, now)
    return [_outcome(past, made, thought, was.get(key), would_be.get(key)) for key in dict.fromkeys([*was, *would_be])]


def made_for(past: Past) -> Iterator[Made]:
    """One for each `targets` event, in order."""
    severity, determined = _first_severity(past), False
    for row in past.events:
        match row.kind:
            case "severity":
                severity, determined = row.data["after"], True
            case "severity_stated" if not determined:
                severity = row.data["severity"]
            case "targets":
                yield Made(row.occurred_at, row.data.get("plan", past.plan), row.data.get("severity", severity))


def _first_severity(past: Past) -> str:
    for row in past.events:
        if row.kind == "opened" and "severity" in row.data:
            return str(row.data["severity"])
        if row.kind == "severity":
            return str(row.data["before"])
    return past.severity


def _replaced(events: Sequence[Event], made: Sequence[Made], thought: Thought) -> Iterator[Event]:
    """The same events with other promises. Copies: the rows are not ours to change."""
    those = iter(made)
    for row in events:
        if row.kind != "targets":
            yield row
            continue
        this = next(those)
        promised = offered(thought, this.plan, this.severity)
        other = copy(row)
        other.data = {
            "targets": promised.seconds,
            "calendar": promised.calendar,
            "pausable": promised.pausable,
            "retarget": promised.retarget,
            "policy": promised.policy_version,
        }
        yield other


def _same(one: Reading, other: Reading) -> bool:
    """Whether the engine is told the same, so that it need not be asked twice. Who held what is not its concern."""
    return one.events == other.events and one.terms == other.terms


def _legs(reading: Reading, now: datetime) -> dict[tuple[str, int], Leg]:
    return {(leg.metric, leg.index): leg for leg in evaluate(reading.events, reading.terms, now)}


def _outcome(past: Past, made: Sequence[Made], thought: Thought, was: Leg | None, would_be: Leg | None) -> Outcome:
    leg = was or would_be
    assert leg is not None
    this = _held(made, leg)
    return Outcome(
        past.number, leg.metric, leg.index, this.severity, thought.plan(this.plan), verdict(was), verdict(would_be)
    )


def _held(made: Sequence[Made], leg: Leg) -> Made:
    """For whom the leg counts: the plan and severity when it was first kept or broken; the latest if it is open."""
    judged = min((at for at in (leg.breached_at, leg.fulfilled_at) if at is not None), default=None)
    return next((one for one in reversed(made) if judged is None or one.since <= judged), made[0])


def verdict(leg: Leg | None) -> str:
    """In a word, as reports count it. A leg that was broken stays so, whatever came later."""
    if leg is None or leg.target is None:
        return NONE
    if leg.breached_at is not None:
        return EXCUSED if leg.excused else BROKEN
    return KEPT if leg.fulfilled_at is not None else OPEN
