"""The filter in an address: what the panel's fields say, as a view, and a view as fields again.

Every field of the panel holds one condition; what has no place there (a second condition on the same field) travels as
`c`, a condition in JSON. `f=1` says that the address has the conditions, and not the view that is stored.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.translation import gettext as _

from answerable.desk.view_words import Names, channels, person_choices, states, statuses, team_choices
from answerable.people.named_queries import organization_called, person_called
from answerable.people.queries import vendor
from answerable.sla.queries import severities
from answerable.tickets.conditions import ANY_DONE, ANY_OPEN, MOST_CONDITIONS, Condition, read, written
from answerable.tickets.viewing import COLUMNS, GROUPS, ORDERS, View

_OPEN, _DONE = ("new", "open", "pending", "hold"), ("solved", "closed")
_CHECKED = ("status", "severity", "is", "channel")
_CHOSEN = ("team", "assignee", "csm")
_TIMES = ("created", "updated", "solved")
Pair = tuple[str, str]


def form_fields() -> list[dict[str, object]]:
    """What the form asks besides, as the policy has it: key, label, kind, options."""
    found = vendor().settings.get("form_fields", [])
    return [one for one in found if isinstance(one, dict)]


def labels() -> dict[str, str]:
    """Those fields' labels by key."""
    return {str(one["key"]): str(one["label"]) for one in form_fields()}


def options() -> dict[str, list[Pair]]:
    """What the panel offers for each field with a list."""
    severity = list(severities())
    return {
        "status": [(key, label) for key, label in statuses().items() if key in (*_OPEN, *_DONE)],
        "severity": [(key, key) for key in severity],
        "is": [(key, label) for key, label in states().items() if key != "waiting"],
        "channel": list(channels().items()),
        "team": team_choices(),
        "assignee": person_choices(),
        "csm": person_choices(),
    }


def is_filtered(data: QueryDict) -> bool:
    """Whether an address has conditions of its own."""
    return "f" in data


def filtered(data: QueryDict, view: View) -> tuple[View, list[str]]:
    """The view with the conditions, order, grouping and columns of the fields; and what could not be understood."""
    found, errors = _conditions(data)
    order, group = data.get("order", view.order), data.get("group", view.group)
    columns = tuple(one for one in COLUMNS if one in data.getlist("col"))
    changed = replace(
        view,
        conditions=tuple(found),
        order=order if order in ORDERS else view.order,
        group=group if group in GROUPS else view.group,
        columns=columns or view.columns,
    )
    return changed, errors


def _conditions(data: QueryDict) -> tuple[list[Condition], list[str]]:
    named, errors = _named(data)
    keyed = [
        Condition(f"field:{key}", "any", (value,))
        for key in labels()
        if (value := data.get(f"field:{key}", "").strip())
    ]
    return [*_listed(data), *named, *_typed(data), *keyed, *_more(data.getlist("c")[:MOST_CONDITIONS])], errors


def _text(data: QueryDict, name: str) -> str:
    return str(data.get(name, "")).strip()


def _listed(data: QueryDict) -> Iterator[Condition]:
    """What is chosen from lists."""
    for name in (*_CHECKED, *_CHOSEN):
        values = tuple(dict.fromkeys(value for value in data.getlist(name) if value))
        if values:
            yield Condition(name, _op(data, name), _grouped(values) if name == "status" else values)
    if _text(data, "has") in ("any", "none"):
        yield Condition("has", _text(data, "has"), ("attachment",))


def _typed(data: QueryDict) -> Iterator[Condition]:
    """What is written as it is meant."""
    tags = tuple(dict.fromkeys(part.strip() for part in _text(data, "tags").split(",") if part.strip()))
    if tags:
        yield Condition("tags", _op(data, "tags", ("any", "all", "none")), tags)
    if kind := _text(data, "type"):
        yield Condition("type", _op(data, "type"), (kind,))
    for name, op in product(_TIMES, ("after", "before")):
        if value := _text(data, f"{name}.{op}").lower():
            yield Condition(name, op, (value,))


