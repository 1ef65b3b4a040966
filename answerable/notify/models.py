"""The outbox: one row a message to one person, written with what caused it, sent after the commit."""

from django.db import models

import answerable.notify.channel_rows
import answerable.notify.push_rows
from answerable.people.models import Person

# Imported so that Django knows their models.
_REGISTERED = (answerable.notify.channel_rows, answerable.notify.push_rows)


class Delivery(models.Model):
    """A mail to one person. `ticket_id` and `entry_id` are bare ids: tickets lie above this room."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    address = models.EmailField(max_length=254)
    kind = models.CharField(max_length=24)
    ticket_id = models.BigIntegerField(null=True)
    entry_id = models.BigIntegerField(null=True)
    message_id = models.CharField(max_length=250, unique=True)
    subject = models.TextField()
    text = models.TextField()
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    envelope_from = models.CharField(max_length=254, blank=True)
    created_at = models.DateTimeField()
    state = models.CharField(
        max_length=12,
        default="queued",
        choices=[(s, s) for s in ("queued", "sent", "deferred", "failed", "suppressed", "bounced")],
    )
    attempts = models.PositiveSmallIntegerField(default=0)
    # Why it is not there (yet), and the x.y.z of that (RFC 3463) where somebody said it.
    last_error = models.TextField(blank=True)
    status = models.CharField(max_length=12, blank=True)
    next_try_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # What a mail server told of it last: delayed, delivered, relayed or expanded; "" where none did.
    receipt = models.CharField(max_length=12, blank=True)
    # When the ticket's people were told that it failed, and how often it was sent again by hand.
    told_at = models.DateTimeField(null=True)
    again = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "deliveries"
        indexes = [
            models.Index(fields=["ticket_id", "entry_id"], name="delivery_ticket"),
            models.Index(fields=["-id"], condition=models.Q(state__in=["queued", "deferred"]), name="delivery_waits"),
            models.Index(fields=["-id"], condition=models.Q(state__in=["failed", "bounced"]), name="delivery_broken"),
            models.Index(
                fields=["id"], condition=models.Q(state="failed", told_at__isnull=True), name="delivery_untold"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.address}"


class Receipt(models.Model):
    """One thing that a mail server, or its recipient, told of a mail: never changed. `action` as in a report (failed,
    delayed, delivered, relayed, expanded), or "complained"; `address` as we wrote to it."""

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="receipts")
    address = models.EmailField(max_length=254)
    action = models.CharField(max_length=12)
    status = models.CharField(max_length=12, blank=True)
    text = models.TextField(blank=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["address", "at"], condition=models.Q(action="failed"), name="receipt_failed"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.status} {self.address}"


class Notice(models.Model):
    """Something that a member of staff is told in the product. No text: `data` is JSON that a page puts into words.

    `ticket_id` is a bare id; whoever shows the notice asks `tickets.access` for the ticket. `key` names what caused
    it, so that telling the same person twice is once. `in_app`, `browser`, `mail`: where its person wanted it when it
    was told; `mail_at`: from when on it waits to be mailed.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=64)
    ticket_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    in_app = models.BooleanField(default=True, db_default=True)
    browser = models.BooleanField(default=False, db_default=False)
    mail = models.CharField(max_length=8, blank=True, default="", db_default="")
    mail_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    # Told because the request is their team's, or they follow it, and not because it is theirs. Never stored.
    wide = False

    class Meta:
        constraints = [models.UniqueConstraint("person", "key", name="notice_once")]
        indexes = [
            models.Index(fields=["person", "-id"], name="notice_person"),
            models.Index(fields=["person", "-id"], condition=models.Q(read_at__isnull=True), name="notice_unread_id"),
            models.Index(fields=["person", "ticket_id", "-id"], name="notice_of_ticket"),
            models.Index(fields=["person", "-id"], condition=models.Q(kind="mention"), name="notice_mention"),
            models.Index(fields=["mail_at"], condition=models.Q(mail_at__isnull=False), name="notice_to_mail"),
            models.Index(fields=["ticket_id"], condition=models.Q(ticket_id__isnull=False), name="notice_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.person_id}"


class Wishes(models.Model):
    """How a person wants to be told. `kinds`: see `notify.kinds`; quiet hours: none where `quiet_from` is None."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    kinds = models.JSONField(default=dict)
    zone = models.CharField(max_length=64, blank=True)
    quiet_from = models.TimeField(null=True)
    quiet_to = models.TimeField(null=True)
    quiet_days = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "wishes"

    def __str__(self) -> str:
        return f"wishes of {self.person_id}"
