"""A message of our own that goes the whole way from SMTP to a ticket and proves that it is open (E-43a).

Its ticket has a number below zero, which no page, tag or token can name; it carries no promise, so no figure counts it.
One serves for a day (UTC).
"""

from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.audit.actions import system
from answerable.casework.mail_notices import tell_admins
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.mail import room_actions as room
from answerable.mail.models import Probe
from answerable.mail.queries import addresses
from answerable.mail.room_queries import late_probes, probe_ticket
from answerable.people.actions import contact, internal_organization
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.sla.queries import terms
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change, Message, Opening
from answerable.tickets.models import Status

CHANNEL = "probe"
ALARM = "probe"
_ACTOR = system("mail probe")


def is_wanted() -> bool:
    """Whether the policy asks for probes."""
    mail = vendor().settings.get("mail", {})
    return bool(isinstance(mail, dict) and mail.get("probe"))


def take_probe(probe: Probe, message: Message, now: datetime) -> tuple[int, int]:
    """The probe is here: onto the day's ticket, answered, solved. The ids of the ticket and of the entry."""
    person = contact(f"probe@{addresses().reply_domain}", "Answerable probe", now)
    change = _ticket(person, now)
    entry = tickets.write_reply(change, person, replace(message, automatic=True, seen_by=frozenset()), from_staff=False)
    ticket = settle(change, "probe")
    answer = tickets.begin(ticket.pk, _ACTOR, now)
    words = _("The probe has arrived.")
    said = Message(text=words, new_text=words, html="", channel=CHANNEL, automatic=True)
    tickets.write_reply(answer, person, said, from_staff=True)
    tickets.set_status(answer, Status.SOLVED)
    settle(answer, "probe")
    if not room.probe_arrived(probe, ticket.pk, now):
        raise Refused("conflict", _("This probe had arrived before."))
    if room.all_clear(ALARM):
        tell_admins("probe_back", f"probe-back:{probe.pk}", now, seconds=int((now - probe.sent_at).total_seconds()))
    return ticket.pk, entry.pk


def _ticket(person: Person, now: datetime) -> Change:
    known = probe_ticket(now.replace(hour=0, minute=0, second=0, microsecond=0))
    if known is not None:
        return tickets.begin(known, _ACTOR, now)
    opening = Opening(
        subject="Probe",
        requester=person,
        organization=internal_organization(now),
        team=None,
        severity=terms().default_severity,
        channel=CHANNEL,
    )
    change = tickets.start(opening, _ACTOR, now)
    change.ticket.number = -change.ticket.pk
    change.ticket.sensitive = True
    return change


def give_up_late(sent_before: datetime, now: datetime) -> None:
    """Probes that are not here in time have failed: administrators are told once, until one arrives."""
    failed = [pk for pk in late_probes(sent_before) if room.probe_failed(pk, now)]
    if failed and room.alarm(ALARM, now):
        tell_admins("probe_failed", f"probe:{failed[0]}", now)
