"""Views at work: which there are for somebody, a page of one, and what each counts (decision 0039)."""

import base64
import binascii
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from answerable.lib import sql
from answerable.people.models import Person
from answerable.people.queries import assignable, teams_of
from answerable.tickets.conditions import read
from answerable.tickets.models import NO_PROMISE
from answerable.tickets.queries import ROWS
from answerable.tickets.view_plan import Plan, plan_of
from answerable.tickets.viewing import View, faults

PAGE = 50
# Nobody reads more in a rail; what stands beyond is counted only when it is opened.
MOST_VIEWS, MOST_COUNTED = 200, 30
# A count says no more than that: whoever has 200 to do needs no number.
COUNT_CAP = 200


class Line(NamedTuple):
    """One line of a queue: `queries.Row` with what a desk's columns and groups show besides."""

    id: int
    number: int
    subject: str
    preview: str
    severity: str
    provisional: bool
    status: str
    organization: str
    requester: str
    assignee: str
    waits: str
    next_due_at: datetime | None
    promise_metric: str
    promise_start_at: datetime | None
    updated_at: datetime
    created_at: datetime
    team: str
    tags: str
    channel: str
    team_id: int | None
    assignee_id: int | None
    organization_id: int | None


# What a desk's list shows besides ROWS. `chosen`: which ones, found before anything else of them is read.
_MORE = """, coalesce((SELECT team.name FROM people_team team WHERE team.id = t.team_id), ''),
  array_to_string(t.tags, ', '), t.channel, t.team_id, t.assignee_id, t.organization_id
FROM ({chosen}) chosen JOIN tickets_ticket t ON t.id = chosen.id ORDER BY {order}
"""
_CHOSEN = "SELECT t.id FROM {scanned} WHERE {rest} ORDER BY {order} LIMIT {most}"
_LAST = "SELECT {keys} FROM {scanned} ORDER BY {order} OFFSET {but_one}"
# One look, in which several are counted. Each number: how many, and below zero (by one more) where there may be others.
_LOOK = "(SELECT ARRAY[{numbers}] FROM (SELECT {counted} FROM {scanned}) looked)"
_NUMBER = "CASE WHEN seen{n} = {most} OR hits{n} >= {cap} THEN -1 - least(hits{n}, {cap}) ELSE hits{n} END"
_COUNTED = "count(*){seen} AS seen{n}, count(*){hits} AS hits{n}"


@dataclass(frozen=True)
class Found:
    """A page. `next`: the cursor of the following one, or ""; `stopped`: it looked as far as it may, and found less
    than a page: there may be more behind."""

    rows: list[Line]
    next: str
    stopped: bool = False


class Count(NamedTuple):
    """How many there are; `more`: at least so many."""

    number: int
    more: bool


def page(person: Person, view: View, cursor: str, now: datetime) -> Found:
    """A page of a view without faults, after the row that `cursor` names."""
    plan = plan_of(view, person, now)
    mark = _mark(cursor, plan.keys)
    rows = _rows(plan, *_after(plan, mark))
    end = None if len(rows) > PAGE else _end(plan, *_after(plan, mark))
    if end is None and len(rows) <= PAGE and mark is not None and _nullable(plan) and mark[0] is not None:
        # Whatever has a group came before: now those without.
        without = f"t.{plan.keys[0]} IS NULL"
        rows += _rows(plan, without, {})
        end = None if len(rows) > PAGE else _end(plan, without, {})
    if len(rows) > PAGE:
        return Found(rows[:PAGE], _cursor([_value(rows[PAGE - 1], key) for key in plan.keys]))
    return Found(rows, _cursor(end) if end else "", stopped=end is not None)


def _rows(plan: Plan, after: str, values: dict[str, Any]) -> list[Line]:
    scanned = plan.scanned(after, plan.page_scan)
    chosen = _CHOSEN.format(scanned=scanned, rest=plan.rest or "true", order=plan.order, most=PAGE + 1)
    statement = ROWS + _MORE.format(chosen=chosen, order=plan.order)
    return [Line._make(row) for row in sql.rows(statement, plan.values | values | {"no_promise": NO_PROMISE})]


