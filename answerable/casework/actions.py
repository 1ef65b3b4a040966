"""The verbs: every write to a ticket. Each is one transaction that locks, checks, writes and settles.

Notes and held mail have modules of their own (note_actions, held_actions): whatever imports this one cannot reach them.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import system
from answerable.casework import meeting, sending, spreading
from answerable.casework.letters import acknowledge, arrival_only, tell_participants
from answerable.casework.links import opened
from answerable.casework.notices import said_notices
from answerable.casework.settle import settle
from answerable.casework.standing import copy_in
from answerable.casework.terms import promise
from answerable.lib.errors import Refused
from answerable.notify.actions import tell
from answerable.people.models import Person, Team
from answerable.people.queries import actor_of, vendor
from answerable.sla.queries import severities
from answerable.tickets import access, copying
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change, Message, Opening
from answerable.tickets.models import Reply, Status, Ticket

# A customer may close and reopen; how a request waits is for staff to say.
CUSTOMER_STATUSES = {Status.SOLVED, Status.OPEN}


@dataclass(frozen=True)
class Copies:
    """Whom else a new ticket concerns. `pending`: named by a customer from outside, by this address, until staff allow
    them."""

    cc: tuple[Person, ...] = ()
    pending: tuple[tuple[str, Person], ...] = ()
    acknowledge: bool = True


def open_ticket(opening: Opening, message: Message, now: datetime, copies: Copies | None = None) -> Ticket:
    """A new request of `opening.requester`, with the promises that its plan and severity give."""
    copies = copies or Copies()
    author = opening.requester
    # Inside the mail room's transaction, which is all or nothing, a savepoint would only cost.
    with transaction.atomic(savepoint=False):
        change = tickets.start(opening, actor_of(author), now)
        promise(change)
        _copy_in(change, copies)
        tickets.write_reply(change, author, message, from_staff=False)
        spreading.to_new(change)
        return settle(change, "open_ticket", acknowledge if copies.acknowledge else arrival_only)


def _copy_in(change: Change, copies: Copies) -> None:
    ticket = change.ticket
    for person in copies.cc:
        tickets.join(change, person, "cc", ticket.channel, added_by=ticket.requester)
    for address, person in copies.pending:
        more = {"added_by": ticket.requester, "pending": True, "named": address}
        tickets.join(change, person, "cc", ticket.channel, **more)
    copy_in(change)


def begin(person: Person, ticket_id: int, now: datetime, *, closed_too: bool = False) -> tuple[Change, access.Standing]:
    """The ticket locked for this person's change, and what they are to it. Raises Refused where they may not see it."""
    change = tickets.begin(ticket_id, actor_of(person), now, closed_too=closed_too)
    standing = access.standing(person, change.ticket, now)
    if not access.may_see(standing):
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    return change, standing


@dataclass(frozen=True)
class Next:
    """What a reply does besides: the status that it leaves, and why (for `hold`). `takes`: a request of nobody's is its
    author's from now on."""

    status: str = ""
    reason: str = ""
    copies: Copies = Copies()
    takes: bool = True


def add_reply(author: Person, ticket_id: int, message: Message, now: datetime, after: Next | None = None) -> Reply:
    """A public answer by staff or by somebody who takes part; every participant gets it by mail."""
    require_words(message)
    with transaction.atomic():
        change, standing = _begin_last(author, ticket_id, now)
        return _reply(change, standing, author, message, after)


def require_words(message: Message) -> None:
    """Raises Refused for a message that says nothing."""
    if not message.text.strip() and not message.files and message.raw_id is None:
        raise Refused("empty", _("Write something first, or attach a file."))


def _begin_last(person: Person, ticket_id: int, now: datetime) -> tuple[Change, access.Standing]:
    """`begin`, after the replies that wait on the ticket: none of them answers what its author had not seen."""
    change, standing = begin(person, ticket_id, now)
    if not change.ticket.waiting_drafts:
        return change, standing
    sending.release(change.ticket, send_now, now)
    return begin(person, ticket_id, now)


