"""Rows of drills: what the policy plans, each run, and what became of its test P0 on each way in."""

from django.db import models
from django.db.models import Q

from answerable.escalation.alerts import Alert
from answerable.people.models import Person, Team

STATES = ("running", "passed", "failed", "stopped", "skipped")


class DrillRule(models.Model):
    """[drill] of the policy, the only row: weekly on `day` ("mon") at `at` in `zone`, for the team with this key (""
    for P0s without a team). `since`: when that was put in force; nothing is planned before."""

    enabled = models.BooleanField()
    day = models.CharField(max_length=3)
    at = models.CharField(max_length=5)
    zone = models.CharField(max_length=64)
    team = models.CharField(max_length=64, blank=True)
    since = models.DateTimeField()

    class Meta:
        app_label = "escalation"

    def __str__(self) -> str:
        return f"{self.day} {self.at} {self.zone}" if self.enabled else "no weekly drill"


class Drill(models.Model):
    """One run. `planned_at`: the weekly moment that it is for; None: somebody asked for it. `why`: what kept one that
    was skipped from running."""

    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(max_length=254)
    planned_at = models.DateTimeField(null=True, unique=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=254, blank=True)
    state = models.CharField(max_length=8, default="running", choices=[(s, s) for s in STATES])
    why = models.CharField(max_length=32, blank=True)

    class Meta:
        app_label = "escalation"
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=Q(state="running"), name="drill_one_at_once"),
        ]

    def __str__(self) -> str:
        return f"drill {self.pk} of {self.began_at:%Y-%m-%d %H:%M}"


class DrillLeg(models.Model):
    """The test P0 of one way in: `token` opens its door once. Each moment is written once, as it comes.

    `stood_at`: the step that did not come about (see `drilling.STEPS`), "" where all did; `error`: what was heard then.
    `late_at`: it came after all, when nobody waited for it any more.
    """

    drill = models.ForeignKey(Drill, on_delete=models.PROTECT, related_name="legs")
    channel = models.CharField(max_length=8, choices=[(s, s) for s in ("mail", "portal")])
    token = models.CharField(max_length=32, unique=True)
    begun_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    raised_at = models.DateTimeField(null=True)
    paged_at = models.DateTimeField(null=True)
    acked_at = models.DateTimeField(null=True)
    acked_by = models.CharField(max_length=254, blank=True)
    ended_at = models.DateTimeField(null=True)
    stood_at = models.CharField(max_length=8, blank=True)
    error = models.CharField(max_length=500, blank=True)
    late_at = models.DateTimeField(null=True)
    ticket_id = models.BigIntegerField(null=True)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "escalation"
        constraints = [models.UniqueConstraint(fields=["drill", "channel"], name="drill_leg_once")]

    def __str__(self) -> str:
        return f"{self.channel} of drill {self.drill_id}"
