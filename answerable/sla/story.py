"""What a ticket lived through, folded from its events (sla contract §1.1, §1.2): when it was paused and resolved, which
calendar held, which legs were opened, retargeted and fulfilled. Nothing is counted here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from answerable.lib.spans import merged
from answerable.lib.worktime import Calendar

METRICS = ("first_response", "next_response", "periodic_update", "resolution")
PAUSABLE = frozenset({"periodic_update", "resolution"})
FROM_CHANGE, KEEP_ELAPSED = "from_change", "keep_elapsed"

EVER = datetime.min.replace(tzinfo=UTC)
FOREVER = datetime.max.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Event:
    """Something that entered the ticket at `at`; `received_at`, if earlier, is when its mail or webhook reached us.

    Kind `targets` names the metrics that change (seconds; None: no target) and may bring another calendar along; kind
    `calendar` brings only that.
    """

    kind: str
    at: datetime
    received_at: datetime | None = None
    targets: Mapping[str, int | None] | None = None
    calendar: Calendar | None = None


@dataclass(frozen=True)
class Terms:
    """What holds before the first event. Only metrics named in `targets` get legs."""

    targets: Mapping[str, int | None]
    calendar: Calendar
    pausable: frozenset[str] = PAUSABLE
    retarget: str = FROM_CHANGE


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


@dataclass
class Promise:
    """A leg before it is judged. `targets`: each target it has had, and since when."""

    metric: str
    index: int
    start: datetime
    targets: list[tuple[datetime, int | None]]
    fulfilled_at: datetime | None = None

    def retarget(self, at: datetime, target: int | None) -> None:
        if target != self.targets[-1][1]:
            self.targets.append((at, target))


class Story:
    """Tell it every event, in order; then read its parts."""

    def __init__(self, terms: Terms) -> None:
        self.paused = Switch()
        self.resolved = Switch()
        self.promises: list[Promise] = []
        self._calendars = [(EVER, terms.calendar)]
        self._targets = {metric: [(EVER, target)] for metric, target in terms.targets.items()}
        self._customer_wrote = False
        self._agent_replied = False

    def tell(self, event: Event) -> None:
        at = event.at
        match event.kind:  # notes, tags, assignment and the like are none of its business
            case "customer_message":
                self._customer_message(at, min(event.received_at or at, at))
            case "agent_reply":
                self._agent_reply(at)
            case "pause":
                self.paused.on(at)
            case "resume":
                self.paused.off(at)
            case "resolve":
                self._resolve(at)
            case "reopen":
                self._reopen(at)
            case "targets":
                self._retarget(at, event.targets or {})
        if event.calendar is not None:
            self._calendars.append((at, event.calendar))

    def stops(self, *, pausable: bool) -> list[Span]:
        """When legs stand still. A union: a pause while resolved counts once, one that took no time not at all."""
        spans = self.resolved.spans() + (self.paused.spans() if pausable else [])
        return list(merged(sorted(spans)))

    def calendar_at(self, at: datetime) -> Calendar:
        return [calendar for since, calendar in self._calendars if since <= at][-1]

    def calendar_changes(self) -> list[datetime]:
        return [since for since, _ in self._calendars[1:]]

    def _customer_message(self, at: datetime, received_at: datetime) -> None:
        self.paused.off(at)
        self._reopen(at)
        if not self._customer_wrote:
            self._open("first_response", received_at)
            self._open("resolution", at)
        if self._agent_replied and not any(self._unfulfilled("next_response")):
            self._open("next_response", received_at)
        self._customer_wrote = True

    def _agent_reply(self, at: datetime) -> None:
        for metric in ("first_response", "next_response", "periodic_update"):
            self._fulfil(metric, at)
        self._agent_replied = True
        if self._customer_wrote:
            self._open("periodic_update", at)

    def _resolve(self, at: datetime) -> None:
        self.paused.off(at)
        self.resolved.on(at)
        self._fulfil("resolution", at)

    def _reopen(self, at: datetime) -> None:
        if self.resolved.since is None:
            return
        self.resolved.off(at)
        for promise in self.promises:
            if promise.metric == "resolution":
                promise.fulfilled_at = None
            if promise.fulfilled_at is None:  # what changed while it was resolved has waited for this
                promise.retarget(at, self._targets[promise.metric][-1][1])

    def _retarget(self, at: datetime, targets: Mapping[str, int | None]) -> None:
        for metric in targets.keys() & self._targets.keys():
            self._targets[metric].append((at, targets[metric]))
            if self.resolved.since is None:
                for promise in self._unfulfilled(metric):
                    promise.retarget(at, targets[metric])

    def _open(self, metric: str, start: datetime) -> None:
        if metric not in self._targets:
            return
        index = sum(promise.metric == metric for promise in self.promises)
        promise = Promise(metric, index, start, [(start, self._target_at(metric, start))])
        for since, target in self._targets[metric]:
            if since > start:  # it starts when its mail was received, and the target has changed since
                promise.retarget(since, target)
        self.promises.append(promise)

    def _target_at(self, metric: str, at: datetime) -> int | None:
        return [target for since, target in self._targets[metric] if since <= at][-1]

    def _unfulfilled(self, metric: str) -> Iterator[Promise]:
        return (promise for promise in self.promises if promise.metric == metric and promise.fulfilled_at is None)

    def _fulfil(self, metric: str, at: datetime) -> None:
        for promise in self._unfulfilled(metric):
            promise.fulfilled_at = at
