"""Envelopes: inboxes of ours, mailboxes we collect from, raw mail before anything reads it, known Message-IDs."""

from django.db import models
from django.db.models import Func, Q, Value


class Inbox(models.Model):
    """An address of ours that takes mail; `settings` as in the policy's [inbox.*] section."""

    key = models.SlugField(max_length=64, unique=True)
    address = models.EmailField(max_length=254)
    aliases = models.JSONField(default=list)
    team = models.SlugField(max_length=64, blank=True)
    severity = models.CharField(max_length=2, blank=True)
    acknowledge = models.BooleanField(default=True)
    trusted_authserv = models.JSONField(default=list)
    known_contacts_only = models.BooleanField(default=False)
    # Where reply+TOKEN addresses live; one for the installation, written with each inbox.
    reply_domain = models.CharField(max_length=253)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "inboxes"
        constraints = [
            models.UniqueConstraint(
                fields=["address"], condition=Q(retired_at__isnull=True), name="inbox_address_once"
            ),
        ]

    def __str__(self) -> str:
        return self.address


class Mailbox(models.Model):
    """An IMAP folder that we collect; the password is named by an environment variable, never stored here."""

    name = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=993)
    tls = models.CharField(
        max_length=8, default="ssl", choices=[("ssl", "ssl"), ("starttls", "starttls"), ("none", "none")]
    )
    user = models.CharField(max_length=254)
    password_variable = models.CharField(max_length=100)
    folder = models.CharField(max_length=200, default="INBOX")
    inbox = models.EmailField(max_length=254)
    uid_validity = models.BigIntegerField(null=True)
    next_uid = models.BigIntegerField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "mailboxes"

    def __str__(self) -> str:
        return self.name


class RawMail(models.Model):
    """A message as it came. Stored before anything parses it; ends in exactly one visible outcome (E-3, E-6)."""

    inbox = models.CharField(max_length=254)
    envelope_from = models.CharField(max_length=512, blank=True)
    envelope_to = models.JSONField(default=list)
    received_at = models.DateTimeField()
    source = models.CharField(max_length=16)
    mailbox = models.ForeignKey(Mailbox, null=True, on_delete=models.PROTECT, related_name="+")
    uid_validity = models.BigIntegerField(null=True)
    uid = models.BigIntegerField(null=True)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()

    state = models.CharField(
        max_length=12,
        default="received",
        choices=[("received", "received"), ("done", "done"), ("quarantined", "quarantined")],
    )
    outcome = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=64, blank=True)
    trace = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    handled_at = models.DateTimeField(null=True)
    fingerprint = models.CharField(max_length=64, blank=True)
    message_id = models.TextField(blank=True)
    sender = models.CharField(max_length=254, blank=True)
    subject = models.TextField(blank=True)
    flags = models.JSONField(default=list)
    verdict = models.CharField(max_length=4, blank=True)
    ticket_id = models.BigIntegerField(null=True)
    entry_id = models.BigIntegerField(null=True)
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mailbox", "uid_validity", "uid"],
                condition=Q(mailbox__isnull=False),
                name="rawmail_imap_once",
            ),
        ]
        indexes = [
            models.Index(fields=["received_at", "id"], condition=Q(state="received"), name="rawmail_waiting"),
            models.Index(fields=["-id"], condition=Q(state="quarantined"), name="rawmail_quarantine"),
            models.Index(fields=["fingerprint"], condition=~Q(fingerprint=""), name="rawmail_fingerprint"),
            models.Index(fields=["message_id"], condition=~Q(message_id=""), name="rawmail_message_id"),
            models.Index(fields=["sender", "received_at"], name="rawmail_sender"),
            models.Index(
                Func("sender", Value("@"), Value(2), function="split_part"), "received_at", name="rawmail_domain"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.sender} {self.outcome or self.state}"


class MessageRef(models.Model):
    """A Message-ID that leads to a ticket: one we made (`ours`), or one of a received message that became an entry."""

    message_id = models.TextField()
    # As its sender wrote it: what mail programs thread by.
    written = models.TextField(blank=True)
    ours = models.BooleanField()
    ticket_id = models.BigIntegerField()
    entry_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["message_id"], name="messageref_id"),
            models.Index(fields=["ticket_id", "at"], name="messageref_ticket"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["message_id"], condition=Q(ours=True), name="messageref_ours_once"),
        ]

    def __str__(self) -> str:
        return self.message_id


class Wording(models.Model):
    """A version of the text of one kind of mail; the latest of its key and language holds. "": the built-in text again.

    A trigger refuses UPDATE and DELETE. Who wrote it is a bare id with a label: people live beside this room.
    """

    key = models.CharField(max_length=32)
    language = models.CharField(max_length=16, default="en")
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    by_id = models.BigIntegerField()
    by_label = models.CharField(max_length=254)

    class Meta:
        indexes = [models.Index(fields=["key", "language", "-id"], name="wording_latest")]

    def __str__(self) -> str:
        return f"{self.key} {self.language} {self.pk}"
