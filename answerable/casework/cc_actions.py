"""Who is CC'd on a request by name: added, taken off, or let in who asked (DESIGN.md §5)."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.actions import begin
from answerable.casework.copies import rule_for
from answerable.casework.letters import tell_asked, tell_copied, tell_not_copied
from answerable.casework.notices import said_notices
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed as within
from answerable.live.actions import end_streams
from answerable.mail.compose import is_writable
from answerable.mail.queries import addresses
from answerable.notify.actions import tell
from answerable.people.actions import contact
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access, copying
from answerable.tickets.models import ASKED, Participant, Ticket
from answerable.tickets.queries import participants

MOST_ON_A_TICKET = 50
# A customer's clicks in an hour: each sends somebody a mail.
ADDED_AN_HOUR = 30
ASKED_AN_HOUR = 20


def add_cc(by: Person, ticket_id: int, address: str, now: datetime) -> bool:
    """CC somebody by address; they are told by mail. False: from outside, and waits for staff. Raises Refused."""
    address = readable(address)
    if not by.is_staff:
        _count("cc", by, ADDED_AN_HOUR, _("You have CC'd many people within the hour. Please wait a little."))
    with transaction.atomic():
        # Before the ticket is locked, as the mail room does: whoever did it the other way round could wait for ever.
        person = contact(address, "", now)
        change, standing = begin(by, ticket_id, now)
        access.require(access.may_add_cc(standing), _("Only who takes part in this request may CC somebody."))
        rule = "allow" if standing.works_it else rule_for(address, person, change.ticket.organization)
        if rule == "refuse":
            raise Refused("outside", _("Only people of your organization can be CC'd on its requests."))
        pending = rule == "ask"
        if not person.is_active and not pending:
            raise Refused("suspended", _("%(address)s cannot be CC'd.") % {"address": address})
        _not_yet(change.ticket, person, address, standing)
        copying.put(change, person, by, "named", pending=pending, named=address)
        # By the address that was typed: nobody learns a name by trying addresses.
        change.event("cc_named" if pending else "cc_added", person=person.pk, label=address)
        settle(change, "add_cc", None if pending else tell_copied(person, by.label))
        return not pending


def copied(address: str, now: datetime) -> Person:
    """Whom staff CC by this address with what they send. Raises Refused; to be asked before a ticket is locked."""
    person = contact(readable(address), "", now)
    if not person.is_active:
        raise Refused("suspended", _("%(address)s cannot be CC'd.") % {"address": address})
    return person


def _count(what: str, by: Person, most: int, words: str) -> None:
    """Before the transaction: a try that is refused counts as well."""
    if not within(what, str(by.pk), most):
        raise Refused("too_many", words)


def readable(text: str) -> str:
    """The address as it is kept, where somebody can be CC'd by it. Raises Refused."""
    address = text.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Refused("address", _("%(address)s is not an e-mail address.") % {"address": text.strip()[:100]}) from None
    if len(address) > 254 or not is_writable(address) or addresses().is_own(address):
        raise Refused("address", _("%(address)s cannot be CC'd.") % {"address": address[:100]})
    return address


def _not_yet(ticket: Ticket, person: Person, address: str, standing: access.Standing) -> None:
    """Raises Refused for who is on it, or was named before and still waits."""
    rows = [row for row in participants(ticket) if row.role != "follower"]
    mine = [row for row in rows if row.person_id == person.pk]
    if any(not row.pending for row in mine):
        raise Refused("already", _("%(name)s is on this request already.") % {"name": address})
    if mine and not standing.works_it:
        raise Refused("waits", _("%(name)s waits to be let in already.") % {"name": address})
    if len(rows) >= MOST_ON_A_TICKET:
        raise Refused("too_many", _("More than %(most)s people cannot be on a request.") % {"most": MOST_ON_A_TICKET})


def remove_cc(by: Person, ticket_id: int, participant_id: int, now: datetime) -> Participant:
    """Take somebody off; access ends at once, on their open pages too. Returns the row that ended."""
    with transaction.atomic():
        change, standing = begin(by, ticket_id, now, closed_too=True)
        row = copying.row_of(change.ticket, participant_id)
        withdraws = row.pending and row.person_id == by.pk
        access.require(
            withdraws or access.may_remove_cc(standing, row.added_by_id, row.person_id),
            _("You may take off only yourself, and whom you added to a request of yours."),
        )
        copying.take_off(change, row)
        # Their old mails lead here no longer, nor do those that others quoted to them.
        copying.end_links(change, by)
        change.event(_leaving(row, by), person=row.person_id, label=row.label)
        end_streams(row.person_id)
        settle(change, "remove_cc")
        return row


def _leaving(row: Participant, by: Person) -> str:
    if row.person_id != by.pk:
        return "cc_removed"
    return "cc_withdrawn" if row.pending else "cc_left"


def ask_for_cc(person: Person, ticket_id: int, now: datetime) -> None:
    """A reader asks to take part; the requester is told by mail, and either they or staff answer. Raises Refused."""
    _count("cc-ask", person, ASKED_AN_HOUR, _("You have asked often within the hour. Please wait a little."))
    with transaction.atomic():
        change, standing = begin(person, ticket_id, now)
        access.require(access.may_ask_for_cc(standing), _("You take part in this request already."))
        if any(row.person_id == person.pk and row.pending for row in participants(change.ticket)):
            raise Refused("waits", _("You have asked already. The requester or the support team answers."))
        copying.put(change, person, person, ASKED, pending=True)
        change.event("cc_asked", person=person.pk, label=person.label)
        ticket = settle(change, "ask_for_cc", tell_asked(person))
        tell(said_notices(ticket, "asked", person.label, "", change.at))


def answer_cc(by: Person, ticket_id: int, participant_id: int, now: datetime, *, allowed: bool) -> Ticket:
    """Let somebody in who waits, or not: staff anybody, the requester who asked being a reader of it."""
    with transaction.atomic():
        change, standing = begin(by, ticket_id, now)
        row = copying.row_of(change.ticket, participant_id)
        asked = row.source == ASKED
        access.require(access.may_approve_cc(standing) and (standing.works_it or asked))
        if asked and allowed and not access.may_see(access.standing(row.person, change.ticket, now)):
            raise Refused("no_reader", _("%(name)s may not read this request any more.") % {"name": row.person.label})
        copying.settle_pending(change, row, by, allowed=allowed)
        write = tell_copied(row.person, actor_of(by).label) if allowed else tell_not_copied(row.person)
        return settle(change, "answer_cc", write if allowed or asked else None)
