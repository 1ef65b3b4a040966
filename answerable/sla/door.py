"""`answerable clock` (sla contract §9): JSON lines in, one JSON object a line out, through the engine's own functions.

A malformed line is answered with `{"id": …, "error": "…"}`, and the run goes on.
"""

from collections.abc import Iterable, Iterator

from answerable.lib import worktime
from answerable.lib.jsonlines import Case, Kinds, Malformed, instant, listing, mapping, one_of, written
from answerable.lib.jsonlines import run as run_lines
from answerable.lib.worktime import Calendar
from answerable.sla.evaluate import FROM_CHANGE, KEEP_ELAPSED, METRICS, PAUSABLE, Event, Leg, Terms, evaluate

_EVENTS = ("customer_message", "agent_reply", "pause", "resume", "resolve", "reopen", "targets", "calendar")


def run(lines: Iterable[str | bytes]) -> Iterator[str]:
    """One answer for each line that is not blank."""
    return run_lines(lines, _KINDS)


def _open(case: Case) -> dict[str, object]:
    calendar = Calendar.read(case.get("calendar"))
    instants = [instant(at, "at") for at in listing(case.get("at"), "at")]
    return {"open": [worktime.is_open(calendar, at) for at in instants]}


def _add(case: Case) -> dict[str, object]:
    calendar = Calendar.read(case.get("calendar"))
    start = instant(case.get("start"), "start")
    return {"due": written(worktime.add(calendar, start, _seconds(case.get("seconds"), "seconds")))}


def _between(case: Case) -> dict[str, object]:
    calendar = Calendar.read(case.get("calendar"))
    start, end = instant(case.get("start"), "start"), instant(case.get("end"), "end")
    return {"seconds": worktime.between(calendar, start, end)}


def _ticket(case: Case) -> dict[str, object]:
    terms = Terms(
        targets=_targets(case.get("targets")),
        calendar=Calendar.read(case.get("calendar")),
        pausable=frozenset(_metric(name) for name in listing(case.get("pausable", list(PAUSABLE)), "pausable")),
        retarget=_retarget(case.get("retarget", FROM_CHANGE)),
    )
    now = instant(case.get("now"), "now")
    events = [_event(shape) for shape in listing(case.get("events"), "events")]
    happened = [event for event in events if event.at <= now]  # the list tells what happened: nothing is known ahead
    return {"legs": [_leg(leg) for leg in evaluate(happened, terms, now)]}


_KINDS: Kinds = {
    "open": _open,
    "add": _add,
    "between": _between,
    "ticket": _ticket,
}


def _event(shape: object) -> Event:
    event = mapping(shape, "an event")
    kind = one_of(event.get("type"), "type", *_EVENTS)
    received_at = event.get("received_at")
    return Event(
        kind,
        instant(event.get("at"), "at"),
        received_at=None if received_at is None else instant(received_at, "received_at"),
        targets=_targets(event.get("targets")) if kind == "targets" else None,
        calendar=Calendar.read(event.get("calendar")) if kind == "calendar" else None,
    )


def _leg(leg: Leg) -> dict[str, object]:
    return {
        "metric": leg.metric,
        "index": leg.index,
        "start": written(leg.start),
        "target": leg.target,
        "state": leg.state,
        "fulfilled_at": written(leg.fulfilled_at),
        "paused": [[written(stopped), written(resumed)] for stopped, resumed in leg.paused],
        "elapsed": leg.elapsed,
        "due_at": written(leg.due_at),
        "breached": leg.breached_at is not None,
        "breached_at": written(leg.breached_at),
    }


def _targets(shape: object) -> dict[str, int | None]:
    targets = mapping(shape, "targets")
    return {
        _metric(name): None if value is None else _seconds(value, f"targets.{name}") for name, value in targets.items()
    }


def _metric(name: object) -> str:
    if not isinstance(name, str) or name not in METRICS:
        raise Malformed(f"{name!r} is not a metric, expected one of {', '.join(METRICS)}")
    return name


def _retarget(text: object) -> str:
    return one_of(text, "retarget", FROM_CHANGE, KEEP_ELAPSED)


def _seconds(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(f"{where}: expected whole seconds, 0 or more")
    return value
