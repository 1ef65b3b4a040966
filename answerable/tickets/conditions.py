"""Conditions on tickets as data: what saved views, the filter panel and the search are made of.

A `Condition` says (field, op, values). `read` and `written` are its JSON, `wrong` says what is wrong with it, and
`where` makes SQL over `tickets_ticket t` from those that are right. Values are bound; only words of closed lists are
written out (a status, so that the server sees which partial index fits). Whoever asks adds `seen.visible(person)`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils.translation import gettext as _

from answerable.lib.zones import zone
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets.models import OPEN_STATUSES, Status
from answerable.tickets.seen import asks

# How long ahead a promise counts as at risk.
RISK = timedelta(hours=1)
MOST_CONDITIONS, MOST_VALUES, MOST_LETTERS = 20, 50, 200

# Groups of statuses: "any_open" is whatever is not yet solved. ("open" alone is the one status.)
ANY_OPEN, ANY_DONE = "any_open", "any_done"
_STATUSES = [status.value for status in Status]
_OPEN = [status.value for status in OPEN_STATUSES]
_GROUPS = {ANY_OPEN: _OPEN, ANY_DONE: [one for one in _STATUSES if one not in _OPEN]}
OPEN = f"t.status IN {tuple(_OPEN)}"
# Deleted ones are nowhere; our own probes have numbers below zero.
LISTED = "t.set_aside <> 'deleted' AND t.number > 0"


@dataclass(frozen=True)
class Condition:
    """`any`: one of the values holds, `all`: each, `none`: not one. Times have `before` and `after`, with one value.

    A time is a day (2026-01-31, "today": its beginning in the reader's zone) or an age (12h, 7d, 2w: so long ago).
    """

    field: str
    op: str
    values: tuple[str, ...] = ()


@dataclass
class _Asked:
    """Who asks and when, and the values that the statement names."""

    person: Person
    now: datetime
    prefix: str
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: Any) -> str:
        name = f"{self.prefix}{len(self.values)}"
        self.values[name] = value
        return f"%({name})s"


@dataclass(frozen=True)
class _Field:
    """What a field's values may be, and its SQL."""

    ops: tuple[str, ...]
    fits: Callable[[str], bool]
    sql: Callable[[Condition, _Asked], str]


def where(
    conditions: Iterable[Condition], person: Person, now: datetime, prefix: str = "c"
) -> tuple[str, dict[str, Any]]:
    """All of them, as a condition on `tickets_ticket t` with its values (with those that `seen.visible` names).

    `prefix`: how its own values are named, where two such conditions meet in one statement.
    """
    asked = _Asked(person, now, prefix)
    parts = [_field(one.field).sql(one, asked) for one in conditions]
    return " AND ".join([*parts, LISTED]), asks(person, now) | asked.values


def wrong(conditions: Sequence[Condition], teams: Collection[int]) -> list[str]:
    """What is wrong with them, each in a sentence; `teams` are the ids of those that exist."""
    found = [_wrong(one, teams) for one in conditions]
    if len(conditions) > MOST_CONDITIONS:
        found.append(_("A view has at most %(most)s conditions.") % {"most": MOST_CONDITIONS})
    return [one for one in dict.fromkeys(found) if one]


def _wrong(one: Condition, teams: Collection[int]) -> str:
    known = FIELDS.get(one.field) or (_CUSTOM if _KEYED.fullmatch(one.field) else None)
    words = {"field": one.field[:60], "op": one.op[:20]}
    if known is None:
        return _("There is nothing called “%(field)s” to ask for.") % words
    if one.op not in known.ops:
        return _("“%(field)s” cannot be asked with “%(op)s”.") % words
    if not _count_fits(one):
        return (
            _("“%(field)s” needs a value.") % words if not one.values else _("“%(field)s” has too many values.") % words
        )
    for value in one.values:
        if len(value) > MOST_LETTERS or not value.isprintable() or not known.fits(value):
            return _("“%(value)s” is no value of “%(field)s”.") % (words | {"value": value[:60]})
    if one.field == "team" and any(value.isdecimal() and int(value) not in teams for value in one.values):
        return _("It asks for a team that no longer exists.")
    return ""


def _count_fits(one: Condition) -> bool:
    if one.op in ("set", "unset"):
        return not one.values
    return len(one.values) == 1 if one.op in ("before", "after") else 1 <= len(one.values) <= MOST_VALUES


def written(conditions: Iterable[Condition]) -> list[dict[str, Any]]:
    """As JSON."""
    return [{"field": one.field, "op": one.op, "values": list(one.values)} for one in conditions]


def read(stored: Any) -> tuple[Condition, ...]:
    """From JSON, whatever it holds: what has no shape at all becomes a condition that `wrong` refuses."""
    return tuple(_read(one) for one in stored) if isinstance(stored, list) else (Condition("", ""),)


def _read(one: Any) -> Condition:
    if not isinstance(one, dict) or not isinstance(one.get("values", []), list):
        return Condition("", "")
    values = tuple(str(value) for value in one.get("values", []))
    return Condition(str(one.get("field", "")), str(one.get("op", "")), values)


# What each field may be and how it is asked.

_KEYED = re.compile(r"field:[a-z0-9_-]{1,64}")
_AGE = re.compile(r"(\d{1,5})([hdw])")
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_EITHER = ("any", "none")
_DAYS = {"today": 0, "yesterday": 1}


def _field(name: str) -> _Field:
    return FIELDS.get(name) or _CUSTOM


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 19


def _id_or(*words: str) -> Callable[[str], bool]:
    return lambda value: value in words or _is_id(value)


def _one_of(values: Collection[str]) -> Callable[[str], bool]:
    return lambda value: value in values


def _status(one: Condition, _asked: _Asked) -> str:
    chosen = {status for value in one.values for status in _GROUPS.get(value, [value])}
    if one.op == "none":
        chosen = set(_STATUSES) - chosen
    listed = ", ".join(f"'{status}'" for status in _STATUSES if status in chosen)
    return f"t.status IN ({listed})" if listed else "false"


def _negated(one: Condition, asks_for: str) -> str:
    return f"NOT coalesce({asks_for}, false)" if one.op == "none" else f"({asks_for})"


def _ids(column: str, nobody: str, me: Callable[[_Asked], list[int]] = lambda asked: [asked.person.pk]) -> Any:
    """Ids of other rows, where a word stands for the reader's own and another one for none."""

    def sql(one: Condition, asked: _Asked) -> str:
        ids = [int(value) for value in one.values if value.isdecimal()]
        if "me" in one.values or "mine" in one.values:
            ids += me(asked)
        parts = [f"{column} IS NULL"] if nobody in one.values else []
        if len(ids) == 1:
            parts.append(f"{column} = {asked.bind(ids[0])}")
        elif ids or not parts:
            parts.append(f"{column} = ANY({asked.bind(ids)}::bigint[])")
        return _negated(one, " OR ".join(parts))

    return sql


def _words(column: str) -> Any:
    def sql(one: Condition, asked: _Asked) -> str:
        if len(one.values) == 1:
            return _negated(one, f"{column} = {asked.bind(one.values[0])}")
        return _negated(one, f"{column} = ANY({asked.bind(list(one.values))}::text[])")

    return sql


def _csm(one: Condition, asked: _Asked) -> str:
    own = _ids("o.csm_id", "nobody")(Condition("csm", "any", one.values), asked)
    within = f"EXISTS (SELECT FROM people_organization o WHERE o.id = t.organization_id AND {own})"
    return _negated(one, f"{within} OR t.organization_id IS NULL" if "nobody" in one.values else within)


def _tags(one: Condition, asked: _Asked) -> str:
    tags = f"{asked.bind(list(one.values))}::varchar[]"
    return f"t.tags @> {tags}" if one.op == "all" else _negated(one, f"t.tags && {tags}")


# How people say that a box is ticked, and how it is kept.
_TICKED = {"yes": "true", "no": "false"}


def _custom(one: Condition, asked: _Asked) -> str:
    key = f"{asked.bind(one.field.removeprefix('field:'))}::text"
    kept = f"t.fields -> {key}"
    # With the label that it had (tickets.answers), or bare.
    value = f"(CASE jsonb_typeof({kept}) WHEN 'object' THEN {kept} ->> 'value' ELSE t.fields ->> {key} END)"
    if one.op in ("set", "unset"):
        return f"coalesce({value}, '') {'<>' if one.op == 'set' else '='} ''"
    wanted = [*one.values, *(_TICKED[said.lower()] for said in one.values if said.lower() in _TICKED)]
    return _negated(one, f"{value} = ANY({asked.bind(wanted)}::text[])")


def _attachment(one: Condition, _asked: _Asked) -> str:
    # Neither the logo in a signature nor a picture within the words.
    found = "SELECT FROM tickets_attachment a WHERE a.ticket_id = t.id AND NOT a.inline AND a.role = ''"
    return _negated(one, f"EXISTS ({found})")


def _state(one: Condition, asked: _Asked) -> str:
    return _negated(one, " OR ".join(f"({_STATES[value](asked)})" for value in one.values))


_FOLLOWED = """t.id IN (SELECT p.ticket_id FROM tickets_participant p
  WHERE p.person_id = {} AND p.role = 'follower' AND p.ended_at IS NULL)"""
_MENTIONED = "t.id IN (SELECT m.ticket_id FROM tickets_mention m WHERE m.person_id = {})"

# What `is` may say. `breached`: a promise was broken, be it kept late since; `late`: one is broken and still owed.
_STATES: dict[str, Callable[[_Asked], str]] = {
    "breached": lambda asked: f"t.breached_at <= {asked.bind(asked.now)}",
    "late": lambda asked: f"{OPEN} AND t.next_due_at < {asked.bind(asked.now)}",
    "at_risk": lambda asked: f"{OPEN} AND t.next_due_at < {asked.bind(asked.now + RISK)}",
    "waiting": lambda _: "t.status = 'pending'",
    "unassigned": lambda _: "t.assignee_id IS NULL",
    "provisional": lambda _: "t.severity_determined_at IS NULL",
    "sensitive": lambda _: "t.sensitive",
    "unverified": lambda _: "t.unverified",
    "escalated": lambda _: "t.escalation_level > 0",
    "mentioned": lambda asked: _MENTIONED.format(asked.bind(asked.person.pk)),
    "snoozed": lambda asked: f"t.snoozed_until > {asked.bind(asked.now)}",
    "following": lambda asked: _FOLLOWED.format(asked.bind(asked.person.pk)),
}
STATES = tuple(_STATES)


def _is_time(value: str) -> bool:
    return value in _DAYS or _AGE.fullmatch(value) is not None or _day(value) is not None


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value) if len(value) == 10 and value > "1900" else None
    except ValueError:
        return None


