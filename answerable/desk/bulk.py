"""What a change of many requests says of itself, and which requests a page's ticks mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from answerable.casework.bulk_actions import MOST
from answerable.desk.view_page import view_at
from answerable.lib.errors import Refused
from answerable.people.models import Person, Role
from answerable.people.queries import assignable
from answerable.sla.queries import severities
from answerable.tickets.models import Status
from answerable.tickets.run_queries import Item, Run, ids_of
from answerable.tickets.view_queries import page

# So many looks at a view, each of which is bounded, are made to find all of it.
LOOKS = 100
# How many more a view holds than one change takes is told up to here (_bulk_run.html).
MOST_TOLD = 20
SETTABLE = (Status.SOLVED, Status.PENDING, Status.HOLD, Status.OPEN)


@dataclass(frozen=True)
class Choices:
    """What the bar offers this person: (value, words) of each list."""

    verbs: list[tuple[str, str]]
    agents: list[tuple[int, str]]
    teams: list[tuple[int, str]]
    severities: list[tuple[str, str]]
    statuses: list[tuple[str, str]]
    most: int = MOST


def choices(person: Person) -> Choices | None:
    """None for who changes nothing here. Asks the database nothing that it has not asked lately."""
    if person.seen_by is not None:
        return None
    agents, teams = assignable()
    return Choices(
        verbs=_verbs(person),
        agents=agents,
        teams=teams,
        severities=[(key, f"{key} · {value['name']}") for key, value in severities().items()],
        statuses=[(status.value, status.label) for status in SETTABLE],
    )


def _verbs(person: Person) -> list[tuple[str, str]]:
    status = ("status", _("Set the status"))
    if person.role == Role.CSM:
        return [status]
    found = [
        ("assign", _("Assign to somebody")),
        ("team", _("Give to a team")),
        status,
        ("severity", _("Determine the severity")),
        ("add_tags", _("Add tags")),
        ("remove_tags", _("Take off tags")),
        ("spam", _("Mark as spam")),
    ]
    if person.role in {Role.LEAD, Role.ADMIN}:
        found.append(("delete", _("Delete")))
    return found


def ticked(person: Person, data: QueryDict, now: datetime) -> tuple[list[int], int]:
    """The requests that are meant, and how many more were than a run takes (MOST_TOLD and one: or even more)."""
    if data.get("all") == "yes":
        return _of_view(person, data.get("of", ""), now)
    numbers = list(dict.fromkeys(int(one) for one in data.getlist("ticket") if one.isdecimal() and len(one) < 19))
    return ids_of(person, numbers[:MOST], now), max(0, len(numbers) - MOST)


def _of_view(person: Person, address: str, now: datetime) -> tuple[list[int], int]:
    """Everything in the view that this address shows, as far as a run takes it, page by page, and how many more there
    are, counted to just above MOST_TOLD. Raises Refused where that would be too much to look through: a part of it is
    not what was meant.
    """
    view = view_at(person, address)
    found: list[int] = []
    cursor = ""
    for _look in range(LOOKS if view is not None else 0):
        assert view is not None
        shown = page(person, view, cursor, now)
        found += [row.id for row in shown.rows]
        cursor = shown.next
        if not cursor or len(found) > MOST + MOST_TOLD:
            return found[:MOST], min(max(0, len(found) - MOST), MOST_TOLD + 1)
    if cursor and len(found) > MOST:
        return found[:MOST], MOST_TOLD + 1
    if cursor:
        raise Refused("too_far", _("There is too much to look through for all of this view: narrow it first."))
    return found, 0


def what(verb: str, args: Mapping[str, Any], of: tuple[str, Mapping[str, Any]] = ("", {})) -> str:
    """What a run does, in words; `of`: what the run that it takes back did."""
    words = {"label": args.get("label") or _("nobody"), "reason": args.get("reason", "")}
    words["tags"] = ", ".join(args.get("tags", ()))
    if verb == "undo":
        return _("Take back: %(what)s") % {"what": what(*of) if of[0] else ""}
    said = {
        "assign": _("Assign to %(label)s"),
        "team": _("Give to the team %(label)s"),
        "severity": _("Determine %(label)s: %(reason)s"),
        "add_tags": _("Add the tags %(tags)s"),
        "remove_tags": _("Take off the tags %(tags)s"),
        "spam": _("Mark as spam"),
        "delete": _("Delete"),
        # Not of which problem: not everybody may see that.
        "update": _("Update of incidents"),
    }
    if verb == "status":
        return _status(args["status"]) % words
    return said[verb] % words


def _status(status: str) -> str:
    return {
        "solved": _("Mark as solved"),
        "pending": _("Wait for the customer"),
        "hold": _("Put on hold: %(reason)s"),
        "open": _("Open again"),
    }[status]


def title(run: Run) -> str:
    """The same of a run as pages know it."""
    return what(run.verb, run.args, (run.undoes_verb, run.undoes_args))


def effects(run: Run, rows: list[Item], *, asks: bool) -> list[str]:
    """What follows from it besides, for the preview: who gets mail, and what customers see. `asks`: the policy has
    requesters asked how the help was.
    """
    waiting = sum(1 for row in rows if row.waiting and row.state == "todo")
    said = []
    if waiting and run.verb == "status":
        said.append(
            _("Replies wait on %(count)s of them: these are sent first, to everybody on the request.")
            % {"count": waiting}
        )
    else:
        said.append(_("No customer gets mail because of it."))
    if run.undoes_verb == "update":
        said.append(_("What was sent stays sent: the status alone is taken back."))
    told = {
        "status": _("Customers see the new status on their pages."),
        "severity": _(
            "Customers see the severity and the reason on their pages, and promises count by it from now on."
        ),
        "spam": _("Their promises end unjudged. What their senders write next is a new request."),
        "delete": _(
            "No customer sees them any more, and mail that has not left is kept back. They can be brought back."
        ),
    }
    later = [_asked()] if run.verb == "status" and run.args["status"] == Status.SOLVED and asks else []
    return [*said, *([told[run.verb]] if run.verb in told else []), *later]


def _asked() -> str:
    return _("Those who are due for it are asked by mail later how our help was, if it stays solved.")
