"""A raw mail becomes exactly one outcome, in one transaction, whatever is in it (mail contract E-4 to E-6)."""

import logging
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError, transaction

from answerable.casework import actions as casework
from answerable.casework import past_mail
from answerable.casework.actions import Copies
from answerable.casework.bounced import matched, note_bounce, note_complaint
from answerable.casework.copies import copies_for
from answerable.casework.drill_tickets import take as take_drill
from answerable.casework.held_actions import held_since, hold
from answerable.casework.ladder_actions import answer_by_mail
from answerable.casework.mailroom import Route, route
from answerable.casework.messages import inbox_of, message_of
from answerable.casework.note_actions import add_note
from answerable.casework.paging_actions import acknowledge_by_mail
from answerable.casework.probes import take_probe
from answerable.casework.rates import MOST
from answerable.casework.redacted_mail import empty, is_changed
from answerable.mail import actions as mail
from answerable.mail import bounded
from answerable.mail.bounces import FEEDBACK, MDN
from answerable.mail.incoming import Incoming
from answerable.mail.models import Inbox, RawMail
from answerable.mail.queries import addresses, key_of
from answerable.people.actions import contact, new_contact
from answerable.people.models import Organization, Person
from answerable.people.queries import organization_of_address, teams_by_key
from answerable.sla.queries import terms
from answerable.tickets.actions import Opening

logger = logging.getLogger(__name__)


def receive(raw_id: int, now: datetime) -> None:
    """Handle one raw mail. Done already, or in another worker's hands: nothing. One that fails is set aside.

    Raises OperationalError, InterfaceError or OSError when the database or the disk is away: the message waits.
    """
    receive_next(lambda: mail.lock_raw(raw_id), now)


def receive_next(take: Callable[[], RawMail | None], now: datetime) -> bool:
    """`receive` what `take` locks, in the same transaction. False: there was nothing to take."""
    raw = None
    try:
        with transaction.atomic():
            raw = take()
            if raw is not None:
                _handle(raw, now)
    except (OperationalError, InterfaceError, OSError):
        raise
    except Exception:
        if raw is None:
            raise
        logger.exception("mail %s could not be handled and is in quarantine", raw.pk)
        mail.quarantine(raw.pk, "error", now, traceback.format_exc())
    return raw is not None


@dataclass(frozen=True)
class _Case:
    """One message on its way: the row, what is in it, where it goes, and when."""

    raw: RawMail
    incoming: Incoming
    route: Route
    inbox: Inbox | None
    now: datetime

    def flag(self, name: str) -> None:
        """Mark the message, once."""
        if name not in self.raw.flags:
            self.raw.flags.append(name)


Decide = Callable[[Incoming, Inbox | None], Route]


def handle_as(raw: RawMail, decide: Decide | None, now: datetime) -> None:
    """Handle a message anew that the caller has locked: by the rules, or as a person decided.

    Runs in the caller's transaction; what it ends in is written on the row, which may be quarantine again.
    """
    raw.put_away_at = raw.ticket_id = raw.entry_id = raw.duplicate_of = None
    _handle(raw, now, decide)


def _handle(raw: RawMail, now: datetime, decide: Decide | None = None) -> None:
    incoming = bounded.read(bytes(raw.body), envelope_from=raw.envelope_from if raw.source == "smtp" else None)
    inbox = inbox_of(incoming, raw)
    incoming = _with_envelope(_unrelayed(incoming, inbox), raw)
    mail.lock_content(incoming.fingerprint)
    if incoming.list_addresses:
        mail.note_lists(incoming.list_addresses, now)
    raw.fingerprint = incoming.fingerprint
    raw.message_id = key_of(incoming.message_id) if incoming.message_id else ""
    raw.sender, raw.subject = incoming.sender, incoming.subject
    if inbox is not None and incoming.checker:
        mail.note_checker(inbox.address, incoming.checker, now)
    if raw.source == past_mail.SOURCE:
        outcome, reason = past_mail.take(raw, incoming, inbox, now)
        mail.finish(raw, outcome, now, reason)
        return
    decided = decide(incoming, inbox) if decide else route(incoming, raw, inbox, now)
    raw.flags, raw.verdict, raw.verdict_source = list(decided.flags), decided.verdict, decided.source
    case = _Case(raw, incoming, decided, inbox, now)
    outcome, reason = _OUTCOMES[decided.kind](case)
    mail.finish(raw, outcome, now, reason)


def _with_envelope(incoming: Incoming, raw: RawMail) -> Incoming:
    """Whom the envelope names is a recipient, too: a signed address may stand there alone (E-32)."""
    more = [address for address in raw.envelope_to if address not in incoming.recipients]
    return replace(incoming, recipients=(*incoming.recipients, *more)) if more else incoming


_VIA = re.compile(r"^['\"]?(.*?)['\"]?\s+via\s.*$", re.DOTALL)


