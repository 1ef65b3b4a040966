"""What becomes of a mail after it left, and who is told: reports that come back (E-50 to E-54), tries given up (E-93).

A report never joins a ticket and never gets an answer. It counts for the very mail that it is about, and for its
recipient alone: whoever else it names may be anybody.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from answerable.audit.actions import system
from answerable.casework.notices import undelivered_notices
from answerable.casework.settle import settle
from answerable.escalation import page_actions as pages
from answerable.mail import tokens
from answerable.mail.bounces import Recipient, Report
from answerable.mail.parse import Incoming
from answerable.mail.queries import addresses, key_of, token_keys
from answerable.notify import actions as notify
from answerable.notify.models import Delivery
from answerable.notify.queries import failures, find_sent, last_sent
from answerable.people.mail_stop_actions import stop_mail
from answerable.people.mail_stop_queries import COMPLAINED, UNDELIVERABLE, lifted_at
from answerable.people.models import Person
from answerable.tickets import access
from answerable.tickets.actions import Change
from answerable.tickets.queries import id_of

ARRIVED = {"delivered", "relayed", "expanded"}
# There is no such mailbox (RFC 3463 and 7505): said once is enough. Of the other 5.1.x two days must agree.
NOBODY = {"5.1.1", "5.1.10"}
# These complain of the sender's address, which is ours.
OF_THE_SENDER = {"5.1.7", "5.1.8"}


def matched(incoming: Incoming, envelope_to: Sequence[str]) -> Delivery | None:
    """The mail of ours that a report is about: by its Message-ID, likeliest first, else by the address to which the
    report came (E-52)."""
    by_id = find_sent([key_of(one) for one in incoming.original_ids])
    return by_id or _by_token((*envelope_to, *incoming.recipients))


def _by_token(recipients: Sequence[str]) -> Delivery | None:
    for address in recipients:
        local, _, domain = address.lower().rpartition("@")
        token = tokens.read(local, token_keys()) if domain == addresses().reply_domain else None
        ticket_id = id_of(token.ticket) if token and token.kind == "reply" else None
        if token is not None and ticket_id is not None:
            return last_sent(ticket_id, token.person)
    return None


def note_bounce(report: Report, delivery: Delivery, now: datetime) -> None:
    """What the report says of the one whom this mail went to; of others it says nothing that counts."""
    own = [one for one in _named(report, delivery) if one.address == delivery.address]
    others = sorted({one.address for one in report.recipients} - {delivery.address})
    with transaction.atomic():
        change, row = _begin(delivery.pk, now)
        for one in own:
            _note(change, row, one, now)
        if not own and change is not None:
            change.event("bounce_of_others", addresses=", ".join(others[:5]), entry=row.entry_id)
        if change is not None and change.events:
            _settle(change, row, "note_bounce")


def _named(report: Report, delivery: Delivery) -> tuple[Recipient, ...]:
    """Where no field names the recipients, the words may (E-51)."""
    if report.recipients:
        return report.recipients
    return tuple(replace(report.said, address=one) for one in report.mentioned if one == delivery.address)


def _begin(delivery_id: int, now: datetime) -> tuple[Change | None, Delivery]:
    """The ticket locked first, then the mail: in the order in which everybody does. No ticket: no change."""
    ticket_id = Delivery.objects.values_list("ticket_id", flat=True).get(pk=delivery_id)
    change = None
    if ticket_id is not None:
        ticket = access.lock(ticket_id)
        change = Change(ticket=ticket, actor=system("mail room"), at=max(now, ticket.last_event_at))
    return change, notify.lock(delivery_id)


def _note(change: Change | None, row: Delivery, said: Recipient, now: datetime) -> None:
    if said.action in ARRIVED or (said.action == "delayed" and not said.status.startswith("5")):
        notify.note_receipt(row, said.action, said.status, said.diagnostic, now)
        return
    # Most diagnostics hold the status already.
    why = said.diagnostic if said.status in said.diagnostic else f"{said.status} {said.diagnostic}".strip()
    if notify.note_failure(row, said.status, why, now) and change is not None:
        _say(change, row)
    if row.kind == pages.KIND:
        pages.note_mail(row, now)
    _stop_if_nobody_is_there(row, now)


def _say(change: Change, row: Delivery) -> None:
    change.event("delivery_failed", address=row.address, entry=row.entry_id, why=row.last_error[:200])


def _settle(change: Change, row: Delivery, verb: str) -> None:
    settle(change, verb)
    if any(event.kind == "delivery_failed" for event in change.events):
        notify.tell(undelivered_notices(change.ticket, row, change.at))


def _stop_if_nobody_is_there(row: Delivery, now: datetime) -> None:
    """No more automatic mail to an address that does not exist (E-53)."""
    person = row.person
    if person.email != row.address:
        return
    said = [(at, status) for at, status in failures(row.address, lifted_at(person)) if status not in OF_THE_SENDER]
    days = {at.date() for at, _status in said}
    if len(days) > 1 or any(status in NOBODY for _at, status in said):
        stop_mail(person, UNDELIVERABLE, row.last_error, now)


def tell_given_up(delivery_id: int, now: datetime) -> bool:
    """A mail that the relay refused, or that was tried to the end: said once, as a bounce is. False: told already."""
    with transaction.atomic():
        change, row = _begin(delivery_id, now)
        if row.state != "failed" or row.told_at is not None:
            return False
        notify.note_told(row, now)
        _stop_if_nobody_is_there(row, now)
        if change is not None:
            _say(change, row)
            _settle(change, row, "give_up")
        return True


def note_complaint(report: Report, delivery: Delivery, now: datetime) -> Person | None:
    """Its reader called the mail spam: they get no automatic mail any more (E-54). None where the report names
    somebody else than whom the mail went to."""
    named = {one.address for one in report.recipients}
    if named and delivery.address not in named:
        return None
    notify.note_receipt(delivery, "complained", "", "", now)
    person = delivery.person
    if person.email == delivery.address:
        stop_mail(person, COMPLAINED, delivery.subject, now)
    return person
