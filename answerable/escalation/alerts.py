"""Rows of paging: policies, alerts, each page with what became of it, and the log that is only ever added to."""

import uuid

from django.db import models
from django.db.models import Q

from answerable.notify.channel_rows import Channel
from answerable.notify.models import Delivery
from answerable.people.models import Person, Team

# The source of what a drill raises begins so.
DRILL = "drill:"


class PagingPolicy(models.Model):
    """[paging.<key>] of the policy: `steps` as `[{"who": [name], "wait": seconds}]`, for the teams with these keys.

    `managed`: whether support.toml ("file") or a page ("desk") says it; `version`: one more with each change.
    """

    key = models.SlugField(max_length=64, unique=True)
    # "": it is called by its key.
    name = models.CharField(max_length=200, blank=True, default="", db_default="")
    managed = models.CharField(
        max_length=4, default="file", db_default="file", choices=[("file", "file"), ("desk", "desk")]
    )
    version = models.PositiveIntegerField(default=1, db_default=1)
    steps = models.JSONField()
    every_seconds = models.PositiveIntegerField()
    rounds = models.PositiveSmallIntegerField()
    teams = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "escalation"
        verbose_name_plural = "paging policies"

    def __str__(self) -> str:
        return self.name or self.key


class Alert(models.Model):
    """Something for which a person is woken. `source` names what it is about ("ticket:17"); `ticket_id` is a bare id.

    The plan is a copy of the policy's as it was raised: a change of the policy moves no alert that is under way.
    `due_at`: when it is to be looked at again, None while it pages nobody. `out_at`, `out_told_at`: when its policy had
    run out, and when what follows from that was done. `level`, of an `episode`: of the ladder, which has its own timers
    and says who is paged (`ladder_pages`); None for every other alert.
    """

    dedup_key = models.CharField(max_length=200)
    title = models.CharField(max_length=300)
    link = models.CharField(max_length=500, blank=True)
    severity = models.CharField(max_length=8)
    source = models.CharField(max_length=100)
    ticket_id = models.BigIntegerField(null=True)
    episode = models.PositiveIntegerField(null=True)
    level = models.PositiveSmallIntegerField(null=True)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+")
    policy = models.CharField(max_length=64, blank=True)
    plan = models.JSONField()
    state = models.CharField(max_length=8, default="open", choices=[(s, s) for s in ("open", "acked", "resolved")])
    raised_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    acked_at = models.DateTimeField(null=True)
    acked_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    acked_label = models.CharField(max_length=254, blank=True, default="", db_default="")
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=254, blank=True)
    out_at = models.DateTimeField(null=True)
    out_told_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "escalation"
        constraints = [
            models.UniqueConstraint(fields=["dedup_key"], condition=~Q(state="resolved"), name="alert_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="open", due_at__isnull=False), name="alert_due"),
            models.Index(
                fields=["out_at"], condition=Q(out_at__isnull=False, out_told_at__isnull=True), name="alert_out"
            ),
            models.Index(fields=["-id"], condition=~Q(state="resolved"), name="alert_running"),
            models.Index(fields=["ticket_id", "-id"], condition=Q(ticket_id__isnull=False), name="alert_ticket"),
        ]

    def __str__(self) -> str:
        return f"alert {self.pk}: {self.title}"

    @property
    def is_drill(self) -> bool:
        """Nothing burns: a drill asks whether somebody would come."""
        return self.source.startswith(DRILL)


class Page(models.Model):
    """One try to reach one person on one channel: unique for each alert, turn, number (its pages are counted from 0; of
    a level of the ladder, its attempts), person and `way` ("mail", or "channel:17").

    waiting: for `due_at`, or handed to a job that should be done by then. handed: in the outbox. void: nobody needs it.
    """

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="pages")
    turn = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    way = models.CharField(max_length=32)
    channel = models.ForeignKey(Channel, null=True, on_delete=models.SET_NULL, related_name="+")
    # As it is called on the page of the alert, should its person rename or remove it.
    label = models.CharField(max_length=120)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=8, default="waiting", choices=[(s, s) for s in ("waiting", "handed", "sent", "failed", "void")]
    )
    tries = models.PositiveSmallIntegerField(default=0)
    result = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey(Delivery, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        app_label = "escalation"
        constraints = [
            models.UniqueConstraint(fields=["alert", "turn", "number", "person", "way"], name="page_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="page_due"),
            models.Index(fields=["delivery"], condition=Q(delivery__isnull=False), name="page_delivery"),
        ]

    def __str__(self) -> str:
        return f"page {self.number} of alert {self.alert_id} to {self.person_id} by {self.way}"


class AlertEntry(models.Model):
    """A line of an alert's log (see `escalation.paging.Entry`): never changed, never removed. `at`: the moment that it
    counts from; `written_at`: when it was written."""

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="log")
    kind = models.CharField(max_length=16)
    at = models.DateTimeField()
    written_at = models.DateTimeField()
    turn = models.PositiveSmallIntegerField(default=0)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=254)
    data = models.JSONField(default=dict)

    class Meta:
        app_label = "escalation"
        verbose_name_plural = "alert entries"
        indexes = [models.Index(fields=["alert", "id"], name="alert_log")]

    def __str__(self) -> str:
        return f"{self.kind} on alert {self.alert_id}"