def _end(plan: Plan, after: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
    """Where a page had to stop looking; None if it came to the end."""
    if not plan.rest:
        return None
    keys = ", ".join(f"t.{key}" for key in plan.keys)
    scanned = plan.scanned(after, plan.page_scan)
    statement = _LAST.format(keys=keys, scanned=scanned, order=plan.order, but_one=plan.page_scan - 1)
    found = sql.rows(statement, plan.values | values)
    return found[0] if found else None


def _nullable(plan: Plan) -> bool:
    return plan.keys[0] in ("team_id", "assignee_id", "organization_id")


def _after(plan: Plan, mark: Sequence[Any] | None) -> tuple[str, dict[str, Any]]:
    if mark is None:
        return "", {}
    keys, first = list(plan.keys), ""
    if mark[0] is None:
        first, keys, mark = f"t.{keys[0]} IS NULL AND ", keys[1:], mark[1:]
    names = [f"after{n}" for n in range(len(keys))]
    columns, places = ", ".join(f"t.{key}" for key in keys), ", ".join(f"%({name})s" for name in names)
    sign = "<" if plan.backwards else ">"
    return f"{first}({columns}) {sign} ({places})", dict(zip(names, mark, strict=True))


_EPOCH, _MICROSECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(microseconds=1)
_MOMENTS, _WORDS = ("next_due_at", "updated_at"), ("severity", "status")


def _value(row: Line, key: str) -> Any:
    value = getattr(row, key)
    return NO_PROMISE if key == "next_due_at" and value is None else value


def _cursor(values: Iterable[Any]) -> str:
    plain = [(one - _EPOCH) // _MICROSECOND if isinstance(one, datetime) else one for one in values]
    return base64.urlsafe_b64encode(json.dumps(plain, separators=(",", ":")).encode()).decode().rstrip("=")


def _mark(cursor: str, keys: Sequence[str]) -> list[Any] | None:
    """The values of the keys that a cursor names; None for an empty or mangled one (the first page then)."""
    try:
        plain = json.loads(base64.urlsafe_b64decode(cursor[:400] + "=" * (-len(cursor[:400]) % 4)))
        if not isinstance(plain, list) or len(plain) != len(keys):
            return None
        return [_read_value(one, key, is_first=n == 0) for n, (one, key) in enumerate(zip(plain, keys, strict=True))]
    except (ValueError, OverflowError, binascii.Error, RecursionError):
        return None


def _read_value(plain: Any, key: str, *, is_first: bool) -> Any:
    if key in _WORDS:
        if not isinstance(plain, str) or not plain.isascii() or not plain.isalnum() or len(plain) > 8:
            raise ValueError
        return plain
    if plain is None and is_first and key.endswith("_id"):
        return None
    if type(plain) is not int or abs(plain) >= 2**63:
        raise ValueError
    return _EPOCH + plain * _MICROSECOND if key in _MOMENTS else plain


def counts(person: Person, views: Sequence[View], now: datetime) -> dict[str, Count]:
    """How many tickets each of the first views holds, up to COUNT_CAP, or as many as a bounded look finds. Views that
    come in one order by the same index are counted in one look.
    """
    looks: dict[tuple[str, str, bool], list[tuple[str, Plan]]] = {}
    for place, view in enumerate(views[:MOST_COUNTED]):
        plan = plan_of(view, person, now, f"v{place}")
        looks.setdefault((plan.base, plan.order, plan.is_light), []).append((view.key, plan))
    if not looks:
        return {}
    values = {name: value for each in looks.values() for _, plan in each for name, value in plan.values.items()}
    statement = ", ".join(_look([plan for _, plan in each]) for each in looks.values())
    found = zip(looks.values(), sql.rows(f"SELECT {statement}", values)[0], strict=True)
    said = {key: number for each, numbers in found for (key, _), number in zip(each, numbers, strict=True)}
    return {view.key: _count(said[view.key]) for view in views if view.key in said}


def _count(number: int) -> Count:
    return Count(number, more=False) if number >= 0 else Count(-number - 1, more=True)


def _look(plans: Sequence[Plan]) -> str:
    most = max(plan.count_scan if plan.rest else COUNT_CAP for plan in plans)
    numbers = ", ".join(_NUMBER.format(n=n, most=most, cap=COUNT_CAP) for n in range(len(plans)))
    counted = ", ".join(
        _COUNTED.format(n=n, seen=_only(plan.head), hits=_only(plan.head, plan.rest)) for n, plan in enumerate(plans)
    )
    # One alone need not go beyond its own beginning.
    heads = [plan.head for plan in plans] if len(plans) == 1 else []
    return _LOOK.format(numbers=numbers, counted=counted, scanned=plans[0].looked_through(*heads, most=most))


def _only(*conditions: str) -> str:
    which = " AND ".join(f"({one})" for one in conditions if one)
    return f" FILTER (WHERE {which})" if which else ""


_VIEWS = """
SELECT v.id, v.name, v.conditions::json, array_to_string(v.columns, ','), v."order", v."group", v.scope, v.owner_id,
  v.team_id, v.position, v.version, v.ended_at IS NOT NULL
FROM tickets_savedview v WHERE
"""
_IN_RAIL = """ v.ended_at IS NULL AND (
  (v.scope = 'personal' AND v.owner_id = %(me)s) OR v.scope = 'shared'
  OR (v.scope = 'team' AND v.team_id = ANY(%(teams)s))
) ORDER BY v.position, lower(v.name), v.id LIMIT %(most)s
"""


def saved_views(person: Person) -> list[View]:
    """The views that stand in this person's rail, in its order."""
    values = {"me": person.pk, "teams": teams_of(person).ids, "most": MOST_VIEWS}
    return [_view(row) for row in sql.rows(_VIEWS + _IN_RAIL, values)]


def saved_view(pk: int) -> View | None:
    """One of them, even a deleted one: who may see it, `view_access` says."""
    found = sql.rows(f"{_VIEWS} v.id = %(view)s", {"view": pk})
    return _view(found[0]) if found else None


def _view(row: tuple[Any, ...]) -> View:
    pk, name, conditions, columns, order, group, scope, owner_id, team_id, position, version, is_ended = row
    return View(
        key=str(pk), name=name, conditions=read(conditions), columns=tuple(columns.split(",")) if columns else (),
        order=order, group=group, scope=scope, pk=pk, owner_id=owner_id, team_id=team_id, position=position,
        version=version, is_ended=is_ended,
    )  # fmt: skip


def teams_there() -> set[int]:
    """The ids of the teams at work: a view that names another one is broken."""
    return {pk for pk, _ in assignable()[1]}


def faults_of(view: View) -> list[str]:
    """What keeps it from being shown."""
    return faults(view, teams_there())
