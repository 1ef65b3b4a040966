"""A P0 pages: raised in the transaction that makes a request one, whatever way it came; over once it is none any more.

Its title names no customer's words: it goes to telephones and through other people's services.
"""

from django.utils.translation import gettext as _

from answerable.casework.alert_news import tell_of
from answerable.casework.drill_alarm import CHANNEL as DRILL
from answerable.casework.drill_alarm import drilled
from answerable.escalation.alert_actions import NewAlert, hand_on, lock, raise_alert, resolve
from answerable.escalation.alert_queries import running
from answerable.escalation.paging import Plan
from answerable.escalation.paging_policy import policy_of
from answerable.lib.addresses import url
from answerable.live.actions import publish
from answerable.tickets.actions import IMPORT, Change
from answerable.tickets.models import Ticket

URGENT = "P0"
# A probe is our own.
_NEVER = {"probe"}


def follow(change: Change) -> None:
    """Before the change is stored, with its ticket locked (or new). Costs nothing where no P0 is concerned."""
    ticket = change.ticket
    if _pages(ticket):
        if _is_begun(change) or change.severity_was is not None or _is_back(change):
            _raise(change)
        if not change.is_new and _has_another_team(change):
            _hand_on(change)
    elif not change.is_new and URGENT in {ticket.severity, change.severity_was}:
        _end(change)


def _pages(ticket: Ticket) -> bool:
    is_one = ticket.severity == URGENT and ticket.channel not in _NEVER
    return is_one and ticket.is_open and not ticket.set_aside


def _is_begun(change: Change) -> bool:
    """What is brought in from old mail is nobody's emergency, until somebody makes it one."""
    return change.is_new and change.ticket.channel != IMPORT


def _is_back(change: Change) -> bool:
    """Opened again, brought back, or no spam after all."""
    kinds = {event.kind: event.data for event in change.events}
    return bool({"reopen", "restored", "not_spam", "unmerged"} & kinds.keys()) or bool(
        kinds.get("customer_message", {}).get("reopened")
    )


def _has_another_team(change: Change) -> bool:
    given = [event.data for event in change.events if event.kind == "assigned"]
    return any(data["team"] != data["before"]["team"] for data in given)


def _raise(change: Change) -> None:
    new, policy = _new(change.ticket)
    row = raise_alert(new, policy, change.actor, change.at)
    if row is not None:
        change.event("alert_raised", alert=row.pk)
        publish("alerts", "alerts")


def _new(ticket: Ticket) -> tuple[NewAlert, tuple[str, Plan]]:
    if ticket.channel == DRILL:
        return drilled(ticket)
    new = NewAlert(
        dedup_key=f"ticket:{ticket.pk}",
        title=title_of(ticket),
        severity=ticket.severity,
        source=f"ticket:{ticket.pk}",
        link=url("desk:ticket", number=ticket.number),
        ticket_id=ticket.pk,
        team=ticket.team,
    )
    return new, policy_of(ticket.team)


def _hand_on(change: Change) -> None:
    """Its pages go on by the new team's policy."""
    pk, team = running(change.ticket.pk), change.ticket.team
    if pk is not None and hand_on(lock(pk), team, policy_of(team), change.actor, change.at):
        tell_of(pk)


def title_of(ticket: Ticket) -> str:
    """What a telephone shows."""
    if ticket.organization is None:
        return _("P0: request %(number)s") % {"number": ticket.number}
    return _("P0: request %(number)s, %(organization)s") % {
        "number": ticket.number,
        "organization": ticket.organization.name,
    }


def _end(change: Change) -> None:
    pk = running(change.ticket.pk)
    if pk is not None:
        why = "no P0 any more" if change.ticket.severity != URGENT else "the request is not open any more"
        resolve(lock(pk), change.actor, why, change.at)
        tell_of(pk)
