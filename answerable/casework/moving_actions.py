"""A message that joined the wrong ticket, or opened one, goes to another or to a new one (docs/decisions/0028).

It is taken out where it was, and its raw mail is handled anew at its new place, through the same door as all mail.
Moving it back is the same verb.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.actions import begin
from answerable.casework.decided import Decide, as_new, as_reply
from answerable.casework.held_actions import forget, take, waiting_of
from answerable.casework.reception import handle_as
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.mail import room_actions as room
from answerable.mail.actions import forget_refs, hand_over_refs
from answerable.mail.models import RawMail
from answerable.notify.actions import withdraw
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access, moving
from answerable.tickets import actions as tickets
from answerable.tickets.models import Reply, SetAside, Status, Ticket
from answerable.tickets.queries import histories, numbers_of


@dataclass(frozen=True)
class Target:
    """Where it goes: to the ticket with this number, or (None) to a new one.

    `join`: its sender is CC'd there if they take no part yet; else it is held there. `acknowledge`: of a new one.
    """

    number: int | None = None
    join: bool = False
    acknowledge: bool = False


def move(person: Person, raw_id: int, target: Target, now: datetime) -> RawMail:
    """Take the message out where it is and handle it at its new place. Its promise counts from its arrival."""
    with transaction.atomic():
        raw = room.lock_any(raw_id)
        if raw is None or raw.ticket_id is None or raw.outcome not in {"new", "reply", "held"}:
            raise Refused("not_found", _("There is no such message on a request, or you may not see it."))
        if raw.purged_at is not None:
            raise Refused("purged", _("The message was let go of when its term was over, so it cannot be moved."))
        before = raw.ticket_id
        decide = _decide(person, before, target, now)
        if raw.outcome == "held":
            _move_held(person, raw, decide, now)
        else:
            _move_reply(person, raw, decide, now)
        room.follow(raw)
        record(actor_of(person), "mail_moved", ("mail", raw_id), now, before=before, ticket=raw.ticket_id)
    return raw


def split(person: Person, held_id: int, now: datetime, *, acknowledge: bool = True) -> RawMail:
    """A held message becomes a request of its sender's own (E-39); what it was held on, they learn nothing of."""
    with transaction.atomic():
        _ticket, raw_id = take(person, held_id, "split", now)
        raw = room.lock_any(raw_id)
        assert raw is not None
        before = raw.ticket_id
        forget(raw_id)
        handle_as(raw, as_new(person, now, quiet=not acknowledge, from_now=True), now)
        record(actor_of(person), "mail_split", ("mail", raw_id), now, before=before, ticket=raw.ticket_id)
    return raw


def _decide(person: Person, before: int, target: Target, now: datetime) -> Decide:
    """Locks both tickets in the order of their ids, so that two who move crosswise wait for each other."""
    if target.number is None:
        _require_worked(person, access.lock(before), now)
        return as_new(person, now, quiet=not target.acknowledge, from_now=False)
    ticket, standing = access.find(person, target.number, now)
    access.require(access.may_work(standing))
    if ticket.pk == before:
        raise Refused("same", _("The message is on #%(number)s already.") % {"number": target.number})
    locked = {one.pk: one for one in access.lock_many([before, ticket.pk])}
    _require_worked(person, locked[before], now)
    return as_reply(person, locked[ticket.pk], join=target.join, from_now=False)


def _require_worked(person: Person, ticket: Ticket, now: datetime) -> None:
    standing = access.standing(person, ticket, now)
    if not access.may_see(standing):
        raise Refused("not_found", _("There is no such message on a request, or you may not see it."))
    access.require(access.may_work(standing))


def _move_held(person: Person, raw: RawMail, decide: Decide, now: datetime) -> None:
    held_id = waiting_of(raw.pk)
    if held_id is not None:
        take(person, held_id, "moved", now)
    forget(raw.pk)
    handle_as(raw, decide, now)


def _move_reply(person: Person, raw: RawMail, decide: Decide, now: datetime) -> None:
    reply = Reply.objects.filter(raw_id=raw.pk).select_related("author").first()
    if reply is None:
        raise Refused("conflict", _("The message is no longer where it was. Look at it again."))
    old = reply.ticket_id
    change, _standing = begin(person, old, now, closed_too=True)
    if change.ticket.set_aside == SetAside.MERGED:
        raise Refused("merged", _("This request is merged into another, which has its promises: unmerge it first."))
    events = histories([old])[old]
    moving.blank(reply)
    forget(raw.pk)
    forget_refs(reply.pk)
    withdraw(old, reply.pk, "the message was moved to another request")
    handle_as(raw, decide, now)
    assert raw.ticket_id is not None
    if not moving.take_out(change, reply, events, numbers_of([raw.ticket_id])[raw.ticket_id]):
        hand_over_refs(old, raw.ticket_id)
        if change.ticket.status not in {Status.SOLVED, Status.CLOSED}:
            tickets.set_status(change, Status.SOLVED)
    settle(change, "move_message")
