"""What the engine speaks of (sla contract §1): events that enter, terms that hold, promises before they are judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from answerable.lib.worktime import Calendar

METRICS = ("first_response", "next_response", "periodic_update", "resolution")
RESPONSES = ("first_response", "next_response", "periodic_update")
PAUSABLE = frozenset({"periodic_update", "resolution"})
FROM_CHANGE, KEEP_ELAPSED = "from_change", "keep_elapsed"

EVER = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Carried:
    """An open leg of a merged ticket, as it comes along: when it began, and the open seconds it has used up."""

    metric: str
    start: datetime
    counted: int


@dataclass(frozen=True)
class Event:
    """Something that entered the ticket at `at`; `received_at`, if earlier, is when its mail or webhook reached us.

    Kind `targets` names the metrics that change (seconds; None: no target) and may bring along another calendar and
    what a pause stops from now on; kind `calendar` brings only that. `merged_in` brings `carried` legs of the ticket
    `source`; `unmerged` names it again, or, on that ticket itself, may say when a reply `answered_at` the survivor
    reached its customer. `excuse` names the leg by `metric` and `index`. `why` is for those who explain.
    """

    kind: str
    at: datetime
    received_at: datetime | None = None
    targets: Mapping[str, int | None] | None = None
    calendar: Calendar | None = None
    pausable: frozenset[str] | None = None
    carried: tuple[Carried, ...] = ()
    source: int | None = None
    answered_at: datetime | None = None
    metric: str = ""
    index: int = 0
    why: str = ""


@dataclass(frozen=True)
class Threshold:
    """A warning is due once no more than this is left of a promise: `seconds`, or a `percent` of its target."""

    seconds: int = 0
    percent: int = 0

    @property
    def label(self) -> str:
        """Its key, stored with what was said: "25%" or "1800s"."""
        return f"{self.percent}%" if self.percent else f"{self.seconds}s"

    def room(self, target: int) -> int:
        """In open seconds of a leg with this target."""
        return target * self.percent // 100 if self.percent else self.seconds


@dataclass(frozen=True)
class Terms:
    """What holds before the first event. Only metrics named in `targets` get legs."""

    targets: Mapping[str, int | None]
    calendar: Calendar
    pausable: frozenset[str] = PAUSABLE
    retarget: str = FROM_CHANGE
    warnings: tuple[Threshold, ...] = ()


@dataclass
class Switch:
    """A condition that is on for spans of time."""

    since: datetime | None = None
    past: list[Span] = field(default_factory=list)

    def on(self, at: datetime) -> None:
        if self.since is None:
            self.since = at

    def off(self, at: datetime) -> None:
        if self.since is not None:
            self.past.append((self.since, at))
            self.since = None

    def spans(self) -> list[Span]:
        return self.past if self.since is None else [*self.past, (self.since, FOREVER)]


@dataclass(frozen=True)
class Load:
    """A leg carried in from a merged ticket at `at`: while it is there, it is what this promise counts."""

    carried: Carried
    at: datetime
    source: int | None


@dataclass
class Promise:
    """A leg before it is judged. `targets`: each target it has had, and since when.

    `load` is what it counts instead of its own time, or all that it is (`adopted`). `ended_at`: carried away, or an
    adopted leg that was taken back. `broken`: a breach, with its cause, from before a load came, or under one now gone.
    """

    metric: str
    index: int
    start: datetime
    targets: list[tuple[datetime, int | None]]
    fulfilled_at: datetime | None = None
    ended_at: datetime | None = None
    load: Load | None = None
    adopted: bool = False
    broken: tuple[datetime, str] | None = None
    excused: str = ""

    def retarget(self, at: datetime, target: int | None) -> None:
        if target != self.targets[-1][1]:
            self.targets.append((at, target))

    @property
    def counts_from(self) -> datetime:
        """Since when this ticket's own time counts for it: a carried leg brings along what was counted before."""
        return self.load.at if self.load else self.start

    @property
    def is_open(self) -> bool:
        """Neither fulfilled nor carried away."""
        return self.fulfilled_at is None and self.ended_at is None


@dataclass(frozen=True)
class Held:
    """What held from `since` on: the policy's version, and the calendar's key and version."""

    since: datetime
    policy: int
    calendar: str
    version: int


@dataclass(frozen=True)
class Reading:
    """A ticket's history as the engine takes it."""

    events: tuple[Event, ...]
    terms: Terms
    held: tuple[Held, ...]

    def held_at(self, at: datetime) -> Held:
        """By which versions a leg was judged that ended then."""
        return next((held for held in reversed(self.held) if held.since <= at), self.held[0])
