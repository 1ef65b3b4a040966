"""What one request is to another: related, its duplicate, or an incident of a problem. For staff alone (decision 0047).

Links in mails are something else: `link_queries`.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least


class TicketLink(models.Model):
    """Two tickets, linked until `ended_at`. `source` is the duplicate or the incident, `target` what it is one of;
    of a related pair either may be either.
    """

    RELATED, DUPLICATE, INCIDENT = "related", "duplicate", "incident"
    KINDS = [(RELATED, "related"), (DUPLICATE, "duplicate of"), (INCIDENT, "incident of")]

    # related_name="+": a reverse name would reach the other ticket from one that its reader may see.
    source = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+", db_index=False)
    target = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=9, choices=KINDS)
    by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "tickets"
        constraints = [
            models.UniqueConstraint(
                Least("source", "target"),
                Greatest("source", "target"),
                condition=Q(ended_at__isnull=True),
                name="ticket_link_once",
            ),
            models.UniqueConstraint(
                fields=["source"], condition=Q(kind="incident", ended_at__isnull=True), name="one_problem_each"
            ),
            models.CheckConstraint(condition=~Q(source=F("target")), name="no_link_to_itself"),
        ]
        indexes = [
            models.Index(fields=["source", "kind", "-id"], condition=Q(ended_at__isnull=True), name="ticket_link_from"),
            models.Index(fields=["target", "kind", "-id"], condition=Q(ended_at__isnull=True), name="ticket_link_to"),
            models.Index(
                fields=["-id"], condition=Q(kind="incident", ended_at__isnull=True), name="ticket_link_incidents"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.kind} {self.target_id}"


# What a ticket is to the other one, seen from itself: (kind, whether it is the source).
HOWS = {
    "related": (TicketLink.RELATED, True),
    "duplicate_of": (TicketLink.DUPLICATE, True),
    "has_duplicate": (TicketLink.DUPLICATE, False),
    "incident_of": (TicketLink.INCIDENT, True),
    "has_incident": (TicketLink.INCIDENT, False),
}
_AROUND = {"duplicate_of": "has_duplicate", "incident_of": "has_incident"}
AROUND = {"related": "related", **_AROUND, **{other: how for how, other in _AROUND.items()}}


def how_of(kind: str, *, is_source: bool) -> str:
    """What the source, or the target, is to the other."""
    if kind == TicketLink.RELATED:
        return kind
    return next(how for how, key in HOWS.items() if key == (kind, is_source))


def between(one: int, other: int) -> TicketLink | None:
    """The link that these two have."""
    live = TicketLink.objects.filter(ended_at__isnull=True)
    return live.filter(source=one, target=other).first() or live.filter(source=other, target=one).first()


def problem_of(ticket_id: int) -> int | None:
    """Whose incident the ticket is."""
    live = TicketLink.objects.filter(source=ticket_id, kind=TicketLink.INCIDENT, ended_at__isnull=True)
    return live.values_list("target", flat=True).first()


def has_incidents(ticket_id: int) -> bool:
    """Whether the ticket is a problem."""
    return TicketLink.objects.filter(target=ticket_id, kind=TicketLink.INCIDENT, ended_at__isnull=True).exists()
