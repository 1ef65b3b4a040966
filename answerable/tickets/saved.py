"""Views that somebody keeps: conditions with columns, order and grouping, for oneself, a team, or everybody here."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

PERSONAL, TEAM, SHARED = "personal", "team", "shared"
SCOPES = [(PERSONAL, "personal"), (TEAM, "team"), (SHARED, "shared")]
LONGEST_NAME = 80


class SavedView(models.Model):
    """`owner`: who made it, and of a personal one whose it is. `ended_at`: deleted then, and can be brought back."""

    name = models.CharField(max_length=LONGEST_NAME)
    scope = models.CharField(max_length=8, choices=SCOPES)
    owner = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("people.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    conditions = models.JSONField(default=list)
    columns = ArrayField(models.CharField(max_length=16), default=list)
    order = models.CharField(max_length=16)
    group = models.CharField(max_length=16, blank=True)
    position = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "tickets"
        constraints = [
            models.CheckConstraint(condition=Q(scope=TEAM) ^ Q(team__isnull=True), name="saved_view_has_team"),
        ]
        indexes = [
            models.Index(fields=["owner"], condition=Q(scope=PERSONAL, ended_at__isnull=True), name="saved_view_own"),
            models.Index(fields=["team"], condition=Q(ended_at__isnull=True), name="saved_view_team"),
        ]

    def __str__(self) -> str:
        return self.name