def _unrelayed(incoming: Incoming, inbox: Inbox | None) -> Incoming:
    """Who wrote to a group that rewrites From, where the inbox trusts it to say so (E-99)."""
    if inbox is None or incoming.sender not in inbox.trusted_relays:
        return incoming
    wrote = incoming.original_from or next(iter(incoming.reply_to), "")
    return replace(incoming, sender=wrote, sender_name=_VIA.sub(r"\1", incoming.sender_name)) if wrote else incoming


def _new(case: _Case) -> tuple[str, str]:
    incoming, inbox, decided = case.incoming, case.inbox, case.route
    requester = decided.sender or new_contact(incoming.sender, incoming.sender_name, case.now)
    organization = None if decided.verdict == "fail" else decided.organization
    opening = replace(
        _opening(case, incoming.subject, requester),
        organization=organization,
        severity=_severity(case),
        unverified=organization is not None and decided.verdict == "none",
        follow_up_of=decided.follow_up_of,
    )
    copies = replace(_copies(case, requester, organization), acknowledge=_acknowledges(case, requester))
    if incoming.auto_class:
        case.flag("automatic")
    message = message_of(
        incoming,
        case.raw,
        flags=tuple(case.raw.flags),
        joins=False,
        approved=decided.from_now,
        # Where it asks for answers says nothing of somebody else whose request a person makes it.
        answers_to=_answers_to(case) if decided.by is None or requester.email == incoming.sender else "",
    )
    if inbox is not None and inbox.generated_counts:
        message = replace(message, automatic=False)
    case.raw.ticket_id = casework.open_ticket(opening, message, case.now, copies).pk
    return "new", incoming.auto_class or ""


def _opening(case: _Case, subject: str, requester: Person) -> Opening:
    inbox = case.inbox
    return Opening(
        subject=subject,
        requester=requester,
        organization=None,
        team=teams_by_key().get(inbox.team) if inbox else None,
        severity=terms().default_severity,
        channel="mail",
        inbox=inbox.address if inbox else case.raw.inbox,
    )


def _severity(case: _Case) -> str:
    """What the inbox gives. To a machine no more than the default, unless the inbox says that it counts (E-47)."""
    default, inbox = terms().default_severity, case.inbox
    if inbox is None or not inbox.severity:
        return default
    if case.incoming.auto_class and not inbox.generated_counts:
        return max(inbox.severity, default)
    return inbox.severity


def _acknowledges(case: _Case, requester: Person) -> bool:
    """Not where the inbox, or whoever decided, wants none; nor to those who take no answers, nor to ourselves."""
    inbox = case.inbox
    if case.route.quiet or addresses().is_own(requester.email):
        return False
    if case.incoming.no_reply or (inbox is not None and not inbox.acknowledge):
        return False
    if case.incoming.auto_class:
        return case.incoming.auto_class == "generated" and inbox is not None and inbox.acknowledge_generated
    return True


def _answers_to(case: _Case) -> str:
    """The address that the message asks to be answered at (E-24). On a request that there is already, only from a
    proven sender: or whoever borrows the requester's name would have the answers sent to themselves."""
    verdict = case.route.verdict
    trusted = verdict == "pass" if case.route.kind == "reply" else verdict != "fail"
    wanted = next((one for one in case.incoming.reply_to if not addresses().is_own(one)), "") if trusted else ""
    return "" if wanted == case.incoming.sender else wanted


def _forward(case: _Case) -> tuple[str, str]:
    """The request of whoever wrote the mail; what our colleague says above it is for the team (E-97)."""
    found, agent, inbox = case.route.forwarded, case.route.sender, case.inbox
    assert found is not None
    assert agent is not None
    requester = contact(found.sender, found.sender_name, case.now)
    organization = organization_of_address(found.sender)
    opening = replace(
        _opening(case, found.subject, requester),
        organization=organization,
        severity=_severity(case),
        # That the mail was really theirs, nobody has proven.
        unverified=organization is not None,
    )
    passed_on = replace(
        case.incoming, text=found.text, new_text=found.text, attachments=found.attachments, is_reply=False
    )
    message = message_of(passed_on, case.raw, flags=tuple(case.raw.flags), joins=False)
    copies = Copies(acknowledge=inbox is not None and inbox.acknowledge_forwards)
    ticket = casework.open_ticket(opening, message, case.now, copies)
    if found.above.strip():
        add_note(agent, ticket.pk, found.above, case.now)
    case.raw.ticket_id = ticket.pk
    return "new", "forwarded"


def _copies(case: _Case, sender: Person, organization: Organization | None) -> Copies:
    """Whom the message brings along: nobody where its sender may be somebody else (E-26)."""
    if case.route.verdict == "fail":
        return Copies()
    copies, capped = copies_for(case.incoming, sender, organization, case.now, case.route.ticket)
    if capped:
        case.flag("cc_capped")
    return copies


