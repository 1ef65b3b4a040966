"""Rows of outside tools: which there are, each call to one about an alert, and what they said back."""

import uuid

from django.db import models
from django.db.models import Q

from answerable.escalation.alerts import Alert


class OutsideTool(models.Model):
    """[outside.<key>] of the policy. Secrets are in the environment: `key_variable` names the one that we send with,
    `secret_variable` the one by which the tool is known when it calls us.

    `people`: their number or address of a person -> that person's address with us. `rules`: where alerts that come from
    it go. `policies`: keys of the paging policies whose alerts it is told. `rest_until`: it failed, and is left alone.
    """

    key = models.SlugField(max_length=64, unique=True)
    kind = models.CharField(max_length=16, choices=[(k, k) for k in ("events_v2", "webhook", "alertmanager")])
    name = models.CharField(max_length=200)
    url = models.CharField(max_length=500, blank=True)
    key_variable = models.CharField(max_length=100, blank=True)
    secret_variable = models.CharField(max_length=100, blank=True)
    may_acknowledge = models.BooleanField(default=False)
    people = models.JSONField(default=dict)
    rules = models.JSONField(default=dict)
    policies = models.JSONField(default=list)
    retired_at = models.DateTimeField(null=True)
    rest_until = models.DateTimeField(null=True)
    # The last time that a call to it went well or did not, and that one of its own did.
    sent_at = models.DateTimeField(null=True)
    send_failed_at = models.DateTimeField(null=True)
    send_error = models.CharField(max_length=300, blank=True)
    heard_at = models.DateTimeField(null=True)
    hear_failed_at = models.DateTimeField(null=True)
    hear_error = models.CharField(max_length=300, blank=True)
    # The test that somebody asked for, and what became of it.
    asked_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    works = models.BooleanField(null=True)
    test_result = models.CharField(max_length=300, blank=True)

    class Meta:
        app_label = "escalation"

    def __str__(self) -> str:
        return self.key


class OutsideCall(models.Model):
    """One thing that a tool is to be told of an alert. `number`: how often the alert had been opened again by then.

    A tool gets the calls of an alert in the order of their ids: none leaves while an earlier one waits.
    """

    tool = models.ForeignKey(OutsideTool, on_delete=models.PROTECT, related_name="+")
    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="+")
    action = models.CharField(max_length=12, choices=[(a, a) for a in ("trigger", "acknowledge", "resolve")])
    number = models.PositiveSmallIntegerField(default=0)
    dedup_key = models.CharField(max_length=255)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    state = models.CharField(
        max_length=8, default="waiting", choices=[(s, s) for s in ("waiting", "sent", "failed", "void")]
    )
    tries = models.PositiveSmallIntegerField(default=0)
    result = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "escalation"
        constraints = [
            models.UniqueConstraint(fields=["tool", "alert", "action", "number"], name="outside_call_once"),
        ]
        indexes = [
            models.Index(fields=["tool", "due_at"], condition=Q(state="waiting"), name="outside_call_due"),
            models.Index(fields=["tool", "dedup_key"], condition=Q(action="trigger"), name="outside_call_key"),
        ]

    def __str__(self) -> str:
        return f"{self.action} of alert {self.alert_id} to {self.tool_id}"


class OutsideWord(models.Model):
    """What a tool said of an alert, once for each id that it gave it: never changed, never removed."""

    tool = models.ForeignKey(OutsideTool, on_delete=models.PROTECT, related_name="+")
    word_id = models.CharField(max_length=100)
    action = models.CharField(max_length=40)
    alert = models.ForeignKey(Alert, null=True, on_delete=models.CASCADE, related_name="+")
    by = models.CharField(max_length=254, blank=True)
    said_at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        app_label = "escalation"
        constraints = [models.UniqueConstraint(fields=["tool", "word_id"], name="outside_word_once")]

    def __str__(self) -> str:
        return f"{self.action} by {self.tool_id}: {self.word_id}"
