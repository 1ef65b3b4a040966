"""The verbs that may be done on many tickets at once: what each looks at, why it cannot be done, and the verb."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.casework import actions as casework
from answerable.casework import field_actions, removal_actions
from answerable.lib.errors import Refused
from answerable.people.models import Person, Team
from answerable.people.queries import staff, teams
from answerable.tickets import access
from answerable.tickets.actions import PAUSED, why_closed
from answerable.tickets.models import Status, Ticket

Args = Mapping[str, Any]
NOBODY = "–"


@dataclass(frozen=True)
class Verb:
    """`seen`: what it changes, to be compared; `was`: the same in words; `after`: what it makes of that."""

    may: Callable[[access.Standing], bool]
    seen: Callable[[Ticket], Any]
    was: Callable[[Ticket], str]
    is_so: Callable[[Ticket, Args], bool]
    do: Callable[[Person, Ticket, Args, datetime], object]
    # Where what was seen is no reason to stop: adding a tag does no harm to another.
    adds: bool = False
    closed_too: bool = False


def judge(verb: str, standing: access.Standing, ticket: Ticket, args: Args) -> tuple[str, str]:
    """Why the verb cannot be done on this ticket, as (code, words); ("", "") where it can."""
    kind = VERBS[verb]
    if not access.may_see_notes(standing):
        return "not_found", _("It is no longer yours to see.")
    if not kind.may(standing):
        return "not_allowed", _("You may not do this on it.")
    if (ticket.status == Status.CLOSED and not kind.closed_too) or (ticket.set_aside and verb == "delete"):
        return "closed", why_closed(ticket, staff=True)
    if kind.is_so(ticket, args):
        return "already", _("It is so already.")
    return _must_wait(ticket) if verb == "status" and args["status"] in PAUSED else ("", "")


def _must_wait(ticket: Ticket) -> tuple[str, str]:
    if ticket.waits_for != "us":
        return "", ""
    return "answer_first", _("The customer waits for an answer: reply first, then the clock may pause.")


def said(ticket: Ticket) -> str:
    """Why it is on hold and what was written last, as a digest: words would have to be blanked here too."""
    return hashlib.sha256(f"{ticket.hold_reason}\n{ticket.preview}".encode()).hexdigest()[:16]


def _stands(ticket: Ticket) -> list[str]:
    """Solving or deleting what somebody has just written on is not what was previewed."""
    return [ticket.status, ticket.set_aside, said(ticket)]


def _status_word(ticket: Ticket) -> str:
    return Status(ticket.status).label


def _assign(person: Person, ticket: Ticket, args: Args, now: datetime) -> object:
    assignee = _found(staff().filter(pk=args["assignee"]).first(), args["assignee"])
    return casework.assign(person, ticket.pk, assignee, ticket.team, now)


def _give(person: Person, ticket: Ticket, args: Args, now: datetime) -> object:
    team = _found(teams().filter(pk=args["team"]).first(), args["team"])
    return casework.assign(person, ticket.pk, ticket.assignee, team, now)


def _found(row: Any, wanted: object) -> Any:
    if row is None and wanted is not None:
        raise Refused("gone", _("Whom it was to go to is not there any more."))
    return row


def _team_name(ticket: Ticket) -> str:
    team: Team | None = ticket.team
    return team.name if team else NOBODY


VERBS: dict[str, Verb] = {
    "assign": Verb(
        may=access.may_work,
        seen=lambda ticket: [ticket.assignee_id],
        was=lambda ticket: ticket.assignee.label if ticket.assignee else NOBODY,
        is_so=lambda ticket, args: ticket.assignee_id == args["assignee"],
        do=_assign,
    ),
    "team": Verb(
        may=access.may_work,
        seen=lambda ticket: [ticket.team_id],
        was=_team_name,
        is_so=lambda ticket, args: ticket.team_id == args["team"],
        do=_give,
    ),
    "status": Verb(
        may=lambda standing: standing.works_it and access.may_reply(standing),
        seen=_stands,
        was=_status_word,
        is_so=lambda ticket, args: (ticket.status, ticket.hold_reason) == (args["status"], args["reason"]),
        do=lambda person, ticket, args, now: casework.set_status(
            person, ticket.pk, args["status"], now, args["reason"]
        ),
    ),
    "severity": Verb(
        may=access.may_work,
        seen=lambda ticket: [ticket.severity, ticket.severity_determined_at is None],
        was=lambda ticket: ticket.severity,
        is_so=lambda ticket, args: ticket.severity == args["severity"] and ticket.severity_determined_at is not None,
        do=lambda person, ticket, args, now: casework.determine_severity(
            person, ticket.pk, args["severity"], args["reason"], now
        ),
    ),
    "add_tags": Verb(
        may=access.may_work,
        seen=lambda ticket: [],
        was=lambda ticket: ", ".join(sorted(ticket.tags)),
        is_so=lambda ticket, args: set(args["tags"]) <= set(ticket.tags),
        do=lambda person, ticket, args, now: field_actions.add_tags(person, ticket.pk, args["tags"], now),
        adds=True,
        closed_too=True,
    ),
    "remove_tags": Verb(
        may=access.may_work,
        seen=lambda ticket: [],
        was=lambda ticket: ", ".join(sorted(ticket.tags)),
        is_so=lambda ticket, args: set(args["tags"]).isdisjoint(ticket.tags),
        do=lambda person, ticket, args, now: field_actions.remove_tags(person, ticket.pk, args["tags"], now),
        adds=True,
        closed_too=True,
    ),
    "spam": Verb(
        may=access.may_work,
        seen=_stands,
        was=_status_word,
        is_so=lambda ticket, args: False,  # then it is closed
        do=lambda person, ticket, args, now: removal_actions.mark_spam(person, ticket.pk, now),
    ),
    "delete": Verb(
        may=access.may_delete,
        seen=_stands,
        was=_status_word,
        is_so=lambda ticket, args: False,
        do=lambda person, ticket, args, now: removal_actions.soft_delete(person, ticket.pk, now),
        closed_too=True,
    ),
}
