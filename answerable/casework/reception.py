"""A raw mail becomes exactly one outcome, in one transaction, whatever is in it (mail contract E-4 to E-6)."""

import logging
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from answerable.casework import actions as casework
from answerable.casework.actions import Copies
from answerable.casework.bounced import note_bounce
from answerable.casework.copies import copies_for
from answerable.casework.held_actions import held_since, hold
from answerable.casework.mailroom import Route, route
from answerable.casework.messages import inbox_of, message_of
from answerable.casework.rates import MOST
from answerable.mail import actions as mail
from answerable.mail import parse
from answerable.mail.models import Inbox, RawMail
from answerable.mail.queries import key_of
from answerable.people.actions import new_contact
from answerable.people.models import Organization, Person
from answerable.people.queries import teams_by_key
from answerable.sla.queries import terms
from answerable.tickets.actions import Opening

logger = logging.getLogger(__name__)


def receive(raw_id: int, now: datetime) -> None:
    """Handle one raw mail. Done already, or in another worker's hands: nothing. One that fails is set aside.

    Raises OperationalError, InterfaceError or OSError when the database or the disk is away: the message waits.
    """
    receive_next(lambda: raw_id, now)


def receive_next(take: Callable[[], int | None], now: datetime) -> bool:
    """`receive` what `take` chooses, which it does in the same transaction. False: there was nothing to take."""
    raw_id = None
    try:
        with transaction.atomic():
            raw_id = take()
            raw = None if raw_id is None else mail.lock_raw(raw_id)
            if raw is not None:
                _handle(raw, now)
    except (OperationalError, InterfaceError, OSError):
        raise
    except Exception:
        if raw_id is None:
            raise
        logger.exception("mail %s could not be handled and is in quarantine", raw_id)
        mail.quarantine(raw_id, "error", now, traceback.format_exc())
    return raw_id is not None


@dataclass(frozen=True)
class _Case:
    """One message on its way: the row, what is in it, where it goes, and when."""

    raw: RawMail
    incoming: parse.Incoming
    route: Route
    inbox: Inbox | None
    now: datetime

    def flag(self, name: str) -> None:
        """Mark the message, once."""
        if name not in self.raw.flags:
            self.raw.flags.append(name)


def _handle(raw: RawMail, now: datetime) -> None:
    incoming = parse.read(bytes(raw.body), envelope_from=raw.envelope_from if raw.source == "smtp" else None)
    inbox = inbox_of(incoming, raw)
    mail.lock_content(incoming.fingerprint)
    raw.fingerprint = incoming.fingerprint
    raw.message_id = key_of(incoming.message_id) if incoming.message_id else ""
    raw.sender, raw.subject = incoming.sender, incoming.subject
    decided = route(incoming, raw, inbox, now)
    raw.flags, raw.verdict = list(decided.flags), decided.verdict
    case = _Case(raw, incoming, decided, inbox, now)
    outcome, reason = _OUTCOMES[decided.kind](case)
    mail.finish(raw, outcome, now, reason)


def _new(case: _Case) -> tuple[str, str]:
    incoming, inbox, decided = case.incoming, case.inbox, case.route
    requester = decided.sender or new_contact(incoming.sender, incoming.sender_name, case.now)
    organization = None if decided.verdict == "fail" else decided.organization
    automatic = bool(incoming.auto_class)
    opening = Opening(
        subject=incoming.subject,
        requester=requester,
        organization=organization,
        team=teams_by_key().get(inbox.team) if inbox else None,
        # A machine gets no more than the default severity (E-47).
        severity=(inbox.severity if inbox and not automatic else "") or terms().default_severity,
        channel="mail",
        inbox=inbox.address if inbox else case.raw.inbox,
        unverified=organization is not None and decided.verdict == "none",
        follow_up_of=decided.follow_up_of,
    )
    acknowledge = (inbox is None or inbox.acknowledge) and not automatic and not incoming.no_reply
    copies = replace(_copies(case, requester, organization), acknowledge=acknowledge)
    if automatic:
        case.flag("automatic")
    message = message_of(incoming, case.raw, flags=tuple(case.raw.flags), joins=False)
    ticket = casework.open_ticket(opening, message, case.now, copies)
    case.raw.ticket_id = ticket.pk
    return "new", incoming.auto_class or ""


def _copies(case: _Case, sender: Person, organization: Organization | None) -> Copies:
    """Whom the message brings along: nobody where its sender may be somebody else (E-26)."""
    if case.route.verdict == "fail":
        return Copies()
    copies, capped = copies_for(case.incoming, sender, organization, case.now)
    if capped:
        case.flag("cc_capped")
    return copies


def _reply(case: _Case) -> tuple[str, str]:
    ticket, sender = case.route.ticket, case.route.sender
    assert ticket is not None
    assert sender is not None
    copies = _copies(case, sender, ticket.organization)
    message = message_of(case.incoming, case.raw, flags=tuple(case.raw.flags))
    reply = casework.add_reply(sender, ticket.pk, message, case.now, casework.Next(copies=copies))
    case.raw.ticket_id, case.raw.entry_id = ticket.pk, reply.pk
    return "reply", ""


def _held(case: _Case) -> tuple[str, str]:
    assert case.route.ticket is not None
    if held_since(case.route.ticket, case.now - timedelta(hours=1)) >= MOST.on_a_ticket:
        return "quarantine", "rate_limited"
    held = hold(case.route.ticket, case.raw, case.incoming, case.route.reason, case.now)
    case.raw.ticket_id, case.raw.entry_id = case.route.ticket.pk, held.pk
    return "held", case.route.reason


def _event(case: _Case) -> tuple[str, str]:
    assert case.route.ticket is not None
    casework.note_automatic(case.route.ticket.pk, case.incoming.sender, case.route.reason, case.now)
    case.raw.ticket_id = case.route.ticket.pk
    return "event", case.route.reason


def _auto(case: _Case) -> tuple[str, str]:
    return "auto", case.route.reason


def _bounce(case: _Case) -> tuple[str, str]:
    marked = note_bounce(case.incoming, tuple(ref.message_id for ref in case.route.refs), case.now)
    if marked:
        case.raw.ticket_id, case.raw.entry_id = marked.ticket_id, marked.entry_id
    return "bounce", "" if marked else "unmatched"


def _duplicate(case: _Case) -> tuple[str, str]:
    same = case.route.duplicate_of
    assert same is not None
    case.raw.duplicate_of, case.raw.ticket_id, case.raw.entry_id = same, same.ticket_id, same.entry_id
    return "duplicate", ""


def _quarantine(case: _Case) -> tuple[str, str]:
    return "quarantine", case.route.reason


_OUTCOMES = {
    "new": _new,
    "reply": _reply,
    "held": _held,
    "event": _event,
    "auto": _auto,
    "bounce": _bounce,
    "duplicate": _duplicate,
    "quarantine": _quarantine,
}
