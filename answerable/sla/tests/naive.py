"""A promise engine as a child would write it: second by second, nothing merged, nothing jumped over. The reference."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

METRICS = ["first_response", "next_response", "periodic_update", "resolution"]

Open = Callable[[int], bool]  # whether a calendar counts a second


@dataclass(frozen=True)
class Step:
    """An event, in seconds. `change` holds the new targets or the new calendar."""

    at: int
    kind: str
    change: Any = None
    received_at: int | None = None


@dataclass
class Moment:
    """How the ticket stood in one second, after all its events."""

    paused: bool
    resolved: bool
    opened: Open
    targets: dict[str, int | None]


@dataclass
class Leg:
    metric: str
    start: int
    had: list[tuple[int, int | None]]
    counted: dict[int, int] = field(default_factory=dict)  # before that second
    stopped: dict[int, bool] = field(default_factory=dict)
    fulfilled_at: int | None = None
    due_at: int | None = None


class Ticket:
    def __init__(self, targets: dict[str, int | None], opened: Open, pausable: Sequence[str], retarget: str) -> None:
        self.now_is = Moment(False, False, opened, dict(targets))
        self.pausable = pausable
        self.retarget = retarget
        self.wrote = self.replied = False
        self.resolved_at = 0
        self.legs: list[Leg] = []
        self.moments: dict[int, Moment] = {}

    def happen(self, step: Step) -> None:
        now = self.now_is
        if step.kind == "pause":
            now.paused = True
        if step.kind in {"resume", "resolve", "customer_message"}:
            now.paused = False
        if step.kind in {"reopen", "customer_message"} and now.resolved:
            self.reopen(step.at)
        if step.kind == "resolve" and not now.resolved:
            now.resolved, self.resolved_at = True, step.at
            self.fulfil(["resolution"], step.at)
        if step.kind == "customer_message":
            self.message(step.at, step.at if step.received_at is None else step.received_at)
        if step.kind == "agent_reply":
            self.reply(step.at)
        if step.kind == "calendar":
            now.opened = step.change
        if step.kind == "targets":
            self.change(step.at, step.change)

    def reopen(self, second: int) -> None:
        self.now_is.resolved = False
        for leg in self.legs:
            if leg.metric == "resolution":
                leg.fulfilled_at = None
            self.set_target(leg, second)

    def reply(self, second: int) -> None:
        self.fulfil(["first_response", "next_response", "periodic_update"], second)
        self.replied = True
        if self.wrote:
            self.open("periodic_update", second, second)

    def change(self, second: int, targets: dict[str, int | None]) -> None:
        known = self.now_is.targets
        known.update({metric: target for metric, target in targets.items() if metric in known})
        if not self.now_is.resolved:
            for leg in self.legs:
                self.set_target(leg, second)

    def set_target(self, leg: Leg, second: int) -> None:
        if leg.fulfilled_at is None:
            leg.had.append((second, self.now_is.targets[leg.metric]))

    def fulfil(self, metrics: list[str], second: int) -> None:
        for leg in self.legs:
            if leg.metric in metrics and leg.fulfilled_at is None:
                leg.fulfilled_at = second

    def message(self, second: int, received: int) -> None:
        if not self.wrote:
            self.open("first_response", received, second)
            self.open("resolution", second, second)
        waiting = any(leg.metric == "next_response" and leg.fulfilled_at is None for leg in self.legs)
        if self.replied and not waiting:
            self.open("next_response", received, second)
        self.wrote = True

    def open(self, metric: str, start: int, second: int) -> None:
        if metric not in self.now_is.targets:
            return
        leg = Leg(metric, start, [])
        for past in range(start, second):  # received before it entered: live through the seconds in between
            leg.had.append((past, self.moments[past].targets[metric]))
            self.live(leg, past, self.moments[past])
        leg.had.append((second, self.now_is.targets[metric]))
        self.legs.append(leg)

    def live(self, leg: Leg, second: int, moment: Moment) -> None:
        """Look at the leg's deadlines in this second, then count it."""
        counted = leg.counted.setdefault(second, 0)
        leg.stopped[second] = moment.resolved or (moment.paused and leg.metric in self.pausable)
        running = leg.fulfilled_at is None and not leg.stopped[second]
        if running and leg.due_at is None and self.used_up(leg, counted):
            leg.due_at = second
        leg.counted[second + 1] = counted + (running and moment.opened(second))

    def used_up(self, leg: Leg, counted: int) -> bool:
        current = leg.had[-1][1]
        if current is None:
            return False
        in_force = [value for _, value in leg.had if value is not None and value >= current]
        for value in in_force:
            anchors = [second for second, target in leg.had if target is not None and target <= value]
            anchor = leg.start if self.retarget == "keep_elapsed" else anchors[0]
            if counted - leg.counted[anchor] >= value:
                return True
        return False

    def shown(self, leg: Leg, index: int, now: int) -> dict[str, Any]:
        state, until = "running", now + 1
        if leg.fulfilled_at is not None:
            state, until = "fulfilled", leg.fulfilled_at
        elif self.now_is.resolved:
            state, until = "cancelled", self.resolved_at
        elif leg.stopped[now]:
            state = "paused"
        paused: list[list[int | None]] = []
        for second in range(leg.start, until):
            if leg.stopped[second] and paused and paused[-1][1] == second:
                paused[-1][1] = second + 1
            elif leg.stopped[second]:
                paused.append([second, second + 1])
        if state == "paused":
            paused[-1][1] = None
        breached = leg.due_at is not None and leg.due_at < now
        return {
            "metric": leg.metric,
            "index": index,
            "start": leg.start,
            "target": leg.had[-1][1],
            "state": state,
            "fulfilled_at": leg.fulfilled_at,
            "paused": paused,
            "elapsed": leg.counted[now if leg.fulfilled_at is None else leg.fulfilled_at],
            "due_at": leg.due_at,
            "breached_at": leg.due_at if breached else None,
        }


def walk(ticket: Ticket, steps: Sequence[Step], now: int, beyond: int) -> list[dict[str, Any]]:
    """The legs at `now`; a deadline later than `beyond` is not found."""
    for second in range(beyond):
        for step in steps:
            if step.at == second <= now:
                ticket.happen(step)
        if second <= now:
            held = ticket.now_is
            ticket.moments[second] = Moment(held.paused, held.resolved, held.opened, dict(held.targets))
        for leg in ticket.legs:
            ticket.live(leg, second, ticket.now_is)
    shown = []
    for metric in METRICS:
        for index, leg in enumerate(leg for leg in ticket.legs if leg.metric == metric):
            shown.append(ticket.shown(leg, index, now))
    return shown
