"""Tickets to which words of one were carried: follow-ups, merged ones, and where messages were moved or split off."""

from collections.abc import Iterable

from answerable.audit.queries import data_of
from answerable.mail.models import RawMail
from answerable.tickets.held import Held
from answerable.tickets.models import Event, Ticket

# So many of a kind are looked at: a ticket that hundreds were merged into is an outage, not a conversation.
MOST = 50


def related_to(ticket_id: int) -> list[int]:
    """Their ids, without the ticket's own, in a steady order."""
    ticket = Ticket.objects.filter(pk=ticket_id).first()
    if ticket is None:
        return []
    moved = _moved_to(ticket_id) | _moved_from(ticket_id) | _held_elsewhere(ticket_id)
    found = {ticket.follow_up_of_id, ticket.merged_into_id, *moved}
    for name in ("follow_up_of", "merged_into"):
        found |= _some(Ticket.objects.filter(**{name: ticket_id}).values_list("pk", flat=True))
    return sorted(pk for pk in found if pk is not None and pk != ticket_id)


def _some(ids: Iterable[int]) -> set[int]:
    return {pk for pk, _number in zip(ids, range(MOST), strict=False)}


def _moved_to(ticket_id: int) -> set[int]:
    events = Event.objects.filter(ticket=ticket_id, kind="message_moved")
    numbers = [data["to"] for data in events.values_list("data", flat=True)]
    return set(Ticket.objects.filter(number__in=numbers).values_list("pk", flat=True))


def _moved_from(ticket_id: int) -> set[int]:
    mail = RawMail.objects.filter(ticket_id=ticket_id).values_list("pk", flat=True)
    told = data_of("mail", list(mail), ("mail_moved", "mail_split"))
    return {data["before"] for data in told if data.get("before") is not None}


def _held_elsewhere(ticket_id: int) -> set[int | None]:
    """Where mail went that was held here: the held entry no longer names its mail, but when and from whom it came."""
    went = Held.objects.filter(ticket=ticket_id, settled_as__in=["moved", "split"]).values_list("sender", "received_at")
    found: set[int | None] = set()
    for sender, at in went[:MOST]:
        found |= set(RawMail.objects.filter(sender=sender, received_at=at).values_list("ticket_id", flat=True))
    return found
