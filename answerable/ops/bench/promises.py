"""Measures the clocks: how soon what falls due is recorded by two workers, and how long re-planning all of them takes.

Every ticket is open. Meanwhile one client opens the queue page again and again, and is not to feel it.
"""

import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event
from typing import Any

from django.db.models import F

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.bench import crew, pages
from answerable.ops.bench.stage import Filled, fall_due
from answerable.people.actions import apply_calendars
from answerable.sla.actions import ask_replan
from answerable.sla.models import Emission, Leg, Replan
from answerable.sla.queries import due_tickets
from answerable.tickets.models import Event as TicketEvent
from answerable.tickets.models import Ticket

DUE = 500
MINUTE = 60.0
_PATIENCE = 3600.0
Say = Callable[[str], None]


def measure(at_work: crew.Crew, filled: Filled, say: Say) -> dict[str, Any]:
    """All figures of the part."""
    queue = next(page for page in pages.pages() if page.name == "queue")
    idle = _Meter(at_work)
    resting = pages.time_for(queue, MINUTE / 3)
    idle_share, _ = idle.shares()
    sweep = _sweep(at_work, filled, queue, say)
    return {
        "queue_ms": round(statistics.median(resting), 2),
        "sweep": sweep | {"idle_share": round(idle_share, 3)},
        "replan": _replan(queue, say),
    }


class _Meter:
    """Processor time since it was made, in shares of one core."""

    def __init__(self, at_work: crew.Crew) -> None:
        self._crew, self._began = at_work, time.monotonic()
        self._used = self._read()

    def _read(self) -> tuple[float, float]:
        return crew.cpu_seconds(self._crew, "worker"), crew.server_cpu_seconds()

    def shares(self) -> tuple[float, float]:
        """Of the workers together, and of PostgreSQL."""
        passed = time.monotonic() - self._began
        workers, server = (now - then for now, then in zip(self._read(), self._used, strict=True))
        return workers / passed, server / passed


def _sweep(at_work: crew.Crew, filled: Filled, queue: pages.Page, say: Say) -> dict[str, Any]:
    before = Ticket.objects.latest("id").pk
    due = clock.now() + timedelta(seconds=20)
    fall_due(filled, DUE, due, clock.now())
    _until(lambda: clock.now() >= due, "the first due time")
    say(f"promises: {DUE} fall due within a minute")
    meter = _Meter(at_work)
    busy = pages.time_for(queue, MINUTE)
    workers, server = meter.shares()
    _until(lambda: clock.now() >= due + timedelta(seconds=MINUTE + 10), "the last due time")
    return _recorded(before, due) | {
        "queue_ms": round(statistics.median(busy), 2),
        "workers_share": round(workers, 3),
        "server_share": round(server, 3),
    }


def _recorded(before: int, due: datetime) -> dict[str, Any]:
    legs = Leg.objects.filter(ticket__gt=before, metric="first_response")
    found = Emission.objects.filter(leg__in=legs, kind="breach")
    late = sorted((at - fell).total_seconds() for fell, at in found.values_list("at", "detected_at"))
    events = dict.fromkeys(legs.values_list("ticket", flat=True), 0)
    for pk in _breach_events(before):
        events[pk] += 1
    wrong = found.exclude(at=F("leg__due_at")).count() + legs.filter(due_at__lt=due).count()
    if wrong:
        raise Refused("bench_failed", f"{wrong} promises were not recorded with their own due time")
    return {
        "due": legs.count(),
        "recorded": len(late),
        "twice": sum(count > 1 for count in events.values()),
        "missed": sum(count == 0 for count in events.values()),
        "late_s_median": statistics.median(late),
        "late_s_max": late[-1],
    }


def _breach_events(before: int) -> list[int]:
    rows = TicketEvent.objects.filter(ticket__gt=before, kind="breach")
    return list(rows.values_list("ticket", flat=True))


def _replan(queue: pages.Page, say: Say) -> dict[str, Any]:
    say("promises: a calendar changes")
    hours = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat")}
    changed = apply_calendars({"always": {"tz": "UTC", "weekly": hours | {"sun": [["01:00", "24:00"]]}}}, clock.now())
    for key in changed:
        ask_replan("calendar", key, "bench", clock.now())
    _until(lambda: Replan.objects.filter(started_at__isnull=False, kind="calendar").exists(), "the walk's beginning")
    began, busy = time.monotonic(), []
    while Replan.objects.filter(finished_at__isnull=True).exists():
        busy += pages.time_for(queue, 5.0)
        if time.monotonic() - began > _PATIENCE:
            raise Refused("bench_failed", "re-planning did not end")
    walk = Replan.objects.filter(kind="calendar").latest("id")
    assert walk.started_at
    assert walk.finished_at
    seconds = max(1.0, (walk.finished_at - walk.started_at).total_seconds())
    return {
        "tickets": walk.done,
        "moved": walk.moved,
        "seconds": seconds,
        "per_s": round(walk.done / seconds),
        "queue_ms": round(statistics.median(busy), 2),
        "queue_ms_max": round(max(busy), 1),
    }


def rest(say: Say) -> None:
    """Wait for the workers to record what fell due while the stage was filled: in a desk of that age it long is."""
    say("waiting for the sweep of what lay there")
    _until(lambda: not due_tickets(clock.now(), 1), "the sweep of what lay there")


def _until(done: Callable[[], bool], what: str) -> None:
    pause, stop = Event(), time.monotonic() + _PATIENCE
    while not done():
        if time.monotonic() > stop:
            raise Refused("bench_failed", f"{what} did not come within {_PATIENCE:.0f} s")
        pause.wait(0.2)
