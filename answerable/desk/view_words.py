"""Conditions, columns, orders and groups in the words of the desk."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from answerable.people.queries import assignable
from answerable.tickets.conditions import ANY_DONE, ANY_OPEN, Condition
from answerable.tickets.models import Status
from answerable.tickets.saved import PERSONAL, SHARED, TEAM
from answerable.tickets.view_queries import Line


def fields() -> dict[str, str]:
    """What can be asked for."""
    return {
        "status": _("Status"),
        "severity": _("Severity"),
        "is": _("State"),
        "team": _("Team"),
        "assignee": _("Assignee"),
        "organization": _("Organization"),
        "requester": _("Requester"),
        "csm": _("Success manager"),
        "tags": _("Tags"),
        "channel": _("Channel"),
        "type": _("Type"),
        "created": _("Opened"),
        "updated": _("Updated"),
        "solved": _("Solved"),
        "has": _("With"),
    }


def statuses() -> dict[str, str]:
    """Each status, and the groups of them."""
    return {
        **{status.value: _(status.label) for status in Status},
        ANY_OPEN: _("any open"),
        ANY_DONE: _("solved or closed"),
    }


def states() -> dict[str, str]:
    """What `is` may say; those that the panel offers."""
    return {
        "late": _("promise broken and still owed"),
        "at_risk": _("promise at risk"),
        "breached": _("broke a promise"),
        "escalated": _("escalated"),
        "unassigned": _("unassigned"),
        "provisional": _("severity not determined"),
        "sensitive": _("sensitive"),
        "unverified": _("sender unverified"),
        "following": _("followed by me"),
        "mentioned": _("mentions me"),
        "snoozed": _("snoozed"),
        "waiting": _("waiting for customer"),
    }


def channels() -> dict[str, str]:
    """How a request came in."""
    ways = {"mail": _("Mail"), "portal": _("Portal"), "form": _("Form"), "widget": _("Widget"), "desk": _("Desk")}
    return ways | {"import": _("Import")}


def columns() -> dict[str, str]:
    """The columns of a queue, in their order."""
    return {
        "promise": _("Next promise"),
        "severity": _("Severity"),
        "status": _("Status"),
        "organization": _("Organization"),
        "requester": _("Requester"),
        "team": _("Team"),
        "assignee": _("Assignee"),
        "tags": _("Tags"),
        "channel": _("Channel"),
        "created": _("Opened"),
        "updated": _("Updated"),
    }


def orders() -> dict[str, str]:
    """The orders of a queue."""
    return {
        "due": _("Next promise"),
        "severity": _("Severity"),
        "newest": _("Newest first"),
        "oldest": _("Oldest first"),
        "updated": _("Last updated"),
    }


def groups() -> dict[str, str]:
    """What a queue may be grouped by."""
    return {
        "": _("Nothing"),
        "severity": _("Severity"),
        "status": _("Status"),
        "team": _("Team"),
        "assignee": _("Assignee"),
        "organization": _("Organization"),
    }


def scopes() -> dict[str, str]:
    """For whom a view is."""
    return {PERSONAL: _("Me alone"), TEAM: _("A team"), SHARED: _("Everybody at the desk")}


Names = Mapping[tuple[str, int], tuple[str, str]]


def describe(one: Condition, names: Names, labels: Mapping[str, str]) -> str:
    """A condition as a chip says it. `labels`: of the form's own fields, by key."""
    title = labels.get(one.field.removeprefix("field:")) or fields().get(one.field) or one.field
    if one.op in ("set", "unset"):
        return (
            _("%(field)s: filled in") % {"field": title}
            if one.op == "set"
            else _("%(field)s: empty") % {"field": title}
        )
    said = [_value(one.field, value, names) for value in one.values]
    joined = (_(" and ") if one.op == "all" else ", ").join(said)
    words = {"field": title, "values": joined}
    if one.op == "before":
        return _("%(field)s before %(values)s") % words
    if one.op == "after":
        return _("%(field)s since %(values)s") % words
    return _("%(field)s: not %(values)s") % words if one.op == "none" else _("%(field)s: %(values)s") % words


def _value(field: str, value: str, names: Names) -> str:
    listed = {"status": statuses, "is": states, "channel": channels}
    if field in listed:
        return listed[field]().get(value, value)
    if field in ("team", "assignee", "csm"):
        return dict(team_choices() if field == "team" else person_choices()).get(value, _("somebody who left"))
    if field in ("organization", "requester") and value.isdecimal():
        kind = "organization" if field == "organization" else "person"
        return names.get((kind, int(value)), (_("unknown"), ""))[0]
    if field == "organization":
        return _("none")
    return (
        age(value)
        if field in ("created", "updated", "solved")
        else {"attachment": _("an attachment")}.get(value, value)
    )


def age(value: str) -> str:
    """A time as a condition has it, in words."""
    if value in ("today", "yesterday"):
        return _("today") if value == "today" else _("yesterday")
    unit = {"h": _("%(count)s h ago"), "d": _("%(count)s days ago"), "w": _("%(count)s weeks ago")}.get(value[-1:])
    return unit % {"count": value[:-1]} if unit else value


def person_choices() -> list[tuple[str, str]]:
    """Who may be meant: the reader, nobody, or one of the staff."""
    return [("me", _("Me")), ("nobody", _("Nobody")), *((str(pk), name) for pk, name in assignable()[0])]


def team_choices() -> list[tuple[str, str]]:
    """Which team may be meant."""
    return [("mine", _("My teams")), ("none", _("No team")), *((str(pk), name) for pk, name in assignable()[1])]


@dataclass(frozen=True)
class Section:
    """Rows under one heading; "" where a view is not grouped."""

    heading: str
    rows: list[Line]


def sections(rows: list[Line], group: str) -> list[Section]:
    """The rows of a page under the headings of their groups."""
    found: list[tuple[object, Section]] = []
    for row in rows:
        key = _group_key(row, group)
        if not found or found[-1][0] != key:
            found.append((key, Section(_heading(row, group), [])))
        found[-1][1].rows.append(row)
    return [section for _key, section in found]


_KEYS = {"team": "team_id", "assignee": "assignee_id", "organization": "organization_id"}


def _group_key(row: Line, group: str) -> object:
    return getattr(row, _KEYS.get(group, group)) if group else ""


def _heading(row: Line, group: str) -> str:
    if group == "status":
        return statuses().get(row.status, row.status)
    without = {"team": _("No team"), "assignee": _("Nobody"), "organization": _("No organization")}
    return str(getattr(row, group)) or without.get(group, "") if group else ""
