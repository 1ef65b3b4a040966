"""`answerable clock` (sla contract §9): JSON lines in, one JSON object a line out, through the engine's own functions.

A malformed line is answered with `{"id": …, "error": "…"}`, and the run goes on.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

from answerable.lib import worktime
from answerable.lib.worktime import Calendar
from answerable.sla.evaluate import FROM_CHANGE, KEEP_ELAPSED, METRICS, PAUSABLE, Event, Leg, Terms, evaluate

Case = Mapping[str, object]

_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_TOO_LARGE = (float("inf"), float("-inf"))  # what 1e999 reads as
_EVENTS = ("customer_message", "agent_reply", "pause", "resume", "resolve", "reopen", "targets", "calendar")


class Malformed(ValueError):
    """What is wrong with a line, for whoever wrote it."""


def run(lines: Iterable[str | bytes]) -> Iterator[str]:
    """One answer for each line that is not blank. Lines of bytes need not even be text."""
    return (json.dumps(_answer(line)) for line in lines if line.strip())


def _answer(line: str | bytes) -> dict[str, object]:
    name: object = None
    twice: list[str] = []
    try:
        shape = json.loads(line, parse_constant=_no_number, object_pairs_hook=partial(_object, twice))
        case = _mapping(shape, "a line")
        name = case.get("id")
        if not isinstance(name, str | int | float) or name in _TOO_LARGE:
            name = None
            raise Malformed("id: expected a text or a number")
        if twice:
            raise Malformed(f"{twice[0]!r} stands twice in one object")
        kind = case.get("kind")
        if not isinstance(kind, str) or kind not in _KINDS:
            raise Malformed(f"kind: expected one of {', '.join(_KINDS)}")
        return {"id": name, **_KINDS[kind](case)}
    except RecursionError:
        return {"id": None, "error": "nested too deeply"}
    except (ValueError, OverflowError) as wrong:  # OverflowError: beyond the years 1 to 9999
        return {"id": name, "error": str(wrong)}


def _no_number(name: str) -> None:
    raise Malformed(f"{name} is no number in JSON")


def _object(twice: list[str], pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of the line; `twice` gets a key of which nobody can tell the value that is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice += Counter(key for key, _ in pairs).most_common(1)[0][:1]
    return found


def _open(case: Case) -> dict[str, object]:
    calendar = Calendar.read(case.get("calendar"))
    instants = [_instant(at, "at") for at in _list(case.get("at"), "at")]
    return {"open": [worktime.is_open(calendar, at) for at in instants]}


def _add(case: Case) -> dict[str, object]:
    calendar = Calendar.read(case.get("calendar"))
    start = _instant(case.get("start"), "start")
    return {"due": _text(worktime.add(calendar, start, _seconds(case.get("seconds"), "seconds")))}


def _between(case: Case) -> dict[str, object]:
    calendar = Calendar.read(case.get("calendar"))
    start, end = _instant(case.get("start"), "start"), _instant(case.get("end"), "end")
    return {"seconds": worktime.between(calendar, start, end)}


def _ticket(case: Case) -> dict[str, object]:
    terms = Terms(
        targets=_targets(case.get("targets")),
        calendar=Calendar.read(case.get("calendar")),
        pausable=frozenset(_metric(name) for name in _list(case.get("pausable", list(PAUSABLE)), "pausable")),
        retarget=_retarget(case.get("retarget", FROM_CHANGE)),
    )
    now = _instant(case.get("now"), "now")
    events = [_event(shape) for shape in _list(case.get("events"), "events")]
    happened = [event for event in events if event.at <= now]  # the list tells what happened: nothing is known ahead
    return {"legs": [_leg(leg) for leg in evaluate(happened, terms, now)]}


_KINDS: dict[str, Callable[[Case], dict[str, object]]] = {
    "open": _open,
    "add": _add,
    "between": _between,
    "ticket": _ticket,
}


def _event(shape: object) -> Event:
    event = _mapping(shape, "an event")
    kind = event.get("type")
    if not isinstance(kind, str) or kind not in _EVENTS:
        raise Malformed(f"type: expected one of {', '.join(_EVENTS)}")
    received_at = event.get("received_at")
    return Event(
        kind,
        _instant(event.get("at"), "at"),
        received_at=None if received_at is None else _instant(received_at, "received_at"),
        targets=_targets(event.get("targets")) if kind == "targets" else None,
        calendar=Calendar.read(event.get("calendar")) if kind == "calendar" else None,
    )


def _leg(leg: Leg) -> dict[str, object]:
    return {
        "metric": leg.metric,
        "index": leg.index,
        "start": _text(leg.start),
        "target": leg.target,
        "state": leg.state,
        "fulfilled_at": _text(leg.fulfilled_at),
        "paused": [[_text(stopped), _text(resumed)] for stopped, resumed in leg.paused],
        "elapsed": leg.elapsed,
        "due_at": _text(leg.due_at),
        "breached": leg.breached_at is not None,
        "breached_at": _text(leg.breached_at),
    }


def _targets(shape: object) -> dict[str, int | None]:
    targets = _mapping(shape, "targets")
    return {
        _metric(name): None if value is None else _seconds(value, f"targets.{name}") for name, value in targets.items()
    }


def _metric(name: object) -> str:
    if not isinstance(name, str) or name not in METRICS:
        raise Malformed(f"{name!r} is not a metric, expected one of {', '.join(METRICS)}")
    return name


def _retarget(text: object) -> str:
    if not isinstance(text, str) or text not in {FROM_CHANGE, KEEP_ELAPSED}:
        raise Malformed(f"retarget: expected {FROM_CHANGE} or {KEEP_ELAPSED}")
    return text


def _seconds(value: object, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(f"{where}: expected whole seconds, 0 or more")
    return value


def _instant(text: object, where: str) -> datetime:
    read = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if read is None:
        raise Malformed(f"{where}: expected an instant such as 2024-03-01T09:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in read.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as wrong:
        raise Malformed(f"{where}: {wrong}") from None


def _text(at: datetime | None) -> str | None:
    return None if at is None else f"{at.replace(tzinfo=None).isoformat()}Z"  # %Y writes the year 1 as 1


def _list(shape: object, where: str) -> list[object]:
    if not isinstance(shape, list):
        raise Malformed(f"{where}: expected a list")
    return shape


def _mapping(shape: object, where: str) -> Mapping[str, object]:
    if not isinstance(shape, Mapping):
        raise Malformed(f"{where}: expected an object")
    return shape
