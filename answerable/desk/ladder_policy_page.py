"""The ladder as its pages show it: who holds which level, what is promised when, and what was changed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.audit.models import Record
from answerable.audit.queries import trail
from answerable.casework.ladder_coverage import ladder_holes
from answerable.casework.ladder_policy import SEVERITIES, SUBJECT, Content, stranded
from answerable.casework.ladder_rules import OWN_TEAM, nobody_holds, read
from answerable.desk.differences import Parts, differences
from answerable.desk.paging_names import Names
from answerable.desk.paging_page import HISTORY, Told
from answerable.escalation.coverage_queries import Hole
from answerable.escalation.paging_policy import SCHEDULE
from answerable.people.models import Role
from answerable.ui.words import duration, metric_word


@dataclass(frozen=True)
class LevelRow:
    """A level, and the words for all whom it names; `is_empty`: nobody of them is there at all."""

    number: int
    name: str
    role: str
    holders: str
    is_empty: bool


def levels(content: Mapping[str, Any], names: Names) -> list[LevelRow]:
    """From the lowest."""
    empty = {number for number, _name in nobody_holds(read(content))}
    return [
        LevelRow(number, rung["name"], rung.get("role", ""), holders(rung, names), number in empty)
        for number, rung in enumerate(content["levels"], start=1)
    ]


def holders(rung: Mapping[str, Any], names: Names) -> str:
    """Whom a level names, in words."""
    roles = dict(Role.choices)
    found = [str(roles.get(role, role)) for role in rung.get("roles", ())]
    team = rung.get("team")
    if team:
        name = _("the request's team") if team == OWN_TEAM else names.teams.get(team, team)
        of_team = _("%(roles)s of %(team)s") % {"roles": ", ".join(found), "team": name}
        found = [of_team if found else name]
    found += [names.label(one) for one in rung.get("people", ())]
    if rung.get("schedule"):
        found.append(names.label(f"{SCHEDULE}{rung['schedule']}"))
    return ", ".join(found) or _("nobody")


def times(content: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """What is counted in time, for each severity."""
    words = {
        "confirm_timeout": _("The representative answers within"),
        "ack_timeout": _("A level acknowledges within"),
        "ack_ttl": _("Asked again, where nobody answered since, after"),
    }
    return [(title, [_time(content.get(name, {}).get(one)) for one in SEVERITIES]) for name, title in words.items()]


def _time(seconds: int | None) -> str:
    return _("never") if seconds is None else duration(seconds)


def rules(content: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, value) of all that is no level and no time by severity."""
    yes_no = {True: _("yes"), False: _("no")}
    return [
        (_("A customer may have the next level after"), duration(content.get("min_interval", 4 * 3600))),
        (_("The highest level is asked again every"), duration(content.get("repeat_every", 900))),
        (_("so often before the contacts are asked too"), str(content.get("max_repeats", 3))),
        (_("Escalations of one organization at once"), str(content.get("max_open", 3))),
        (_("The customer success manager gets a copy"), yes_no[bool(content.get("csm", True))]),
        (_("Customers see the names of who holds a level"), yes_no[bool(content.get("show_names", True))]),
    ]


def contacts(content: Mapping[str, Any], names: Names) -> str:
    """Who is told where nobody else is there."""
    return ", ".join(names.label(one) for one in content.get("fallback", ())) or _("every administrator")


def moves(content: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Which broken promise leads where by itself."""
    for rule in content.get("automatic", ()):
        for severity in rule["severities"]:
            what = _("%(promise)s of %(severity)s broken") % {
                "promise": metric_word(rule["metric"]),
                "severity": severity,
            }
            yield what, _("level %(number)s") % {"number": rule["level"]}


def parts(content: Mapping[str, Any], names: Names) -> Parts:
    """All that the ladder says, part by part."""
    found: dict[str, str] = {}
    for number, rung in enumerate(content["levels"], start=1):
        level = _("Level %(number)s") % {"number": number}
        found[level] = rung["name"]
        found[_("%(level)s, what it does") % {"level": level}] = rung.get("role", "")
        found[_("%(level)s, held by") % {"level": level}] = holders(rung, names)
    for title, row in times(content):
        found |= {f"{title}, {severity}": text for severity, text in zip(SEVERITIES, row, strict=True)}
    return found | dict(rules(content)) | {_("Contacts"): contacts(content, names)} | dict(moves(content))


def history(names: Names) -> list[Told]:
    """What was done to the ladder, latest first."""
    return [_told(row, names) for row in trail(*SUBJECT, None, HISTORY)[:HISTORY]]


def since(seen: int, names: Names) -> list[Told]:
    """What others changed after that version."""
    rows = trail(*SUBJECT, None, HISTORY)[:HISTORY]
    return [_told(row, names) for row in rows if row.data.get("version", 0) > seen]


def _told(row: Record, names: Names) -> Told:
    who, data = {"who": row.actor_label}, row.data
    if row.verb == "ladder_owner":
        to_desk = data["managed"] == "desk"
        return Told(
            row.at, (_("%(who)s gave the ladder to the desk") if to_desk else _("%(who)s gave it to the file")) % who
        )
    if data["was"] is None:
        return Told(row.at, _("%(who)s wrote the ladder") % who)
    found = differences(parts(data["was"], names), parts(data["new"], names))
    return Told(row.at, _("%(who)s changed the ladder") % who, found)


@dataclass(frozen=True)
class Look:
    """What a ladder that was typed would come to."""

    changes: Sequence[object]
    levels: Sequence[LevelRow]
    notes: Sequence[str]
    holes: Sequence[Hole]


def look(old: Content, new: Content, names: Names, now: datetime) -> Look:
    """Before it is saved."""
    rows = levels(new, names)
    changed = differences(parts(old, names), parts(new, names))
    return Look(changed, rows, list(_notes(rows)), ladder_holes(read(new), now))


def _notes(rows: Iterable[LevelRow]) -> Iterator[str]:
    top = 0
    for row in rows:
        top = row.number
        if row.is_empty:
            yield _("Nobody holds level %(number)s now, so it is passed at once.") % {"number": row.number}
    if number := stranded(top):
        yield ngettext(
            "One escalation stands on a level that this takes away: it stays, and the contacts are asked.",
            "%(num)s escalations stand on levels that this takes away: they stay, and the contacts are asked.",
            number,
        ) % {"num": number}
