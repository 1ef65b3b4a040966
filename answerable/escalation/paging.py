"""Whom an alert pages next, and when: a pure function of its policy, its log and the time (sla contract, section 5).

A step lasts `wait` seconds and is paged every `every` seconds meanwhile. One with nobody, or whose every page failed,
is passed at once. What fell due while nothing ran is not made up for: the log says so, and paging goes on where the
clock stands. Past the last step it has run out: that is said once, and the last step that has somebody is paged on.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

# Later than this is no mere delay: nothing was running.
LATE = timedelta(minutes=1)
OPEN, ACKED, RESOLVED = "open", "acked", "resolved"

People = tuple[int, ...]
# Who stands behind a name in a step ("priya@acme.example", "on_call.devops") at this moment; their ids.
Find = Callable[[str, datetime], People]


@dataclass(frozen=True)
class Step:
    """Who is paged together, and for how long before it is the next step's turn."""

    who: tuple[str, ...]
    wait: int


@dataclass(frozen=True)
class Plan:
    """The steps; how often an unanswered page is repeated; how often the list is gone through before it has run out.

    `goes_on`: the last step is paged on after that; a drill ends there.
    """

    steps: tuple[Step, ...]
    every: int = 300
    rounds: int = 1
    goes_on: bool = True

    @property
    def turns(self) -> int:
        """Steps in all rounds."""
        return len(self.steps) * self.rounds

    def step(self, turn: int) -> Step:
        """Of this turn, counted from 0."""
        return self.steps[turn % len(self.steps)]


@dataclass(frozen=True)
class Entry:
    """A line of an alert's log. `at`: the moment that it counts from, which is earlier than when it was written where
    nothing ran. Kinds: raised, paged, passed, unreached, exhausted, late, moved, acked, reopened, resolved."""

    kind: str
    at: datetime
    turn: int = 0
    data: dict[str, Any] | None = None


@dataclass(frozen=True)
class Stand:
    """Where an alert stands. `pages`: how often it has paged; `last`: when in this turn; `unreached`: its last page
    reached nobody."""

    state: str = OPEN
    turn: int = 0
    since: datetime | None = None
    pages: int = 0
    last: datetime | None = None
    unreached: bool = False
    exhausted: bool = False


@dataclass(frozen=True)
class Move:
    """What to do now: lines for the log, a page to these people (None: not yet), when to look again (None: never)."""

    said: tuple[Entry, ...] = ()
    people: People | None = None
    turn: int = 0
    number: int = 0
    due_at: datetime | None = None
    exhausted: bool = False


def stand(log: Iterable[Entry]) -> Stand:
    """The log, folded."""
    here = Stand()
    for entry in log:
        here = _after(here, entry)
    return here


def _after(here: Stand, entry: Entry) -> Stand:
    new: dict[str, Any] = {}
    match entry.kind:
        case "raised":
            new = {"since": entry.at}
        case "reopened":
            new = {"state": OPEN, "since": entry.at, "last": None, "unreached": False}
        case "passed":
            new = {"turn": entry.turn + 1, "since": entry.at, "last": None, "unreached": False}
        case "paged":
            new = {"pages": here.pages + 1, "last": entry.at, "unreached": False}
        case "unreached":
            new = {"unreached": _is_latest(here, entry)}
        case "moved":  # another plan, from its first step on; pages are counted on
            new = {"turn": 0, "since": entry.at, "last": None, "unreached": False, "exhausted": False}
        case "exhausted":
            new = {"exhausted": True}
        case "acked" if here.state != RESOLVED:
            new = {"state": ACKED}
        case "resolved":
            new = {"state": RESOLVED}
    return replace(here, **new)


def _is_latest(here: Stand, entry: Entry) -> bool:
    """Whether it speaks of the pages that were sent last, and nobody was paged since."""
    number = (entry.data or {}).get("number", here.pages - 1)
    return here.turn == entry.turn and here.last is not None and bool(number == here.pages - 1)


def move(plan: Plan, log: Sequence[Entry], at: datetime, find: Find, due: datetime | None = None) -> Move:
    """What is to be done at `at`. `due`: when it was to be looked at."""
    here = stand(log)
    if here.state != OPEN or here.since is None:
        return Move()
    said = list(_late(here, at, due))
    people: People = ()
    while here.turn < plan.turns:
        passed = _passed(plan, here, at, find)
        if isinstance(passed, tuple):
            people = passed
            break
        said.append(passed)
        here = _after(here, passed)
    if here.turn >= plan.turns:
        people = _last(plan, at, find)
        if not here.exhausted:
            said.append(Entry("exhausted", here.since or at, here.turn, {"nobody": not people}))
        if not plan.goes_on:
            return Move(tuple(said), None, here.turn, here.pages, None, exhausted=not here.exhausted)
    return _page(plan, here, at, people, said)


def _late(here: Stand, at: datetime, due: datetime | None) -> Iterator[Entry]:
    """Nothing was done although it was due: said once, as a line of its own, from when to when."""
    if due is not None and at - due > LATE:
        yield Entry("late", at, here.turn, {"since": due.isoformat(), "until": at.isoformat()})


def _end(plan: Plan, here: Stand) -> datetime:
    assert here.since is not None
    return here.since + timedelta(seconds=plan.step(here.turn).wait)


def _passed(plan: Plan, here: Stand, at: datetime, find: Find) -> Entry | People:
    """That this turn is over, and why; or, where it is not, whom it pages."""
    end = _end(plan, here)
    if at >= end:
        return _pass(plan, here, end, "time" if here.last is not None else "not_running")
    people = _behind(plan.step(here.turn), at, find)
    if not people:
        return _pass(plan, here, at, "nobody")
    if here.unreached:
        return _pass(plan, here, at, "unreached")
    return people


def _pass(plan: Plan, here: Stand, at: datetime, why: str) -> Entry:
    return Entry("passed", at, here.turn, {"why": why, "step": here.turn % len(plan.steps) + 1})


def _behind(step: Step, at: datetime, find: Find) -> People:
    """Each once, in the order in which the step names them."""
    return tuple(dict.fromkeys(person for name in step.who for person in find(name, at)))


def _last(plan: Plan, at: datetime, find: Find) -> People:
    return next((found for step in reversed(plan.steps) if (found := _behind(step, at, find))), ())


def _page(plan: Plan, here: Stand, at: datetime, people: People, said: list[Entry]) -> Move:
    again = timedelta(seconds=plan.every)
    exhausted = any(entry.kind == "exhausted" for entry in said)
    over = here.turn >= plan.turns
    if here.last is not None and at < here.last + again:
        due = here.last + again
        return Move(tuple(said), None, here.turn, here.pages, due if over else min(due, _end(plan, here)), exhausted)
    due = at + again if over else min(at + again, _end(plan, here))
    return Move(tuple(said), people or None, here.turn, here.pages, due, exhausted)
