"""A drill's test P0 at its door: it goes the whole way to a request of the internal organization, and pages (E-43a).

As a probe's, that request has a number below zero, no promise, and is solved in the same transaction; it is its own.
"""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import system
from answerable.casework.alarms import URGENT
from answerable.casework.drill_alarm import CHANNEL
from answerable.casework.settle import settle
from answerable.escalation import drill_actions as drills
from answerable.escalation.drill_queries import DrillLeg, door_of
from answerable.lib.errors import Refused
from answerable.mail.queries import addresses
from answerable.people.actions import contact, internal_organization
from answerable.people.models import Person
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change, Message, Opening
from answerable.tickets.models import Status

_ACTOR = system("drill")
# Of one that nobody waits for any more.
CALM = "P3"


def take_at_portal(token: str, message: Message, now: datetime) -> None:
    """By the web server, as requests of customers come. Raises Refused for a token that opens nothing."""
    with transaction.atomic():
        leg_id = door_of(token)
        if leg_id is None:
            raise Refused("not_found", _("There is no such page."))
        take(leg_id, message, now, now)


def take(leg_id: int, message: Message, accepted_at: datetime, now: datetime) -> tuple[int, int]:
    """It is here: opened, paged if it is still waited for, solved. The ids of its request and of the entry."""
    with transaction.atomic(savepoint=False):
        leg = drills.lock_leg(leg_id)
        if leg.ticket_id is not None:
            raise Refused("conflict", _("This drill had arrived before."))
        person = contact(f"probe@{addresses().reply_domain}", "Answerable probe", now)
        change = _open(leg, person, now)
        entry = tickets.write_reply(
            change, person, replace(message, automatic=True, seen_by=frozenset()), from_staff=False
        )
        ticket = settle(change, "drill")
        _solve(ticket.pk, person, now)
        drills.arrived(leg, ticket.pk, _alert_of(change), accepted_at, now)
        return ticket.pk, entry.pk


def _open(leg: DrillLeg, person: Person, now: datetime) -> Change:
    waited_for = leg.ended_at is None and leg.drill.state == "running"
    opening = Opening(
        subject=title(leg.channel),
        requester=person,
        organization=internal_organization(now),
        team=leg.drill.team,
        severity=URGENT if waited_for else CALM,
        channel=CHANNEL,
    )
    change = tickets.start(opening, _ACTOR, now)
    change.ticket.number = -change.ticket.pk
    change.ticket.sensitive = True
    return change


def title(channel: str) -> str:
    """What its pages are called."""
    known = {"mail": _("DRILL: a test P0 by mail"), "portal": _("DRILL: a test P0 by the portal")}
    return known[channel]


def _solve(ticket_id: int, person: Person, now: datetime) -> None:
    """So that no queue ever meets it; its alert goes on."""
    answer = tickets.begin(ticket_id, _ACTOR, now)
    words = _("The drill has arrived.")
    said = Message(text=words, new_text=words, html="", channel=CHANNEL, automatic=True)
    tickets.write_reply(answer, person, said, from_staff=True)
    tickets.set_status(answer, Status.SOLVED)
    settle(answer, "drill")


def _alert_of(change: Change) -> int | None:
    return next((event.data["alert"] for event in change.events if event.kind == "alert_raised"), None)
