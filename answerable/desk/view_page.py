"""What the queue's page says of its view: chips, the filter panel, and what may be done with the view."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import Resolver404
from django.urls import resolve as find_url
from django.utils.translation import get_language

from answerable.desk.frame import view_url
from answerable.desk.view_filter import (
    Fields,
    Pair,
    fields_of,
    filtered,
    form_fields,
    is_filtered,
    labels,
    options,
    pairs_of,
    query_of,
)
from answerable.desk.view_words import Names, columns, describe, groups, orders
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.named_queries import names_of
from answerable.people.queries import assignable
from answerable.tickets.conditions import Condition
from answerable.tickets.view_access import may_edit_view, may_see_view
from answerable.tickets.view_queries import faults_of, saved_view
from answerable.tickets.viewing import View, built_in, of_team


def resolve(person: Person, key: str, saved: Iterable[View]) -> View:
    """The view at this address. Raises Refused where there is none for this person."""
    known = built_in().get(key) or next((one for one in [*saved, *_of_teams(key)] if one.key == key), None)
    if known is None and key.isascii() and key.isdecimal() and len(key) < 19:
        known = saved_view(int(key))
    if known is None or not may_see_view(person, known):
        raise Refused("not_found", "There is no such view.")
    return known


def view_at(person: Person, address: str) -> View | None:
    """The view that a page of the queue shows, with the filter that its address holds; None where it shows nothing.

    None for any other page too: what is meant by "all" of it must never be taken for all open requests.
    """
    path, _mark, query = address.partition("?")
    try:
        found = find_url(path)
    except Resolver404:
        return None
    if found.view_name not in ("desk:queue", "desk:view"):
        return None
    stored = resolve(person, found.kwargs.get("view", "all"), ())
    asked = QueryDict(query)
    view, errors = filtered(asked, stored) if is_filtered(asked) else (stored, [])
    return None if errors or stored.is_ended or faults_of(view) else view


def _of_teams(key: str) -> list[View]:
    if not key.startswith("team-"):
        return []
    return [view for pk, name in assignable()[1] if key.startswith(f"team-{pk}-") for view in of_team(pk, name)]


def names_for(conditions: Sequence[Condition]) -> Names:
    """The names that these conditions need: one query, none where they name nobody."""
    ids = {
        field: [int(value) for one in conditions if one.field == field for value in one.values if _is_id(value)]
        for field in ("organization", "requester")
    }
    return names_of(ids["organization"], ids["requester"])


def _is_id(value: str) -> bool:
    return value.isascii() and value.isdecimal() and len(value) < 19


@dataclass(frozen=True)
class Panel:
    """The filter's fields with what they offer. `errors`: what was not understood."""

    fields: Fields
    options: dict[str, list[Pair]]
    own: list[dict[str, object]]
    orders: dict[str, str]
    groups: dict[str, str]
    columns: dict[str, str]
    view: View
    errors: list[str]

    def one(self, name: str) -> str:
        """The single value of a field, or ""."""
        return self.fields.values.get(name, [""])[0]

    def holds(self, name: str, value: str) -> bool:
        """Whether the value is chosen."""
        return value in self.fields.values.get(name, [])

    def op(self, name: str) -> str:
        """How a field's values are meant."""
        return self.fields.ops.get(name, "any")

    @property
    def html(self) -> str:
        """Its fields as a page has them. Some 300 pieces that hardly ever change: each panel is written once."""
        key = f"{get_language()} {self!r}"
        if key not in _written:
            if len(_written) >= MOST_WRITTEN:
                _written.clear()
            _written[key] = render_to_string("desk/_filter.html", {"panel": self})
        return _written[key]


MOST_WRITTEN = 200
_written: dict[str, str] = {}


def panel_of(view: View, names: Names, errors: list[str]) -> Panel:
    """The panel of a view."""
    fields = fields_of(view.conditions, names)
    return Panel(fields, options(), form_fields(), orders(), groups(), columns(), view, errors)


@dataclass(frozen=True)
class Head:
    """`chips`: each condition in words, with the address of the view without it. Addresses that are "" are not offered.

    `pairs`: the view as hidden inputs, for the button that stores what was changed.
    """

    chips: list[tuple[str, str]]
    is_changed: bool
    reset_url: str
    keep_url: str
    change_url: str
    edit_url: str
    copy_url: str
    delete_url: str
    pairs: list[Pair]


def head_of(person: Person, stored: View, view: View, names: Names) -> Head:
    """`stored` as it is kept, `view` as it is shown now."""
    here, may_edit = view_url(stored.key), may_edit_view(person, stored)
    said = labels()
    is_changed = view != stored
    show_chips = is_changed or stored.pk is not None
    return Head(
        chips=[
            (describe(one, names, said), f"{here}?{query_of(_without(view, place), names)}")
            for place, one in enumerate(view.conditions)
        ]
        if show_chips
        else [],
        is_changed=is_changed,
        reset_url=here,
        keep_url=f"{url('desk:view_new')}?{query_of(view, names)}",
        change_url=url("desk:view_change", pk=stored.pk) if may_edit and is_changed else "",
        edit_url=url("desk:view_edit", pk=stored.pk) if may_edit else "",
        copy_url=f"{url('desk:view_new')}?{urlencode({'from': stored.key})}",
        delete_url=url("desk:view_delete", pk=stored.pk) if may_edit else "",
        pairs=pairs_of(view, names) if is_changed else [],
    )


def _without(view: View, place: int) -> View:
    return replace(view, conditions=tuple(one for n, one in enumerate(view.conditions) if n != place))
