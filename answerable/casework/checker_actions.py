"""Whose word on a sender counts in an inbox: an administrator confirms a server that was seen there (contract E-86)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.mail import actions as mail
from answerable.mail.models import Inbox
from answerable.mail.queries import addresses, checkers
from answerable.people.access import administers
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets.access import require


def confirm_checker(person: Person, key: str, authserv_id: str, now: datetime) -> None:
    """From now on what this server writes of a sender is believed. Refused: it never wrote anything here."""
    inbox = _inbox(person, key)
    if all(one.authserv_id != authserv_id for one in checkers().get(inbox.address, [])):
        raise Refused(
            "not_seen", _("No message has come to this address that names %(server)s.") % {"server": authserv_id}
        )
    _believe(person, inbox, authserv_id, now, wanted=True)


def withdraw_checker(person: Person, key: str, authserv_id: str, now: datetime) -> None:
    """Its word counts no more, unless the policy names it. Messages that have come keep their mark."""
    _believe(person, _inbox(person, key), authserv_id, now, wanted=False)


def _inbox(person: Person, key: str) -> Inbox:
    require(administers(person), _("Only administrators say whose word counts."))
    found = next((box for box in addresses().inboxes if box.key == key), None)
    if found is None:
        raise Refused("not_found", _("There is no such inbox."))
    return found


def _believe(person: Person, inbox: Inbox, authserv_id: str, now: datetime, *, wanted: bool) -> None:
    with transaction.atomic():
        if mail.believe(inbox.address, authserv_id, wanted=wanted):
            verb = "confirm_checker" if wanted else "withdraw_checker"
            record(actor_of(person), verb, ("inbox", inbox.pk), now, address=inbox.address, server=authserv_id)