def send_now(draft: sending.Outgoing, now: datetime) -> Reply:
    """A reply that waited, on a ticket that is locked: what may and happens is asked as if it were written now."""
    change, standing = begin(draft.author, draft.ticket_id, now)
    cc = tuple(Person.objects.filter(pk__in=draft.cc, is_active=True))
    after = Next(draft.status, draft.reason, Copies(cc=cc))
    return _reply(change, standing, draft.author, draft.message, after)


def _reply(change: Change, standing: access.Standing, author: Person, message: Message, after: Next | None) -> Reply:
    access.require(access.may_reply(standing), _("You can read this request. To reply, ask to be CC'd on it."))
    # Who takes part writes as a customer, also a colleague of ours on a request of their own.
    from_staff = standing.works_it and not standing.requester
    reply = tickets.write_reply(change, author, message, from_staff=from_staff)
    takes = after is None or after.takes
    if from_staff and takes and change.ticket.assignee is None and access.may_work(standing):
        tickets.assign(change, author, change.ticket.team)
    if not from_staff:
        spreading.to_reopened(change)
    if after:
        _also(change, standing, author, after)
    settle(change, "add_reply", arrival_only if message.automatic else tell_participants)
    return reply


def _also(change: Change, standing: access.Standing, author: Person, after: Next) -> None:
    for person in after.copies.cc:
        tickets.join(change, person, "cc", "reply", added_by=author)
    for address, person in after.copies.pending:
        tickets.join(change, person, "cc", "reply", added_by=author, pending=True, named=address)
    if after.status:
        _set_status(change, standing, after.status, after.reason)


def add_approved(by: Person, author: Person, ticket_id: int, message: Message, now: datetime, *, join: bool) -> Reply:
    """A held message that staff let in. Its clock starts now; `join` makes its author a participant."""
    with transaction.atomic():
        change, standing = _begin_last(by, ticket_id, now)
        access.require(access.may_work(standing))
        if join:
            copying.put(change, author, by, "approved")
        reply = tickets.write_reply(change, author, message, from_staff=False)
        spreading.to_reopened(change)
        settle(change, "approve_held", tell_participants)
        return reply


def note_automatic(ticket_id: int, sender: str, what: str, about: str, now: datetime) -> Ticket:
    """A machine answered (vacation, read receipt, complaint): an event that changes nothing. `about`: what was done
    with our mail, or who complained; "" where it says nothing of that."""
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        change = Change(ticket=ticket, actor=system("mail room"), at=max(now, ticket.last_event_at))
        change.event("automatic_mail", what=what, sender=sender, about=about)
        return settle(change, "note_automatic")


def set_status(
    person: Person, ticket_id: int, status: str, now: datetime, reason: str = "", *, was: str | None = None
) -> Ticket:
    """Pending, hold, solved or open again. A customer's "close" is solved. `was`: as the person's page had it."""
    with transaction.atomic():
        change, standing = _begin_last(person, ticket_id, now)
        access.require(access.may_reply(standing))
        meeting.unmoved(change, person, meeting.STATUS, was, change.ticket.status, status)
        _set_status(change, standing, status, reason)
        return settle(change, "set_status")


def _set_status(change: Change, standing: access.Standing, status: str, reason: str) -> None:
    if not standing.works_it:
        access.require(status in CUSTOMER_STATUSES)
    tickets.set_status(change, status, reason.strip())


def assign(
    person: Person, ticket_id: int, assignee: Person | None, team: Team | None, now: datetime, *, was: str | None = None
) -> Ticket:
    """Give the ticket to somebody, to a team, or to nobody. `was`: as the person's page had it (`holder`)."""
    if assignee and not assignee.is_staff:
        raise Refused("not_staff", _("A request can only be assigned to somebody on the team."))
    with transaction.atomic():
        change, standing = begin(person, ticket_id, now)
        access.require(access.may_work(standing))
        ticket = change.ticket
        to = holder(assignee.pk if assignee else None, team.pk if team else None)
        meeting.unmoved(change, person, meeting.ASSIGNED, was, holder(ticket.assignee_id, ticket.team_id), to)
        spreading.to_team(change, assignee, team)
        return settle(change, "assign")


def holder(assignee_id: int | None, team_id: int | None) -> str:
    """Who has a ticket, as one word for a page."""
    return f"{assignee_id or ''}/{team_id or ''}"