def _named(data: QueryDict) -> tuple[list[Condition], list[str]]:
    """What is called by its name, and which names nobody has."""
    found, errors = [], []
    for name, resolve, wrong in (
        ("organization", organization_called, _("No single organization is called “%(text)s”.")),
        ("requester", person_called, _("Nobody has the address “%(text)s”.")),
    ):
        text = _text(data, name)[:200].replace("\x00", "")
        pk = resolve(text) if text and text != "none" else None
        if pk is not None or (text, name) == ("none", "organization"):
            found.append(Condition(name, _op(data, name), (str(pk or "none"),)))
        elif text:
            errors.append(wrong % {"text": text})
    return found, errors


def _op(data: QueryDict, name: str, allowed: Iterable[str] = ("any", "none")) -> str:
    op = data.get(f"{name}.op", "any")
    return op if op in allowed else "any"


def _grouped(values: tuple[str, ...]) -> tuple[str, ...]:
    """All open statuses together are "any open", whatever they will be one day."""
    chosen = {*values}
    if ANY_OPEN in chosen or chosen >= {*_OPEN}:
        chosen = chosen - {*_OPEN} | {ANY_OPEN}
    if ANY_DONE in chosen or chosen >= {*_DONE}:
        chosen = chosen - {*_DONE} | {ANY_DONE}
    return tuple(one for one in (ANY_OPEN, *_OPEN, ANY_DONE, *_DONE) if one in chosen)


def _more(texts: Iterable[str]) -> list[Condition]:
    found: list[Condition] = []
    for text in texts:
        try:
            found += read([json.loads(text[:20_000])])
        except (ValueError, RecursionError):
            found.append(Condition("", ""))
    return found


@dataclass(frozen=True)
class Fields:
    """A view as the panel's fields: values and operators by name, and the conditions that have no place there."""

    values: dict[str, list[str]]
    ops: dict[str, str]
    more: list[str]

    def pairs(self) -> list[Pair]:
        """For an address or hidden inputs."""
        found = [(name, value) for name, values in self.values.items() for value in values]
        found += [(f"{name}.op", op) for name, op in self.ops.items() if op != "any"]
        return [*found, *(("c", one) for one in self.more)]


def fields_of(conditions: Iterable[Condition], names: Names) -> Fields:
    """The panel's fields of these conditions."""
    fields, offered = Fields({}, {}, []), options()
    for one in conditions:
        if not _place(one, fields, names, offered):
            fields.more.append(json.dumps(written([one])[0], separators=(",", ":")))
    return fields


def _place(one: Condition, fields: Fields, names: Names, offered: dict[str, list[Pair]]) -> bool:
    name = f"{one.field}.{one.op}" if one.field in _TIMES else one.field
    values = _shown(one, names, offered)
    if not values or name in fields.values:
        return False
    fields.values[name] = values
    if one.field not in _TIMES and one.field != "has":
        fields.ops[name] = one.op
    return True


def _shown(one: Condition, names: Names, offered: dict[str, list[Pair]]) -> list[str]:
    """The values as the field has them; empty where the field cannot hold the condition."""
    if one.field in _CHECKED:
        values = [part for value in one.values for part in {ANY_OPEN: _OPEN, ANY_DONE: _DONE}.get(value, (value,))]
        return values if {key for key, _label in offered[one.field]}.issuperset(values) else []
    if one.field == "tags":
        return [", ".join(one.values)] if not any("," in value for value in one.values) else []
    if one.field == "has":
        return [one.op]
    return [_single(one, names, offered)] if len(one.values) == 1 and _single(one, names, offered) else []


def _single(one: Condition, names: Names, offered: dict[str, list[Pair]]) -> str:
    (value,) = one.values
    if one.field in _CHOSEN:
        return value if value in dict(offered[one.field]) else ""
    if one.field in ("organization", "requester") and value.isdecimal():
        return names.get(("organization" if one.field == "organization" else "person", int(value)), ("", ""))[1]
    if one.field.startswith("field:"):
        return value if one.op == "any" and one.field.removeprefix("field:") in labels() else ""
    return value


def pairs_of(view: View, names: Names) -> list[Pair]:
    """Everything that `filtered` reads."""
    rest = [("order", view.order), ("group", view.group), *(("col", one) for one in view.columns)]
    return [("f", "1"), *fields_of(view.conditions, names).pairs(), *rest]


def query_of(view: View, names: Names) -> str:
    """The same as a query string."""
    return urlencode(pairs_of(view, names))
