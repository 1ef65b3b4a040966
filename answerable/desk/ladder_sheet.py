"""The editor of the ladder: what was typed becomes the ladder as it is kept, or words of what is wrong with a field."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from answerable.casework.ladder_policy import (
    LONGEST,
    METRICS,
    MINUTE,
    MOST_LEVELS,
    MOST_PEOPLE,
    ROLES,
    SEVERITIES,
    TIMES,
    Content,
    Fault,
    faults,
)
from answerable.desk import arranging
from answerable.desk.paging_names import Names, fault_words
from answerable.desk.paging_sheet import seconds_of
from answerable.policy.values import show_duration


@dataclass(frozen=True)
class TypedLevel:
    """One level as it stands in the form. `moved`: it was just moved or added, and keeps the focus."""

    name: str = ""
    role: str = ""
    team: str = ""
    roles: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    schedule: str = ""
    moved: str = ""

    @property
    def fields(self) -> Sequence[str]:
        """Who was typed, and an empty field for one more."""
        return [*self.people, ""][:MOST_PEOPLE]


@dataclass(frozen=True)
class LadderSheet:
    """The form as it stands. `times`: by name and severity; `moves`: levels by "metric severity"; `wrong`: what is to
    be mended, by field, and `content` once nothing is."""

    levels: Sequence[TypedLevel]
    times: Mapping[str, Mapping[str, str]]
    min_interval: str
    repeat_every: str
    max_repeats: str
    max_open: str
    fallback: tuple[str, ...]
    csm: bool
    show_names: bool
    moves: Mapping[str, str]
    wrong: Mapping[str, str] = field(default_factory=dict)
    content: Content | None = None

    @property
    def contacts(self) -> Sequence[str]:
        """The contacts that were typed, and an empty field for one more."""
        return [*self.fallback, ""][:MOST_PEOPLE]


def sheet_of(content: Mapping[str, Any], names: Names) -> LadderSheet:
    """The ladder in force, as the form shows it."""
    levels = [
        TypedLevel(
            rung["name"],
            rung.get("role", ""),
            rung.get("team") or "",
            tuple(rung.get("roles", ())),
            tuple(names.typed(one) for one in rung.get("people", ())),
            rung.get("schedule") or "",
        )
        for rung in content["levels"]
    ]
    moves = {
        f"{rule['metric']} {severity}": str(rule["level"])
        for rule in content.get("automatic", ())
        for severity in rule["severities"]
    }
    return LadderSheet(
        levels,
        {name: {one: _shown(content.get(name, {}).get(one)) for one in SEVERITIES} for name in TIMES},
        _shown(content.get("min_interval", 4 * 3600)),
        _shown(content.get("repeat_every", 900)),
        str(content.get("max_repeats", 3)),
        str(content.get("max_open", 3)),
        tuple(names.typed(one) for one in content.get("fallback", ())),
        bool(content.get("csm", True)),
        bool(content.get("show_names", True)),
        moves,
    )


def _shown(seconds: int | None) -> str:
    return "" if seconds is None else show_duration(seconds)


def posted(data: QueryDict, names: Names) -> LadderSheet:
    """What was typed, read as far as it can be."""

    def get(name: str, most: int = 200) -> str:
        return "".join(one for one in data.get(name, "") if one >= " ").strip()[:most]

    def several(name: str, most: int) -> tuple[str, ...]:
        return tuple(text for one in data.getlist(name)[:most] if (text := one.strip()[:300]))

    count = int(get("count")) if get("count").isdecimal() and len(get("count")) < 3 else 0
    levels = [
        TypedLevel(
            get(f"level-{n}-name"),
            get(f"level-{n}-role", 500),
            get(f"level-{n}-team"),
            tuple(one for one in ROLES if one in data.getlist(f"level-{n}-roles")),
            several(f"level-{n}-people", MOST_PEOPLE),
            get(f"level-{n}-schedule"),
        )
        for n in range(min(count, MOST_LEVELS))
    ]
    rules = [f"{metric} {severity}" for metric in METRICS for severity in SEVERITIES]
    sheet = LadderSheet(
        levels,
        {name: {one: get(f"{name}-{one}", 20) for one in SEVERITIES} for name in TIMES},
        get("min_interval", 20),
        get("repeat_every", 20),
        get("max_repeats", 4),
        get("max_open", 5),
        several("fallback", MOST_PEOPLE),
        bool(data.get("csm")),
        bool(data.get("show_names")),
        {rule: level for rule in rules if (level := get(rule.replace(" ", "-")))},
    )
    return _read(sheet, names)


class _Reader:
    """Reads the fields one by one, and keeps what is wrong with them."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.wrong: dict[str, str] = {}

    def people(self, key: str, texts: Iterable[str]) -> list[str]:
        found: list[str] = []
        for text in texts:
            name, wrong = self.names.read(text)
            if wrong or "@" not in name:
                self.wrong.setdefault(key, f"{text[:80]}: {wrong or _('Choose somebody on the staff.')}")
            elif name not in found:
                found.append(name)
        return found

    def time(self, key: str, text: str) -> int:
        seconds = seconds_of(text, MINUTE, LONGEST)
        if seconds is None:
            self.wrong[key] = _("A time such as 15 min, 4 h or 2 d.")
        return seconds or 0

    def maybe(self, key: str, text: str) -> int | None:
        return None if text.casefold() in {"", "none", _("never")} else self.time(key, text)

    def number(self, key: str, text: str) -> int:
        if not text.isdecimal():
            self.wrong[key] = _("A whole number.")
        return int(text) if text.isdecimal() else 0