def determine_severity(
    person: Person, ticket_id: int, severity: str, why: str, now: datetime, *, was: str | None = None
) -> Ticket:
    """Staff's word on the severity, with its reason; from now on the customer's statement no longer moves it. `was`: as
    the person's page had it."""
    _known(severity)
    if not why.strip():
        raise Refused("reason_missing", _("Say why, in a few words: the customer sees it."))
    with transaction.atomic():
        change, standing = begin(person, ticket_id, now)
        access.require(access.may_work(standing))
        ticket = change.ticket
        meeting.unmoved(change, person, meeting.SEVERITY, was, ticket.severity, severity)
        told: dict[str, Any] = {"after": severity, "why": why.strip(), "stated": ticket.stated_severity}
        change.event("severity", before=ticket.severity, before_determined=was_determined(ticket), **told)
        ticket.severity_determined_at = change.at
        move_severity(change, severity)
        return settle(change, "determine_severity")


def state_severity(person: Person, ticket_id: int, severity: str, impact: str, now: datetime) -> Ticket:
    """The customer's position: recorded always; while the severity is provisional it sets it (DESIGN.md §4)."""
    _known(severity)
    with transaction.atomic():
        change, standing = begin(person, ticket_id, now)
        access.require(access.may_reply(standing))
        _state(change, severity, impact.strip())
        ticket = settle(change, "state_severity")
        if ticket.severity_determined_at is not None and not standing.works_it:
            tell(said_notices(ticket, "stated", person.label, severity, change.at))
        return ticket


def _state(change: Change, severity: str, impact: str) -> None:
    ticket = change.ticket
    provisional = ticket.severity_determined_at is None
    other = "" if severity == ticket.severity else ticket.severity
    before, determined = (other, "") if provisional else ("", other)
    ticket.stated_severity, ticket.impact = severity, impact
    change.event("severity_stated", severity=severity, impact=impact, before=before, determined=determined)
    if provisional:
        move_severity(change, severity)


def read_confirmation(token: str) -> Ticket:
    """The ticket whose sender this mailed link confirms. Raises Refused on a bad or old one."""
    pk = opened(token)
    ticket = Ticket.objects.filter(pk=pk).select_related("requester").first() if pk else None
    if ticket is None:
        raise Refused("not_found", _("This link is not valid (any more). To add something, answer the mail it was in."))
    return ticket


def confirm(token: str, now: datetime) -> Ticket:
    """Who holds the mail is the requester: the request is verified, and a P0 that they stated counts from now.

    Pressed again, it changes nothing.
    """
    asked = read_confirmation(token)
    with transaction.atomic():
        change, _standing = begin(asked.requester, asked.pk, now)
        ticket = change.ticket
        waits = ticket.severity_determined_at is None and ticket.stated_severity not in {"", ticket.severity}
        if not ticket.unverified and not waits:
            return ticket
        ticket.unverified = False
        change.event("confirmed")
        copy_in(change)
        if waits:
            _state(change, ticket.stated_severity, ticket.impact)
        return settle(change, "confirm")


def _known(severity: str) -> None:
    if severity not in severities():
        raise Refused("unknown_severity", _("Choose one of the severities."))


def was_determined(ticket: Ticket) -> bool:
    """Whether staff have had their word on the severity."""
    return ticket.severity_determined_at is not None


def move_severity(change: Change, severity: str) -> None:
    """Set it, with the promises that it brings."""
    if change.ticket.severity == severity:
        return
    change.ticket.severity = severity
    promise(change)


def close_for_good(ticket_id: int, now: datetime) -> bool:
    """Close a ticket that stayed solved for the policy's `reopen_window`; False when it was reopened meanwhile."""
    with transaction.atomic():
        ticket = access.lock(ticket_id)
        if ticket.status != Status.SOLVED or ticket.solved_at is None or ticket.solved_at > now - reopen_window():
            return False
        change = Change(ticket=ticket, actor=system("reopen window"), at=max(now, ticket.last_event_at))
        change.event("closed")
        ticket.status = Status.CLOSED
        settle(change, "close_for_good")
        return True


def reopen_window() -> timedelta:
    """How long a solved request may be reopened."""
    return timedelta(seconds=int(str(vendor().settings.get("reopen_window_seconds", 14 * 86_400))))
