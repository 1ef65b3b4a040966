"""How a view is looked for: by one index, from its beginning on, and never further than so many rows (decision 0039).

A statement has three layers. The innermost follows one index (`base`: the partial index's own condition and at most one
lead) and ends after `scan` rows; around it the other conditions choose among those; what a page shows is read last.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.people.models import Person
from answerable.tickets.conditions import LISTED, OPEN, Condition, where
from answerable.tickets.seen import asks, visible
from answerable.tickets.viewing import DUE, NEWEST, OLDEST, SEVERITY, UPDATED, View

# How many rows are looked through for one page, and for one count: where the index itself has what is asked for, and
# where each ticket must be opened.
PAGE_SCAN, PAGE_SCAN_OPENED = 5_000, 2_000
COUNT_SCAN, COUNT_SCAN_OPENED = 500, 200
# What the indexes over open requests carry (Ticket.Meta).
_LIGHT = {"status", "severity", "team", "assignee", "organization", "requester", "is", "channel", "created", "updated"}

_BY = {
    DUE: ("next_due_at", "id"),
    SEVERITY: ("severity", "next_due_at", "id"),
    NEWEST: ("id",),
    OLDEST: ("id",),
    UPDATED: ("updated_at", "id"),
}
_GROUPED = {
    "severity": "severity",
    "status": "status",
    "team": "team_id",
    "assignee": "assignee_id",
    "organization": "organization_id",
}
_BACKWARDS = (NEWEST, UPDATED)


_SCANNED = "(SELECT t.* FROM tickets_ticket t WHERE {which} ORDER BY {order} LIMIT {most}) t"


@dataclass(frozen=True)
class Plan:
    """`keys`: columns that order it, which also make the cursor. `head`: "", or what only the first rows in that order
    fulfil. `rest`: "" where the index alone has the answer.
    """

    keys: tuple[str, ...]
    backwards: bool
    base: str
    head: str
    rest: str
    values: dict[str, Any]
    is_light: bool

    @property
    def page_scan(self) -> int:
        """How far a page looks."""
        return PAGE_SCAN if self.is_light else PAGE_SCAN_OPENED

    @property
    def count_scan(self) -> int:
        """How far a count looks."""
        return COUNT_SCAN if self.is_light else COUNT_SCAN_OPENED

    @property
    def order(self) -> str:
        """For ORDER BY."""
        return ", ".join(f"t.{key}{' DESC' if self.backwards else ''}" for key in self.keys)

    def scanned(self, after: str, most: int) -> str:
        """The innermost layer, as a table `t`."""
        return self.looked_through(self.head, after, most=most)

    def looked_through(self, *conditions: str, most: int) -> str:
        """The same, under these conditions: several plans may share one look."""
        which = " AND ".join(one for one in (self.base, *conditions) if one)
        return _SCANNED.format(which=which, order=self.order, most=most)


def plan_of(view: View, person: Person, now: datetime, prefix: str = "") -> Plan:
    """The plan of a view without faults. `prefix` tells its values from those of other plans in one statement."""
    view = view.shown_by()
    base, absorbed = _base(view)
    others_asked = [one for one in view.conditions if one not in absorbed]
    lead = _lead(others_asked)
    rest = [one for one in others_asked if one is not lead]
    first, values = where([lead] if lead else [], person, now, f"{prefix}l")
    second, more = where(rest, person, now, f"{prefix}r")
    seen = visible(person)
    others = [part for part in (seen if seen != "true" else "", second if rest else "") if part]
    keys = (_GROUPED[view.group], *_BY[DUE]) if view.group and view.group != SEVERITY else _BY[view.group or view.order]
    is_head = lead is not None and _rank(lead) in _BY_DUE and keys == _BY[DUE]
    return Plan(
        keys=keys,
        backwards=view.order in _BACKWARDS,
        base=" AND ".join(part for part in (base, LISTED if is_head else first) if part),
        head=first if is_head else "",
        rest=" AND ".join(others),
        values=asks(person, now) | values | more,
        is_light=view.is_of_open and seen == "true" and all(one.field in _LIGHT for one in rest),
    )


_NOBODYS = Condition("assignee", "any", ("nobody",))


def _base(view: View) -> tuple[str, list[Condition]]:
    """The condition of the partial index that has the view, and the conditions that it says already."""
    named = [one for one in view.conditions if one.field == "status" and one.op == "any"]
    if len(named) == 1 and len(named[0].values) == 1 and named[0].values[0] in ("pending", "solved"):
        return f"t.status = '{named[0].values[0]}'", named
    if view.is_of_open:
        said = [one for one in named if one.values == ("any_open",)]
        nobodys = [one for one in view.conditions if one == _NOBODYS]
        return (f"{OPEN} AND t.assignee_id IS NULL", [*said, *nobodys]) if nobodys else (OPEN, said)
    return "", []


def _lead(conditions: Iterable[Condition]) -> Condition | None:
    """The one condition that an index begins with: the narrowest first."""
    leads = sorted((rank, place) for place, one in enumerate(conditions) if (rank := _rank(one)) is not None)
    return list(conditions)[leads[0][1]] if leads else None


_RANKS = ["following", "requester", "assignee", "organization", "escalated", "late", "at_risk", "team"]

_NO_LEADS = (("team", "mine"), ("organization", "none"), ("assignee", "nobody"))
# These hold for what falls due first.
_BY_DUE = (_RANKS.index("late"), _RANKS.index("at_risk"))


def _rank(one: Condition) -> int | None:
    if one.op != "any" or len(one.values) != 1:
        return None
    (value,) = one.values
    name = value if one.field == "is" else one.field
    if name not in _RANKS or (one.field, value) in _NO_LEADS:
        return None
    return _RANKS.index(name)
