"""What was sent, and what became of it."""

from datetime import datetime

from django.db.models import QuerySet

from answerable.lib import sql
from answerable.notify.models import Delivery
from answerable.people.models import Person

_OF_TICKET = """
SELECT entry_id, address, state FROM notify_delivery
WHERE ticket_id = %(ticket)s AND entry_id IS NOT NULL ORDER BY id
"""


def of_ticket(ticket_id: int) -> dict[int, list[tuple[str, str]]]:
    """To which addresses a ticket's entries were mailed and what became of each, by entry."""
    found: dict[int, list[tuple[str, str]]] = {}
    for entry, address, state in sql.rows(_OF_TICKET, {"ticket": ticket_id}):
        found.setdefault(entry, []).append((address, state))
    return found


def sent_to_since(person: Person, kind: str, since: datetime) -> int:
    """How many mails of this kind were written to the person since then."""
    return Delivery.objects.filter(person=person, kind=kind, created_at__gte=since).count()


def outbox(before: int | None) -> QuerySet[Delivery]:
    """Every mail we wrote, latest first, without its words; `before`: older than that id."""
    rows = Delivery.objects.defer("text", "html", "headers").order_by("-id")
    return rows if before is None else rows.filter(pk__lt=before)


def delivery(pk: int) -> Delivery | None:
    """One mail, whole."""
    return Delivery.objects.filter(pk=pk).select_related("person").first()
