"""Mail that may not join its ticket yet: kept for staff, told to nobody outside, until somebody decides (E-39)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from answerable.audit.actions import record, system
from answerable.casework import actions as casework
from answerable.casework.activity_notices import held_notices
from answerable.casework.messages import message_of
from answerable.casework.sender_actions import block_sender
from answerable.casework.settle import staff_news
from answerable.lib.errors import Refused
from answerable.live.actions import publish_many
from answerable.mail import bounded
from answerable.mail.incoming import Incoming
from answerable.mail.models import RawMail
from answerable.mail.room_actions import hold_raw, settle_held
from answerable.notify.actions import tell
from answerable.people.actions import contact
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access
from answerable.tickets.held import Held
from answerable.tickets.models import Reply, Ticket


def held_since(ticket: Ticket, since: datetime) -> int:
    """How much mail was held on the ticket from `since` on, settled or not."""
    return Held.objects.filter(ticket=ticket, at__gt=since).count()


def hold(ticket: Ticket, raw: RawMail, incoming: Incoming, reason: str, now: datetime) -> Held:
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
    tell(held_notices(ticket, held.pk, incoming.sender, now))
    return held


def approve(person: Person, held_id: int, now: datetime, *, join: bool) -> Reply:
    """Make the held message a public reply; its promise counts from now. `join`: the sender is CC'd from now on."""
    with transaction.atomic():
        held = _open(person, held_id, now)
        raw = RawMail.objects.get(pk=held.raw_id)
        incoming = _read(raw)
        sender = contact(held.sender, held.sender_name, now)
        reply = casework.add_approved(
            person, sender, held.ticket_id, message_of(incoming, raw, approved=True), now, join=join
        )
        _settle(held, "approved", person, now)
        settle_held(held.raw_id, reply.pk, now)
    return reply


def _read(raw: RawMail) -> Incoming:
    try:
        return bounded.read(bytes(raw.body))
    except bounded.Unreadable:
        raise Refused("unreadable", _("This message cannot be read right now. Please try again later.")) from None


def dismiss(person: Person, held_id: int, now: datetime) -> None:
    """Leave the message out of the conversation. It stays listed for staff, and its raw mail is kept."""
    with transaction.atomic():
        held = _open(person, held_id, now)
        _settle(held, "dismissed", person, now)
        settle_held(held.raw_id, None, now)
        publish_many(staff_news(held.ticket))


def spam(person: Person, held_id: int, now: datetime) -> None:
    """Keep the message out, and block its sender: what they write from now on waits in quarantine."""
    with transaction.atomic():
        held = _open(person, held_id, now)
        _settle(held, "spam", person, now)
        settle_held(held.raw_id, None, now)
        block_sender(person, held.sender, now)
        publish_many(staff_news(held.ticket))


def take(person: Person, held_id: int, how: str, now: datetime) -> tuple[Ticket, int]:
    """Settle it as `how`, for whoever makes something else of the message: its ticket, and the id of its raw mail."""
    held = _open(person, held_id, now)
    _settle(held, how, person, now)
    publish_many(staff_news(held.ticket))
    return held.ticket, held.raw_id


def waiting_of(raw_id: int) -> int | None:
    """The held entry that a message waits as; None: it does not (any more)."""
    return Held.objects.filter(raw_id=raw_id, settled_at__isnull=True).values_list("pk", flat=True).first()


def forget(raw_id: int) -> None:
    """The message is no longer bound to its settled entry: it may be held again, elsewhere.

    The entry stays where it was, as one that was moved away, without its words.
    """
    rows = Held.objects.filter(raw_id=raw_id)
    rows.update(raw_id=-F("id"), text="", html="", file_names=[])


def _open(person: Person, held_id: int, now: datetime) -> Held:
    held = Held.objects.select_related("ticket").filter(pk=held_id).first()
    if held is not None:
        hold_raw(held.raw_id)
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
