"""What a ticket lived through, folded from its events (sla contract §1.1, §1.2): when it was paused and resolved, which
calendar held, which legs were opened, retargeted, carried and fulfilled. Nothing is counted here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from answerable.lib.spans import merged
from answerable.lib.worktime import Calendar
from answerable.sla.vocabulary import EVER, FOREVER, RESPONSES, Event, Load, Promise, Span, Switch, Terms


class Story:
    """Tell it every event, in order; then read its parts."""

    def __init__(self, terms: Terms) -> None:
        self.paused = Switch()
        self.resolved = Switch()
        self.promises: list[Promise] = []
        self._away: list[Promise] = []
        self._calendars = [(EVER, terms.calendar)]
        self._pausable = [(EVER, terms.pausable)]
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
            case _:
                self._rarely(event)
        if event.calendar is not None:
            self._calendars.append((at, event.calendar))
        if event.pausable is not None:
            self._pausable.append((at, event.pausable))

    def _rarely(self, event: Event) -> None:
        match event.kind:
            case "merged_away":
                self._carry_away(event.at)
            case "unmerged" if event.source is None:
                self._stand_again(event.at, event.answered_at)
            case "excuse":
                self._excuse(event)

    def stops(self, metric: str) -> list[Span]:
        """When legs of the metric stand still: a union, in which a pause that took no time vanishes."""
        return list(merged(sorted(self.resolved.spans() + self._pauses(metric))))

    def _pauses(self, metric: str) -> list[Span]:
        """Pauses, as far as the terms then in force let them stop this metric."""
        ends = [since for since, _ in self._pausable[1:]] + [FOREVER]
        stopping = [
            (since, end)
            for (since, metrics), end in zip(self._pausable, ends, strict=True)
            if metric in metrics and since < end
        ]
        return [
            (max(a, since), min(b, end))
            for a, b in self.paused.spans()
            for since, end in stopping
            if max(a, since) < min(b, end)
        ]

    def open_leg(self, metric: str) -> Promise | None:
        """The open promise of the metric, if there is one."""
        return next(self._unfulfilled(metric), None)

    def metric_here(self, metric: str) -> str:
        """What a carried leg is on this ticket: a first response, where somebody has answered, is the next one."""
        return "next_response" if metric == "first_response" and self._agent_replied else metric

    def adopt(self, metric: str, load: Load) -> None:
        """A carried leg that has no counterpart here opens one."""
        self._customer_wrote = True
        self._open(metric, load.at)
        promise = self.open_leg(metric)
        if promise is not None:
            promise.load, promise.adopted, promise.start = load, True, load.carried.start

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
        for metric in RESPONSES:
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
            if promise.is_open:  # what changed while it was resolved has waited for this
                promise.retarget(at, self._targets[promise.metric][-1][1])

    def _carry_away(self, at: datetime) -> None:
        for promise in self.promises:
            if promise.is_open:
                promise.ended_at = at
                self._away.append(promise)

    def _stand_again(self, at: datetime, answered_at: datetime | None) -> None:
        """Unmerged: what was carried away goes on as if it had stayed, save what a reply has reached meanwhile."""
        for promise in self._away:
            promise.ended_at = None
            promise.retarget(at, self._targets[promise.metric][-1][1])
        self._away.clear()
        if answered_at is not None:
            self._agent_reply(min(answered_at, at))

    def _excuse(self, event: Event) -> None:
        for promise in self.promises:
            if (promise.metric, promise.index) == (event.metric, event.index):
                promise.excused = event.why

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
        return (promise for promise in self.promises if promise.metric == metric and promise.is_open)

    def _fulfil(self, metric: str, at: datetime) -> None:
        for promise in self._unfulfilled(metric):
            promise.fulfilled_at = at
