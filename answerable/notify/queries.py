"""What was sent, and what became of it."""

from datetime import datetime

from django.db.models import QuerySet

from answerable.lib.rows import cursor
from answerable.notify.models import Delivery
from answerable.people.models import Person


def of_ticket(ticket_id: int) -> dict[int, list[Delivery]]:
    """A ticket's mails by the entry that they carry."""
    found: dict[int, list[Delivery]] = {}
    rows = Delivery.objects.filter(ticket_id=ticket_id, entry_id__isnull=False).defer("text", "html").order_by("id")
    for row in rows:
        found.setdefault(row.entry_id or 0, []).append(row)
    return found


_SENT_SINCE = "SELECT count(*) FROM notify_delivery WHERE person_id = $1 AND kind = $2 AND created_at >= $3"


def sent_to_since(person: Person, kind: str, since: datetime) -> int:
    """How many mails of this kind were written to the person since then."""
    with cursor() as asked:
        asked.execute(_SENT_SINCE, [person.pk, kind, since])
        row = asked.fetchone()
    assert row is not None
    return int(row[0])


def outbox(before: int | None) -> QuerySet[Delivery]:
    """Every mail we wrote, latest first, without its words; `before`: older than that id."""
    rows = Delivery.objects.defer("text", "html", "headers").order_by("-id")
    return rows if before is None else rows.filter(pk__lt=before)


def delivery(pk: int) -> Delivery | None:
    """One mail, whole."""
    return Delivery.objects.filter(pk=pk).select_related("person").first()
