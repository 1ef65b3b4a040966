"""Where a message goes because a person says so. The rules of who may post on a ticket hold all the same (E-39)."""

from collections.abc import Callable
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from answerable.casework.mailroom import MAY_POST, PUBLIC, STRONG, Route, who_is
from answerable.lib.errors import Refused
from answerable.mail.models import Inbox
from answerable.mail.parse import Incoming
from answerable.mail.queries import addresses
from answerable.mail.verdict import verdict
from answerable.people.actions import contact
from answerable.people.models import Person
from answerable.people.queries import sender_of
from answerable.tickets.models import Status, Ticket

Decide = Callable[[Incoming, Inbox | None], Route]


def as_new(by: Person, now: datetime, *, requester: str = "", quiet: bool, from_now: bool) -> Decide:
    """A request of its sender, or of `requester` where the message names nobody who could be answered."""

    def decide(incoming: Incoming, inbox: Inbox | None) -> Route:
        address = _address(requester or incoming.sender)
        is_sender = address == incoming.sender
        person, organization = sender_of(address)
        return Route(
            "new",
            flags=incoming.flags,
            # What was found out about the sender says nothing of somebody else.
            verdict=_verdict(incoming, inbox) if is_sender else "none",
            sender=person or contact(address, incoming.sender_name if is_sender else "", now),
            organization=organization,
            by=by,
            quiet=quiet,
            from_now=from_now,
        )

    return decide


def _address(text: str) -> str:
    address = text.strip().lower()
    if not address or addresses().is_own(address):
        raise Refused(
            "no_requester", _("The message names nobody who could be answered. Say whose request it is, by address.")
        )
    try:
        validate_email(address)
    except ValidationError as error:
        raise Refused(
            "invalid", _("%(address)s is no address that could be answered.") % {"address": address}
        ) from error
    return address


def as_reply(by: Person, ticket: Ticket, *, join: bool, from_now: bool) -> Decide:
    """On this ticket: public if its sender may post there, else held. `join`: public, and they are CC'd."""
    if ticket.status == Status.CLOSED:
        raise Refused("closed", _("#%(number)s is closed for good; choose another.") % {"number": ticket.number})

    def decide(incoming: Incoming, inbox: Inbox | None) -> Route:
        if not incoming.sender:
            raise Refused("no_requester", _("The message names no sender. Make it a new request, and say whose it is."))
        sender, _organization = sender_of(incoming.sender)
        word = _verdict(incoming, inbox)
        outcome, flags = MAY_POST[STRONG, who_is(sender, ticket), word]
        kind = "joined" if join else "reply" if outcome == PUBLIC else "held"
        return Route(
            kind,
            reason=",".join(flags) if kind == "held" else "",
            flags=tuple(dict.fromkeys((*incoming.flags, *flags))),
            verdict=word,
            sender=sender,
            ticket=ticket,
            by=by,
            from_now=from_now,
        )

    return decide


def _verdict(incoming: Incoming, inbox: Inbox | None) -> str:
    return verdict(incoming, inbox.believed if inbox else ())
