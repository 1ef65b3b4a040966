"""What was sent, and what became of it."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Max, Prefetch, QuerySet

from answerable.lib import sql
from answerable.lib.rows import cursor
from answerable.notify.models import Delivery, Receipt
from answerable.people.models import Person

_OF_TICKET = """
SELECT d.id, d.entry_id, d.address, coalesce(nullif(p.name, ''), p.email), d.kind, d.state, d.receipt, d.last_error,
  d.next_try_at, coalesce(d.sent_at, d.created_at)
FROM notify_delivery d JOIN people_person p ON p.id = d.person_id
WHERE d.ticket_id = %(ticket)s AND d.entry_id IS NOT NULL ORDER BY d.id
"""


class Sent(NamedTuple):
    """What became of one mail: `fate` is waiting, deferred, accepted, delayed, delivered, relayed, expanded, failed,
    bounced or suppressed; `why` the reason of those that are not there."""

    id: int
    address: str
    name: str
    kind: str
    fate: str
    why: str
    next_try_at: datetime | None
    at: datetime

    @property
    def is_broken(self) -> bool:
        """It will not arrive unless somebody does something."""
        return self.fate in BROKEN


BROKEN = ("failed", "bounced")
WAITING = ("queued", "deferred")


def fate(state: str, receipt: str) -> str:
    """Our own state of a mail, with what was heard of it since, as one word."""
    if state == "sent":
        return receipt or "accepted"
    return "waiting" if state == "queued" else state


def of_ticket(ticket_id: int) -> dict[int, list[Sent]]:
    """To whom a ticket's entries were mailed and what became of each, by entry."""
    found: dict[int, list[Sent]] = {}
    for pk, entry, address, name, kind, state, receipt, why, next_try, at in sql.rows(
        _OF_TICKET, {"ticket": ticket_id}
    ):
        found.setdefault(entry, []).append(Sent(pk, address, name, kind, fate(state, receipt), why, next_try, at))
    return found


_SENT_SINCE = "SELECT count(*) FROM notify_delivery WHERE person_id = $1 AND kind = $2 AND created_at >= $3"


def sent_to_since(person: Person, kind: str, since: datetime) -> int:
    """How many mails of this kind were written to the person since then."""
    with cursor() as asked:
        asked.execute(_SENT_SINCE, [person.pk, kind, since])
        row = asked.fetchone()
    assert row is not None
    return int(row[0])


def in_a_row(ticket_id: int, address: str, kinds: list[str], since: datetime) -> tuple[int, datetime | None]:
    """How many mails of these kinds were written on the ticket to this address from `since` on, and when the last."""
    rows = Delivery.objects.filter(ticket_id=ticket_id, address=address, kind__in=kinds, created_at__gte=since)
    found = rows.aggregate(count=Count("id"), latest=Max("created_at"))
    return found["count"], found["latest"]


def failures(address: str, since: datetime | None) -> list[tuple[datetime, str]]:
    """When the address itself was refused for good (5.1.x), after `since`, and with which status."""
    rows = Receipt.objects.filter(address=address, action="failed", status__startswith="5.1.")
    if since is not None:
        rows = rows.filter(at__gt=since)
    return list(rows.order_by("at").values_list("at", "status"))


def untold(limit: int) -> list[int]:
    """Mails that were given up, of which nobody was told yet; the oldest first."""
    rows = Delivery.objects.filter(state="failed", told_at__isnull=True)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def find_sent(message_ids: Sequence[str]) -> Delivery | None:
    """The mail that we sent under the first of these Message-IDs that is one of ours."""
    rows = Delivery.objects.filter(message_id__in=message_ids).select_related("person")
    return min(rows, key=lambda row: message_ids.index(row.message_id), default=None)


def last_sent(ticket_id: int, person_id: int) -> Delivery | None:
    """The mail about the ticket that left last for this person."""
    rows = Delivery.objects.filter(ticket_id=ticket_id, person_id=person_id, state__in=["sent", "bounced"])
    return rows.select_related("person").order_by("-id").first()


# The filters of the outbox, by the word in its address.
SHOWN = {"waiting": WAITING, "failed": BROKEN}


def outbox(before: int | None, show: str = "") -> QuerySet[Delivery]:
    """Every mail we wrote, latest first, without its words; `before`: older than that id; `show`: one of SHOWN."""
    rows = Delivery.objects.defer("text", "html", "headers").order_by("-id")
    if show in SHOWN:
        rows = rows.filter(state__in=SHOWN[show])
    return rows if before is None else rows.filter(pk__lt=before)


def delivery(pk: int) -> Delivery | None:
    """One mail, whole, with what was told of it."""
    return Delivery.objects.filter(pk=pk).select_related("person").prefetch_related(_receipts()).first()


def _receipts() -> "Prefetch[str]":
    return Prefetch("receipts", Receipt.objects.order_by("id"))
