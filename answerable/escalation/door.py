"""`answerable oncall` (sla contract §9): JSON lines in, one JSON object a line out, through the pure functions."""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from answerable.escalation.oncall import UNITS, Absence, Layer, Override, Schedule, gaps, on_call
from answerable.lib.jsonlines import Case, Kinds, Malformed, instant, listing, mapping, one_of, whole, written
from answerable.lib.jsonlines import run as run_lines
from answerable.lib.worktime import Calendar

_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def run(lines: Iterable[str | bytes]) -> Iterator[str]:
    """One answer for each line that is not blank."""
    return run_lines(lines, _KINDS)


def _who(case: Case) -> dict[str, object]:
    schedule = read_schedule(case.get("schedule"))
    instants = [instant(at, "at") for at in listing(case.get("at"), "at")]
    return {"who": [on_call(schedule, at) for at in instants]}


def _gaps(case: Case) -> dict[str, object]:
    schedule = read_schedule(case.get("schedule"))
    start, end = instant(case.get("start"), "start"), instant(case.get("end"), "end")
    if end < start:
        raise Malformed("the end is before the start")
    return {"gaps": [[written(a), written(b)] for a, b in gaps(schedule, start, end)]}


_KINDS: Kinds = {"who": _who, "gaps": _gaps}


def read_schedule(shape: object) -> Schedule:
    """A schedule from its JSON shape; other keys are ignored."""
    table = mapping(shape, "schedule")
    tz = Calendar.read({"tz": table.get("tz"), "always_open": True}).tz
    return Schedule(
        tz,
        tuple(_layer(one, tz) for one in listing(table.get("layers"), "layers")),
        tuple(_override(one) for one in listing(table.get("overrides", []), "overrides")),
        tuple(_absence(one) for one in listing(table.get("absences", []), "absences")),
    )


def _layer(shape: object, tz: str) -> Layer:
    table = mapping(shape, "a layer")
    restriction = table.get("restriction")
    return Layer(
        tuple(_name(one, "participants") for one in listing(table.get("participants"), "participants")),
        one_of(table.get("unit"), "unit", *UNITS),
        whole(table.get("length"), "length", 1),
        _handoff(table.get("handoff")),
        _date(table.get("start"), "start"),
        None if restriction is None else Calendar.read({"tz": tz, "weekly": restriction}),
    )


def _override(shape: object) -> Override:
    table = mapping(shape, "an override")
    if "person" not in table:
        raise Malformed("person: expected a name, or null for nobody")
    person = table["person"]
    return Override(
        *_span(table.get("start"), instant(table.get("end"), "end")),
        None if person is None else _name(person, "person"),
        instant(table.get("created"), "created"),
    )


def _absence(shape: object) -> Absence:
    table = mapping(shape, "an absence")
    if "end" not in table:
        raise Malformed("end: expected an instant, or null for good")
    person = _name(table.get("person"), "person")
    if table["end"] is None:
        return Absence(person, instant(table.get("start"), "start"), None)
    return Absence(person, *_span(table.get("start"), instant(table["end"], "end")))


def _span(start: object, end: datetime) -> tuple[datetime, datetime]:
    begin = instant(start, "start")
    if end <= begin:
        raise Malformed("the end is not after the start")
    return begin, end


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise Malformed(f"{where}: expected a name")
    return value


def _handoff(text: object) -> int:
    read = _TIME.fullmatch(text) if isinstance(text, str) else None
    if read is None:
        raise Malformed("handoff: expected a time of day, HH:MM from 00:00 to 23:59")
    return int(read[1]) * 60 + int(read[2])


def _date(text: object, where: str) -> date:
    try:
        if isinstance(text, str) and _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:  # the 30th of February
        pass
    raise Malformed(f"{where}: {text!r} is not a date, expected YYYY-MM-DD")
