"""`answerable uptime` (sla contract §9): JSON lines in, one JSON object a line out, through the pure functions."""

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction

from answerable.lib.jsonlines import Case, Kinds, Malformed, instant, listing, mapping, one_of, whole
from answerable.lib.jsonlines import run as run_lines
from answerable.lib.stretches import seconds_of
from answerable.lib.worktime import Calendar
from answerable.status.uptime import STATES, Component, Contract, Credit, Figure, Maintenance, Observed, month, report

_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_WEIGHED = ("down", "partial", "degraded")


def run(lines: Iterable[str | bytes]) -> Iterator[str]:
    """One answer for each line that is not blank."""
    return run_lines(lines, _KINDS)


def _uptime(case: Case) -> dict[str, object]:
    tz = Calendar.read({"tz": case.get("tz"), "always_open": True}).tz
    found = _MONTH.fullmatch(str(case.get("month")))
    if found is None or found[1] == "0000":
        raise Malformed("month: expected a month such as 2024-03")
    now = _or_null(case, "now")
    components = [_component(one) for one in listing(case.get("components"), "components")]
    if len({one.id for one in components}) < len(components):
        raise Malformed("components: an id stands twice")
    maintenance = [_maintenance(one) for one in listing(case.get("maintenance", []), "maintenance")]
    told = report(_contract(case), month(tz, int(found[1]), int(found[2]), now), components, maintenance)
    return {
        "components": [{"id": name, **_shape(figure)} for name, figure in told.components],
        "product": None if told.product is None else _shape(told.product),
    }


_KINDS: Kinds = {"uptime": _uptime}


def _shape(figure: Figure) -> dict[str, object]:
    uptime = figure.uptime
    return {
        "S": figure.seconds,
        "X": figure.excluded,
        "U": figure.unknown,
        "E": figure.counted,
        "D": list(figure.down.as_integer_ratio()),
        "insufficient": figure.insufficient,
        "uptime_num": None if uptime is None else uptime.numerator,
        "uptime_den": None if uptime is None else uptime.denominator,
        "shown": figure.shown,
        "met": figure.met,
        "budget_seconds": figure.budget,
        "remaining": figure.remaining,
        "credit": figure.credit,
    }


def _contract(case: Case) -> Contract:
    target = _fraction(case.get("target"), "target")
    if not target:
        raise Malformed("target: expected more than 0")
    weights = mapping(case.get("weights"), "weights")
    cap = case.get("maintenance_cap")
    return Contract(
        target=target,
        weights={state: _fraction(weights.get(state), f"weights: {state}") for state in _WEIGHED},
        notice=whole(case.get("maintenance_notice"), "maintenance_notice", 0),
        cap=None if cap is None else whole(cap, "maintenance_cap", 0),
        credit=_credit(case.get("credit")),
    )


def _credit(shape: object) -> Credit:
    table = mapping(shape, "credit")
    tiers = [mapping(one, "a tier") for one in listing(table.get("tiers"), "tiers")]
    cap = table.get("cap")
    return Credit(
        whole(table.get("fee"), "fee", 0),
        tuple((_fraction(one.get("from"), "from"), whole(one.get("percent"), "percent", 0)) for one in tiers),
        None if cap is None else whole(cap, "cap", 0),
    )


def _fraction(shape: object, where: str) -> Fraction:
    """From 0 to 1, as [numerator, denominator]."""
    parts = listing(shape, where)
    if len(parts) != 2:
        raise Malformed(f"{where}: expected a fraction such as [995, 1000]")
    fraction = Fraction(whole(parts[0], where, 0), whole(parts[1], where, 1))
    if fraction > 1:
        raise Malformed(f"{where}: expected at most 1")
    return fraction


def _component(shape: object) -> Component:
    table = mapping(shape, "a component")
    essential = table.get("essential")
    if not isinstance(essential, bool):
        raise Malformed("essential: expected true or false")
    observed = tuple(_observed(one) for one in listing(table.get("spans"), "spans"))
    return Component(_name(table.get("id"), "id"), essential, observed)


def _observed(shape: object) -> Observed:
    table = mapping(shape, "a span")
    start, end = _span(table)
    corrects = table.get("corrects")
    return Observed(
        one_of(table.get("state"), "state", *STATES),
        start,
        end,
        None if corrects is None else seconds_of(instant(corrects, "corrects")),
    )


def _maintenance(shape: object) -> Maintenance:
    table = mapping(shape, "a maintenance")
    start, end = _span(table)
    if end is None:
        raise Malformed("end: a maintenance is announced with its end")
    if "components" not in table:
        raise Malformed("components: expected a list of ids, or null for all")
    named, used = table["components"], table.get("used")
    return Maintenance(
        _or_null(table, "announced_at"),
        None if named is None else frozenset(_name(one, "components") for one in listing(named, "components")),
        start,
        end,
        None if used is None else _span(mapping(used, "used")),
    )


def _span(table: Case) -> tuple[int, int | None]:
    start, end = seconds_of(instant(table.get("start"), "start")), _or_null(table, "end")
    if end is not None and end <= start:
        raise Malformed("the end is not after the start")
    return start, end


def _or_null(table: Case, where: str) -> int | None:
    if where not in table:
        raise Malformed(f"{where}: expected an instant, or null")
    return None if table[where] is None else seconds_of(instant(table[where], where))


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise Malformed(f"{where}: expected a name")
    return value
