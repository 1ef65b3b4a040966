"""Promises as stored: the terms of each policy version, and each ticket's legs as a cache of sla.evaluate."""

from django.db import models
from django.db.models import Q

from answerable.tickets.models import Ticket


class Terms(models.Model):
    """Severities and plans of one policy version. Immutable; a ticket names the version that judged it."""

    version = models.PositiveIntegerField(unique=True)
    severities = models.JSONField()
    plans = models.JSONField()
    default_severity = models.CharField(max_length=2)
    default_plan = models.CharField(max_length=64)
    effective_from = models.DateTimeField()

    class Meta:
        verbose_name_plural = "terms"

    def __str__(self) -> str:
        return f"terms {self.version}"


class Leg(models.Model):
    """One promise being kept once (sla contract §1, §3). `elapsed` and `target` in open seconds."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(max_length=16)
    index = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    start = models.DateTimeField()
    target = models.PositiveIntegerField(null=True)
    elapsed = models.PositiveIntegerField()
    fulfilled_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=12, blank=True)
    policy_version = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint("ticket", "metric", "index", name="leg_once")]
        indexes = [
            models.Index(
                fields=["due_at", "id"],
                condition=Q(due_at__isnull=False, state="running", breached_at__isnull=True),
                name="leg_due",
            )
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.index} of {self.ticket_id}"


class Emission(models.Model):
    """That a breach was announced: once ever for a leg, whoever finds it first."""

    leg = models.ForeignKey(Leg, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    detected_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("leg", "kind", name="emission_once")]

    def __str__(self) -> str:
        return f"{self.kind} of leg {self.leg_id}"