def _read(sheet: LadderSheet, names: Names) -> LadderSheet:
    reader = _Reader(names)
    times = {
        name: {
            one: (reader.maybe if name == "ack_ttl" else reader.time)(f"{name}-{one}", sheet.times[name][one])
            for one in SEVERITIES
        }
        for name in TIMES
    }
    content: Content = {
        **times,
        "levels": [_level(number, one, reader) for number, one in enumerate(sheet.levels)],
        "min_interval": reader.time("min_interval", sheet.min_interval),
        "repeat_every": reader.time("repeat_every", sheet.repeat_every),
        "max_repeats": reader.number("max_repeats", sheet.max_repeats),
        "max_open": reader.number("max_open", sheet.max_open),
        "fallback": reader.people("fallback", sheet.fallback),
        "csm": sheet.csm,
        "show_names": sheet.show_names,
        "automatic": _rules(sheet.moves, reader),
    }
    for fault in faults(content):
        reader.wrong.setdefault(_field(fault, content), _words(fault))
    return replace(sheet, wrong=reader.wrong, content=None if reader.wrong else content)


def _level(number: int, typed: TypedLevel, reader: _Reader) -> dict[str, Any]:
    people = reader.people(f"level-{number}-people", typed.people)
    return {
        "name": typed.name,
        "role": typed.role,
        "people": people,
        "roles": list(typed.roles),
        "team": typed.team or None,
        "schedule": typed.schedule or None,
    }


def _rules(moves: Mapping[str, str], reader: _Reader) -> list[dict[str, Any]]:
    """One rule for each metric and level, in the order in which the form has them."""
    found: dict[tuple[str, int], list[str]] = {}
    for rule, text in moves.items():
        metric, _sep, severity = rule.partition(" ")
        found.setdefault((metric, reader.number(f"{metric}-{severity}", text)), []).append(severity)
    return [{"metric": metric, "severities": ones, "level": level} for (metric, level), ones in found.items()]


def _field(fault: Fault, content: Content) -> str:
    """Which field of the form a fault belongs to."""
    head, *rest = fault.place
    if head == "levels" and rest:
        return f"level-{rest[0]}-{rest[1]}"
    if head == "automatic":
        rule = content["automatic"][rest[0]]
        return f"{rule['metric']}-{rule['severities'][0]}"
    return "-".join(str(part) for part in fault.place)


def _words(fault: Fault) -> str:
    said = {
        "count": _("From one to nine levels, and at most 20 people for each."),
        "empty": _("This must not be empty."),
        "no_team": _("There is no such team."),
        "nobody": _("Say who holds it: a team, roles, people or a schedule."),
        "time": _("A time from 1 min to 365 d."),
        "number": _("This number is too small or too large."),
        "level": _("There is no level %(level)s.") % {"level": fault.name},
    }
    return said.get(fault.why) or fault_words(fault.why, fault.name)


def arranged(sheet: LadderSheet, what: str) -> LadderSheet:
    """With one more level above, without one, or with one moved up or down."""
    levels = arranging.arranged(sheet.levels, what, partial(TypedLevel, moved="name"), MOST_LEVELS, _moved)
    return replace(sheet, levels=levels, wrong={}, content=None)


def _moved(level: TypedLevel, way: str) -> TypedLevel:
    return replace(level, moved=way)
