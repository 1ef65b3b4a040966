"""The ladder's log, append-only, and where each episode stands: a cache of the fold, by which timers are found."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from answerable.escalation.ladder import Ladder


class Episode(models.Model):
    """One climb of one request. `number` counts from 1 on each; `house`: whose open ones are counted together."""

    ticket_id = models.BigIntegerField()
    number = models.PositiveIntegerField()
    house = models.CharField(max_length=24)
    begun_at = models.DateTimeField()
    is_open = models.BooleanField(default=True)
    level = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=12, blank=True)
    due_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "escalation"
        constraints = [
            models.UniqueConstraint("ticket_id", "number", name="episode_once"),
            models.UniqueConstraint(fields=["ticket_id"], condition=Q(is_open=True), name="episode_open_once"),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=Q(is_open=True, due_at__isnull=False), name="episode_due"),
            models.Index(fields=["house", "id"], condition=Q(is_open=True), name="episode_house"),
        ]

    def __str__(self) -> str:
        return f"episode {self.number} of {self.ticket_id}"


class LadderStep(models.Model):
    """One row of the log; see `ladder.Step`. `ticket_id` is a bare id: tickets are another room. Never changed, but
    that words in `why` are removed (docs/decisions/0045). A page is one row for each episode, level and attempt."""

    ticket_id = models.BigIntegerField()
    episode = models.PositiveIntegerField()
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    below = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField()
    by_id = models.BigIntegerField(null=True)
    by_label = models.CharField(max_length=254, blank=True)
    cause = models.CharField(max_length=24, blank=True)
    why = models.TextField(blank=True)
    due_at = models.DateTimeField(null=True)
    attempt = models.PositiveIntegerField(default=0)
    people = ArrayField(models.BigIntegerField(), default=list)
    names = ArrayField(models.CharField(max_length=254), default=list)
    emission_id = models.BigIntegerField(null=True)
    late = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "escalation"
        constraints = [
            models.UniqueConstraint(
                fields=["ticket_id", "episode", "level", "kind", "attempt"],
                condition=Q(attempt__gt=0),
                name="ladder_page_once",
            ),
            models.UniqueConstraint(
                fields=["emission_id"], condition=Q(emission_id__isnull=False), name="ladder_breach_once"
            ),
        ]
        indexes = [models.Index("ticket_id", "id", name="ladder_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} {self.below}→{self.level} of {self.ticket_id}"


def log_of(ticket_id: int) -> list[LadderStep]:
    """The request's whole log, oldest first."""
    return list(LadderStep.objects.filter(ticket_id=ticket_id).order_by("id"))


def due(now: datetime, limit: int, but: Iterable[int] = ()) -> list[int]:
    """Requests whose ladder moves by itself: a short scan of an index on what is due. `but`: those that were looked
    at, and may be due all the same."""
    rows = Episode.objects.filter(is_open=True, due_at__lt=now).exclude(ticket_id__in=list(but))
    rows = rows.order_by("due_at", "id")
    return list(rows.values_list("ticket_id", flat=True)[:limit])


def keep(ticket_id: int, house: str, ladder: Ladder, at: datetime) -> Episode:
    """Where the episode stands, for timers and counts. The caller holds the request's lock."""
    values = {
        "house": house,
        "is_open": ladder.is_open,
        "level": ladder.level,
        "stage": ladder.stage,
        "due_at": ladder.due_at,
    }
    row, _ = Episode.objects.update_or_create(
        ticket_id=ticket_id, number=ladder.episode, defaults=values, create_defaults=values | {"begun_at": at}
    )
    return row


def open_in(houses: Iterable[str]) -> Sequence[Episode]:
    """The open episodes of these, the oldest first."""
    return list(Episode.objects.filter(is_open=True, house__in=list(houses)).order_by("id")[:500])


def episode(pk: int) -> Episode | None:
    """By its id."""
    return Episode.objects.filter(pk=pk).first()