def _reply(case: _Case) -> tuple[str, str]:
    ticket, sender = case.route.ticket, case.route.sender
    assert ticket is not None
    assert sender is not None
    copies = _copies(case, sender, ticket.organization)
    message = message_of(
        case.incoming,
        case.raw,
        flags=tuple(case.raw.flags),
        approved=case.route.from_now,
        answers_to=_answers_to(case),
    )
    reply = casework.add_reply(sender, ticket.pk, message, case.now, casework.Next(copies=copies))
    case.raw.ticket_id, case.raw.entry_id = ticket.pk, reply.pk
    if case.route.ladder is not None:
        answer_by_mail(sender, ticket.pk, case.route.ladder, message.new_text, case.now)
    return "reply", ""


def _joined(case: _Case) -> tuple[str, str]:
    """Staff let its sender in, by name: they are CC'd from now on."""
    by, ticket = case.route.by, case.route.ticket
    assert by is not None
    assert ticket is not None
    sender = case.route.sender or new_contact(case.incoming.sender, case.incoming.sender_name, case.now)
    message = message_of(case.incoming, case.raw, flags=tuple(case.raw.flags), approved=case.route.from_now)
    reply = casework.add_approved(by, sender, ticket.pk, message, case.now, join=True)
    case.raw.ticket_id, case.raw.entry_id = ticket.pk, reply.pk
    return "reply", ""


def _probe(case: _Case) -> tuple[str, str]:
    message = message_of(case.incoming, case.raw, joins=False)
    if case.route.drill is not None:
        case.raw.ticket_id, case.raw.entry_id = take_drill(case.route.drill, message, case.raw.received_at, case.now)
        return "probe", ""
    assert case.route.probe is not None
    case.raw.ticket_id, case.raw.entry_id = take_probe(case.route.probe, message, case.now)
    return "probe", ""


def _ack(case: _Case) -> tuple[str, str]:
    """Its reader answered a page: that counts as having seen it, whatever they wrote. Nothing else comes of it."""
    assert case.route.sender is not None
    assert case.route.alert is not None
    result = acknowledge_by_mail(case.route.sender, case.route.alert, case.now)
    case.raw.ticket_id = result.ticket_id
    return "ack", result.outcome


def _held(case: _Case) -> tuple[str, str]:
    assert case.route.ticket is not None
    if case.route.by is None and held_since(case.route.ticket, case.now - timedelta(hours=1)) >= MOST.on_a_ticket:
        return "quarantine", "rate_limited"
    held = hold(case.route.ticket, case.raw, case.incoming, case.route.reason, case.now)
    case.raw.ticket_id, case.raw.entry_id = case.route.ticket.pk, held.pk
    return "held", case.route.reason


def _event(case: _Case) -> tuple[str, str]:
    assert case.route.ticket is not None
    about = _complaint(case) or _done(case.incoming)
    casework.note_automatic(case.route.ticket.pk, case.incoming.sender, case.route.reason, about, case.now)
    case.raw.ticket_id = case.route.ticket.pk
    return "event", case.route.reason


def _done(incoming: Incoming) -> str:
    """What a receipt says was done with our mail."""
    report = incoming.report
    return report.recipients[0].action if report and report.kind == MDN and report.recipients else ""


def _complaint(case: _Case) -> str:
    """Who called our mail spam, and gets none of machines any more; "" where nobody did whom we wrote to."""
    report = case.incoming.report
    if report is None or report.kind != FEEDBACK:
        return ""
    delivery = matched(case.incoming, case.raw.envelope_to)
    who = note_complaint(report, delivery, case.now) if delivery else None
    return who.email if who else ""


def _auto(case: _Case) -> tuple[str, str]:
    _complaint(case)
    return "auto", case.route.reason


def _bounce(case: _Case) -> tuple[str, str]:
    assert case.incoming.bounce is not None
    delivery = matched(case.incoming, case.raw.envelope_to)
    if delivery is None:
        return "bounce", "unmatched"
    note_bounce(case.incoming.bounce, delivery, case.now)
    case.raw.ticket_id, case.raw.entry_id = delivery.ticket_id, delivery.entry_id
    return "bounce", ""


def _duplicate(case: _Case) -> tuple[str, str]:
    same = case.route.duplicate_of
    assert same is not None
    case.raw.duplicate_of, case.raw.ticket_id, case.raw.entry_id = same, same.ticket_id, same.entry_id
    if is_changed(same):
        # What was removed from it does not come back with a copy.
        empty([case.raw.pk], case.now)
        case.raw.subject = same.subject
    return "duplicate", ""


def _quarantine(case: _Case) -> tuple[str, str]:
    return "quarantine", case.route.reason


_OUTCOMES = {
    "new": _new,
    "forward": _forward,
    "reply": _reply,
    "joined": _joined,
    "held": _held,
    "probe": _probe,
    "ack": _ack,
    "event": _event,
    "auto": _auto,
    "bounce": _bounce,
    "duplicate": _duplicate,
    "quarantine": _quarantine,
}
