"""Who gets a request by the rule of its team: when it is new, comes to another team, or is opened again and nobody is
there for it. One statement, and none for a team without a rule.
"""

from django.db import DEFAULT_DB_ALIAS

from answerable.people.models import Person, Team
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change
from answerable.tickets.models import Status
from answerable.tickets.spread import NO_RULE, Member, choose
from answerable.tickets.turns import Turn, in_turn

_NAMES = ("id", "email", "name")


def to_new(change: Change) -> None:
    """A new request of a team goes to whose turn it is."""
    ticket = change.ticket
    if ticket.assignee_id is None and _has_rule(ticket.team):
        _give(change, ticket.team, _members(change, ticket.team))


def to_reopened(change: Change) -> None:
    """A request that a customer's message has just opened again, while its assignee is away, goes to another one."""
    ticket = change.ticket
    if not _is_reopened(change) or not _has_rule(ticket.team):
        return
    members = _members(change, ticket.team)
    holder = next((one for one in members if one.person_id == ticket.assignee_id), None)
    if ticket.assignee_id is None or (holder is not None and holder.is_away):
        _give(change, ticket.team, members)


def to_team(change: Change, assignee: Person | None, team: Team | None) -> None:
    """Assign as somebody said. Where they named a team alone, its rule says who; who works there already keeps it."""
    ticket = change.ticket
    if team is None or team == ticket.team or not _has_rule(team) or assignee not in {None, ticket.assignee}:
        tickets.assign(change, assignee, team)
        return
    members = _members(change, team)
    stays = any(one.is_member and not one.is_away for one in members if one.person_id == ticket.assignee_id)
    if stays or not _give(change, team, members):
        tickets.assign(change, assignee, team)


def _has_rule(team: Team | None) -> bool:
    return team is not None and team.assign != NO_RULE


def _is_reopened(change: Change) -> bool:
    event = next((one for one in change.events if one.kind == "customer_message"), None)
    return event is not None and bool(event.data["reopened"]) and change.ticket.status == Status.OPEN


def _members(change: Change, team: Team | None) -> list[Member]:
    """Nobody answers a request of their own."""
    assert team is not None
    found = in_turn(team.pk, change.ticket.assignee_id, change.at)
    return [one for one in found if one.person_id != change.ticket.requester_id]


def _give(change: Change, team: Team | None, members: list[Member]) -> bool:
    assert team is not None
    chosen = choose(team.assign, members, team.most_open)
    if chosen is None:
        return False
    person = Person.from_db(DEFAULT_DB_ALIAS, _NAMES, (chosen.person_id, chosen.email, chosen.name))
    tickets.assign(change, person, team, rule=team.assign)
    change.others.append(Turn(team=team, person=person, ticket_id=change.ticket.pk, at=change.at))
    return True
