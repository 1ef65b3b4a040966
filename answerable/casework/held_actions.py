"""Mail that may not join its ticket yet: kept for staff, told to nobody outside, until somebody decides (E-39)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record, system
from answerable.casework import actions as casework
from answerable.casework.messages import message_of
from answerable.casework.settle import staff_news
from answerable.lib.errors import Refused
from answerable.live.actions import publish_many
from answerable.mail import parse
from answerable.mail.models import RawMail
from answerable.people.actions import contact
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access
from answerable.tickets.held import Held
from answerable.tickets.models import Reply, Ticket


def held_since(ticket: Ticket, since: datetime) -> int:
    """How much mail was held on the ticket from `since` on, settled or not."""
    return Held.objects.filter(ticket=ticket, at__gt=since).count()


def hold(ticket: Ticket, raw: RawMail, incoming: parse.Incoming, reason: str, now: datetime) -> Held:
    """Put the message beside its ticket, for staff alone. Opens no clock, reopens nothing, sends nothing."""
    message = message_of(incoming, raw)
    held = Held.objects.create(
        ticket=ticket,
        sender=incoming.sender,
        sender_name=incoming.sender_name[:200],
        reason=reason[:64],
        at=now,
        received_at=raw.received_at,
        text=message.text,
        html=message.html,
        on_sheet=message.on_sheet,
        origin=dict(message.origin),
        file_names=[upload.name for upload in message.files],
        raw_id=raw.pk,
    )
    record(system("mail room"), "hold", ("ticket", ticket.pk), now, held=held.pk, reason=reason)
    publish_many(staff_news(ticket))
    return held


def approve(person: Person, held_id: int, now: datetime, *, join: bool) -> Reply:
    """Make the held message a public reply; its promise counts from now. `join`: the sender is CC'd from now on."""
    with transaction.atomic():
        held = _open(person, held_id, now)
        raw = RawMail.objects.get(pk=held.raw_id)
        incoming = parse.read(bytes(raw.body))
        sender = contact(held.sender, held.sender_name, now)
        reply = casework.add_approved(
            person, sender, held.ticket_id, message_of(incoming, raw, approved=True), now, join=join
        )
        _settle(held, "approved", person, now)
    return reply


def dismiss(person: Person, held_id: int, now: datetime) -> None:
    """Leave the message out of the conversation. It stays listed for staff, and its raw mail is kept."""
    with transaction.atomic():
        held = _open(person, held_id, now)
        _settle(held, "dismissed", person, now)
        publish_many(staff_news(held.ticket))


def _open(person: Person, held_id: int, now: datetime) -> Held:
    held = Held.objects.select_related("ticket").filter(pk=held_id).first()
    standing = access.standing(person, access.lock(held.ticket_id), now) if held else None
    if held is None or standing is None or not access.may_see_notes(standing):
        raise Refused("not_found", _("There is no such message, or you may not see it."))
    access.require(access.may_work(standing))
    held = Held.objects.select_for_update(of=("self",)).select_related("ticket").get(pk=held_id)
    if held.settled_at is not None:
        raise Refused("conflict", _("Somebody has decided on this message already."))
    return held


def _settle(held: Held, how: str, person: Person, now: datetime) -> None:
    held.settled_at, held.settled_as, held.settled_by = now, how, person
    held.save(update_fields=["settled_at", "settled_as", "settled_by"])
    record(actor_of(person), f"held_{how}", ("ticket", held.ticket_id), now, held=held.pk)
