"""What a view is, as a value: conditions, columns, order and grouping. The built-in ones are the same kind of data."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from answerable.tickets.conditions import ANY_OPEN, Condition, wrong

# Beside the request itself, which is always there.
COLUMNS = (
    "promise", "severity", "status", "organization", "requester", "team", "assignee", "tags", "channel", "created",
    "updated",
)  # fmt: skip
USUAL = ("promise", "severity", "organization", "requester", "assignee", "updated")
DUE, SEVERITY, NEWEST, OLDEST, UPDATED = ORDERS = ("due", "severity", "newest", "oldest", "updated")
GROUPS = ("", "severity", "status", "team", "assignee", "organization")
# Only what is open has a next promise; these come by indexes over open requests alone.
OPEN_ORDERS = (DUE, SEVERITY)


@dataclass(frozen=True)
class View:
    """`key` is its place in addresses; `scope` "" says that it is built in, and then there is no `pk`."""

    key: str
    name: str
    conditions: tuple[Condition, ...]
    columns: tuple[str, ...] = USUAL
    order: str = DUE
    group: str = ""
    scope: str = ""
    pk: int | None = None
    owner_id: int | None = None
    team_id: int | None = None
    position: int = 0
    version: int = 0
    is_ended: bool = False

    @property
    def statuses(self) -> frozenset[str] | None:
        """The statuses that it is narrowed to, in the words of conditions; None where it holds all."""
        chosen = [frozenset(one.values) for one in self.conditions if one.field == "status" and one.op == "any"]
        return chosen[0] if chosen else None

    @property
    def is_of_open(self) -> bool:
        """Whether it can hold open requests alone."""
        known = self.statuses
        promised = any(one.field == "is" and one.op == "any" and {*one.values} <= _IN_OPEN for one in self.conditions)
        return promised or (known is not None and known <= _OPEN)

    def shown_by(self) -> "View":
        """With an order and a grouping that it can have: what is not open has no next promise to go by."""
        if self.is_of_open:
            return replace(self, order=DUE) if self.group else self
        return replace(self, order=UPDATED if self.order in OPEN_ORDERS else self.order, group="")


_OPEN = {ANY_OPEN, "new", "open", "pending", "hold"}
_IN_OPEN = {"late", "at_risk", "waiting"}


def faults(view: View, teams: Collection[int]) -> list[str]:
    """What is wrong with it, each in a sentence; nothing for one that can be shown."""
    found = wrong(view.conditions, teams)
    if view.team_id is not None and view.team_id not in teams:
        found.append(_("It belongs to a team that no longer exists."))
    if view.order not in ORDERS or view.group not in GROUPS or not set(COLUMNS).issuperset(view.columns):
        found.append(_("It asks for a column or an order that there is not."))
    return found


def _is(state: str) -> Condition:
    return Condition("is", "any", (state,))


_ALL_OPEN = Condition("status", "any", (ANY_OPEN,))
_AWAKE = Condition("is", "none", ("snoozed",))
_NOBODY, _WAITING = Condition("assignee", "any", ("nobody",)), Condition("status", "any", ("pending",))


def built_in() -> dict[str, View]:
    """The views that everybody has, by key."""
    found = [
        View("risk", _("Promises at risk"), (_is("at_risk"),)),
        View("mine", _("My open"), (_ALL_OPEN, Condition("assignee", "any", ("me",)), _AWAKE)),
        View("mentions", _("Mentions"), (_ALL_OPEN, _is("mentioned"))),
        View("unassigned", _("Unassigned in my teams"), (_ALL_OPEN, _NOBODY, Condition("team", "any", ("mine",)))),
        View("waiting", _("Waiting for customer"), (_WAITING,)),
        View("escalated", _("Escalated"), (_ALL_OPEN, _is("escalated"))),
        View("all", _("All open"), (_ALL_OPEN,)),
        View("solved", _("Recently solved"), (Condition("status", "any", ("solved",)),), order=UPDATED),
    ]
    return {view.key: view for view in found}


def of_team(team_id: int, name: str) -> list[View]:
    """The views that every team has."""
    team = Condition("team", "any", (str(team_id),))
    parts = [
        ("unassigned", _("Unassigned"), (_ALL_OPEN, _NOBODY, team)),
        ("waiting", _("Waiting for customer"), (_WAITING, team)),
        ("escalated", _("Escalated"), (_ALL_OPEN, _is("escalated"), team)),
    ]
    return [View(f"team-{team_id}-{key}", f"{title} · {name}", conditions) for key, title, conditions in parts]