def moment(value: str, person: Person, now: datetime) -> datetime:
    """When that was for this reader."""
    age = _AGE.fullmatch(value)
    if age:
        return now - min(int(age[1]) * _UNITS[age[2]], timedelta(days=36_500))
    here = zone(person.zone, vendor().zone)
    day = _day(value) or now.astimezone(here).date() - timedelta(days=_DAYS[value])
    return datetime.combine(day, time(), here).astimezone(UTC)


def _time(column: str) -> _Field:
    def sql(one: Condition, asked: _Asked) -> str:
        at = asked.bind(moment(one.values[0], asked.person, asked.now))
        return f"{column} {'<' if one.op == 'before' else '>='} {at}"

    return _Field(("before", "after"), _is_time, sql)


_WORD = re.compile(r"[\w.:/ -]{1,64}")


def _is_word(value: str) -> bool:
    return _WORD.fullmatch(value) is not None


def _my_teams(asked: _Asked) -> list[int]:
    ids: list[int] = asks(asked.person, asked.now)["teams"]
    return ids


_CUSTOM = _Field((*_EITHER, "set", "unset"), bool, _custom)
FIELDS: dict[str, _Field] = {
    "status": _Field(_EITHER, _one_of([*_GROUPS, *_STATUSES]), _status),
    "severity": _Field(_EITHER, _one_of([f"P{n}" for n in range(10)]), _words("t.severity")),
    "team": _Field(_EITHER, _id_or("mine", "none"), _ids("t.team_id", "none", _my_teams)),
    "assignee": _Field(_EITHER, _id_or("me", "nobody"), _ids("t.assignee_id", "nobody")),
    "organization": _Field(_EITHER, _id_or("none"), _ids("t.organization_id", "none")),
    "requester": _Field(_EITHER, _id_or(), _ids("t.requester_id", "")),
    "csm": _Field(_EITHER, _id_or("me", "nobody"), _csm),
    "tags": _Field(("any", "all", "none"), bool, _tags),
    "is": _Field(_EITHER, _one_of(_STATES), _state),
    "channel": _Field(_EITHER, _is_word, _words("t.channel")),
    "type": _Field(_EITHER, _is_word, _words("t.type")),
    "created": _time("t.created_at"),
    "updated": _time("t.updated_at"),
    "solved": _time("t.solved_at"),
    "has": _Field(_EITHER, _one_of(["attachment"]), _attachment),
}
