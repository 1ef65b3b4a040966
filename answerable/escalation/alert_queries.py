"""Alerts as pages show them, and who may acknowledge one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef

from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.paging import Find
from answerable.escalation.paging_policy import read
from answerable.people.models import Person, Role

__all__ = ["Alert", "AlertEntry", "Page"]

_ROWS = Alert.objects.select_related("team", "acked_by")


@dataclass(frozen=True)
class Place:
    """Where a page of the list ends: what runs comes first, each newest first."""

    over: bool
    id: int

    def __str__(self) -> str:
        return f"{'over' if self.over else 'on'}-{self.id}"


def read_place(text: str) -> Place | None:
    """The place in a query string; None for an empty or mangled one."""
    part, _, pk = text.partition("-")
    known = part in {"on", "over"} and pk.isascii() and pk.isdecimal() and len(pk) < 18
    return Place(part == "over", int(pk)) if known else None


def alerts(after: Place | None, size: int) -> tuple[list[Alert], Place | None]:
    """A page of the list, and where the next one begins. At most two statements."""
    found: list[Alert] = []
    for over in (False, True):
        if len(found) <= size and not (after and after.over and not over):
            rows = _ROWS.filter(state="resolved") if over else _ROWS.exclude(state="resolved")
            if after and after.over == over:
                rows = rows.filter(pk__lt=after.id)
            found += rows.order_by("-id")[: size + 1 - len(found)]
    shown = found[:size]
    return shown, Place(shown[-1].state == "resolved", shown[-1].pk) if len(found) > size else None


def alert(pk: int) -> Alert | None:
    """One of them."""
    return _ROWS.filter(pk=pk).first()


def log(row: Alert) -> list[AlertEntry]:
    """Its lines, the first one first."""
    return list(AlertEntry.objects.filter(alert=row).order_by("id"))


def pages(row: Alert) -> list[Page]:
    """Every try to reach somebody."""
    return list(Page.objects.filter(alert=row).select_related("person", "delivery").order_by("made_at", "id"))


def last_trouble(row: Alert) -> str:
    """Why its latest page failed, or is still on its way; "" for no page at all."""
    found = Page.objects.filter(alert=row).exclude(state="sent").order_by("-id")
    return found.exclude(result="").values_list("result", flat=True).first() or ""


def of_ticket(ticket_id: int) -> Alert | None:
    """The latest one of a request, levels of its ladder apart."""
    return _ROWS.filter(ticket_id=ticket_id, level__isnull=True).order_by("-id").first()


def running(ticket_id: int) -> int | None:
    """The id of the one of a request that is not over, levels of its ladder apart."""
    rows = Alert.objects.filter(ticket_id=ticket_id, level__isnull=True).exclude(state="resolved")
    return rows.order_by("-id").values_list("pk", flat=True).first()


def is_paging(ticket_id: int) -> bool:
    """Whether nobody has seen the P0 of a request; pages of its ladder are no matter."""
    return Alert.objects.filter(ticket_id=ticket_id, level__isnull=True, state="open").exists()


def of_ladder(ticket_id: int) -> int | None:
    """The id of the alert by which the level is paged where a request's ladder stands."""
    rows = Alert.objects.filter(ticket_id=ticket_id, level__isnull=False).exclude(state="resolved")
    return rows.order_by("-id").values_list("pk", flat=True).first()


@dataclass(frozen=True)
class Unanswered:
    """Alerts that nobody has seen yet: how many there are (at most one more than `most`), and the ids of those by which
    this person was paged, the newest first."""

    count: int
    mine: tuple[int, ...]


def unanswered(person: Person, most: int) -> Unanswered:
    """In one statement, which reads no further than it counts."""
    paged = Exists(Page.objects.filter(alert=OuterRef("pk"), person=person).exclude(state="void"))
    rows = list(Alert.objects.filter(state="open").order_by("-id").values_list("pk", paged)[: most + 1])
    return Unanswered(len(rows), tuple(pk for pk, is_mine in rows if is_mine))


def paged(alert_id: int) -> list[int]:
    """The ids of everybody who was paged, or is about to be."""
    return list(Page.objects.filter(alert=alert_id).order_by("person").values_list("person", flat=True).distinct())


def due(now: datetime, limit: int, but: Collection[int] = ()) -> list[int]:
    """Which are to be looked at; `but`: those that were, and may be due all the same."""
    rows = Alert.objects.filter(state="open", due_at__lte=now).exclude(pk__in=list(but)).order_by("due_at")
    return list(rows.values_list("pk", flat=True)[:limit])


def out(limit: int) -> list[tuple[int, int | None]]:
    """Whose policy ran out, which was not yet acted on: (id, ticket)."""
    rows = Alert.objects.filter(out_at__isnull=False, out_told_at__isnull=True).order_by("out_at")
    return list(rows.values_list("pk", "ticket_id")[:limit])


def open_for(person_id: int) -> tuple[int, ...]:
    """Of those that this person was paged for, the latest that nobody has seen yet."""
    rows = Alert.objects.filter(state="open", pages__person=person_id).order_by("-id").distinct()
    return tuple(rows.values_list("pk", flat=True)[:50])


def may_acknowledge(person: Person, row: Alert, find: Find, now: datetime) -> bool:
    """Whoever was paged, also after hand-off, and whoever its policy would page at this moment."""
    if not person.is_staff:
        return False
    if Page.objects.filter(alert=row, person=person).exists():
        return True
    return any(person.pk in find(name, now) for step in read(row.plan).steps for name in step.who)


def may_resolve(person: Person, *, may_ack: bool) -> bool:
    """They, and whoever leads."""
    return may_ack or (person.is_staff and person.role in {Role.LEAD, Role.ADMIN})


def names_of(ids: Collection[int]) -> dict[int, str]:
    """Of those whom the log names."""
    return {person.pk: person.label for person in Person.objects.filter(pk__in=ids)}
