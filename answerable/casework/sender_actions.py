"""Whose mail waits in quarantine whatever it says (mail contract E-10), until somebody takes that back."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.mail import actions as mail
from answerable.mail.addresses import normal
from answerable.mail.queries import addresses
from answerable.people.models import Person, Role
from answerable.people.queries import actor_of, by_email
from answerable.tickets.access import require


def block_sender(person: Person, address: str, now: datetime) -> None:
    """Mail from exactly this address is kept, and handled no more. Blocking twice is blocking once."""
    _require(person)
    found = _address(address)
    if addresses().is_own(found):
        raise Refused("own", _("%(address)s is an address of yours.") % {"address": found})
    known = by_email(found)
    if known is not None and known.is_staff:
        raise Refused("staff", _("%(address)s is a colleague's.") % {"address": found})
    with transaction.atomic():
        if mail.block(found, person.label, now):
            record(actor_of(person), "block_sender", ("sender", None), now, address=found)


def unblock_sender(person: Person, address: str, now: datetime) -> None:
    """From now on its mail is handled again; what waits in quarantine waits for a decision of its own."""
    _require(person)
    found = _address(address)
    with transaction.atomic():
        if mail.unblock(found):
            record(actor_of(person), "unblock_sender", ("sender", None), now, address=found)


def _require(person: Person) -> None:
    staff = person.is_active and person.seen_by is None
    require(staff and person.role in {Role.AGENT, Role.LEAD, Role.ADMIN}, _("Only your team may block senders."))


def _address(text: str) -> str:
    found = normal(text)
    if not found:
        raise Refused("address", _("%(address)s is not an e-mail address.") % {"address": text.strip()[:100]})
    return found
