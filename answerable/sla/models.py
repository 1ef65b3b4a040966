"""Promises as stored: the terms of each policy version, and each ticket's legs as a cache of sla.evaluate."""

from django.db import models
from django.db.models import Q

from answerable.people.models import Organization, Person, Team
from answerable.tickets.models import Ticket

# What the sweeper still has to look at: running, and not yet known to be broken.
_OWED = Q(state="running", breached_at__isnull=True)


class Terms(models.Model):
    """Severities and plans of one policy version. Immutable; a ticket names the version that judged it."""

    version = models.PositiveIntegerField(unique=True)
    severities = models.JSONField()
    plans = models.JSONField()
    default_severity = models.CharField(max_length=2)
    default_plan = models.CharField(max_length=64)
    # pausable, retarget, warnings: see queries.Rules.
    rules = models.JSONField(default=dict)
    effective_from = models.DateTimeField()

    class Meta:
        verbose_name_plural = "terms"

    def __str__(self) -> str:
        return f"terms {self.version}"


class Leg(models.Model):
    """One promise being kept once (sla contract §1, §3), a cache of `evaluate`. Durations in open seconds.

    `calendar` to `tzdata` say by which versions it was judged. `epoch` rises when the due time moves later, so that a
    warning may be given anew. What stands under `judged_at` is frozen when the leg is first kept or broken: a report
    counts it for the severity, plan, organization, team and person of that moment (contract §1.4).
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    metric = models.CharField(max_length=16)
    index = models.PositiveIntegerField()
    state = models.CharField(max_length=12)
    start = models.DateTimeField()
    target = models.PositiveIntegerField(null=True)
    elapsed = models.PositiveIntegerField()
    remaining = models.PositiveIntegerField(null=True)
    evaluated_at = models.DateTimeField()
    fulfilled_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    warn_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    cause = models.CharField(max_length=12, blank=True)
    excused = models.CharField(max_length=500, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    policy_version = models.PositiveIntegerField()
    calendar = models.CharField(max_length=64)
    calendar_version = models.PositiveIntegerField()
    tzdata = models.CharField(max_length=16)

    judged_at = models.DateTimeField(null=True)
    severity = models.CharField(max_length=2, blank=True)
    plan = models.CharField(max_length=64, blank=True)
    organization = models.ForeignKey(Organization, null=True, on_delete=models.SET_NULL, related_name="+")
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL, related_name="+")
    agent = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("ticket", "metric", "index", name="leg_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], condition=_OWED & Q(due_at__isnull=False), name="leg_due"),
            models.Index(fields=["warn_at", "id"], condition=_OWED & Q(warn_at__isnull=False), name="leg_warn"),
            models.Index(fields=["judged_at"], condition=Q(judged_at__isnull=False), name="leg_judged"),
        ]

    def __str__(self) -> str:
        return f"{self.metric} {self.index} of {self.ticket_id}"


class Emission(models.Model):
    """That something was said of a leg: a breach once ever, a warning once for each threshold and epoch.

    Whoever of several finders gets the row in says it. `suppressed`: a warning that its breach overtook.
    """

    leg = models.ForeignKey(Leg, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=12)
    threshold = models.CharField(max_length=16, blank=True)
    epoch = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    detected_at = models.DateTimeField()
    suppressed = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint("leg", "kind", "threshold", "epoch", name="emission_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.threshold} of leg {self.leg_id}"


class Replan(models.Model):
    """A walk over every open ticket, in the background and in small steps: the row is its progress.

    `kind`: "calendar" (`key` changed), "policy" (put on open tickets), "tzdata", "warnings" or "audit". `cursor` is
    the last ticket done; `moved` counts the clocks that came out differently.
    """

    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=64, blank=True)
    asked_by = models.CharField(max_length=254)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    cursor = models.BigIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(finished_at__isnull=True), name="replan_waiting")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.done}/{self.total}"


class Defect(models.Model):
    """A stored clock that the nightly audit found to differ from its events; it was put right in the same step."""

    ticket_id = models.BigIntegerField()
    number = models.BigIntegerField()
    metric = models.CharField(max_length=16)
    index = models.PositiveIntegerField()
    stored = models.JSONField()
    computed = models.JSONField()
    found_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.metric} {self.index} of #{self.number}"
