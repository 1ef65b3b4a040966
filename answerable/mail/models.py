"""Envelopes: inboxes of ours, mailboxes we collect from, raw mail before anything reads it, known Message-IDs."""

from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Collate, Left, Lower


class Inbox(models.Model):
    """An address of ours that takes mail; `settings` as in the policy's [inbox.*] section."""

    key = models.SlugField(max_length=64, unique=True)
    address = models.EmailField(max_length=254)
    aliases = models.JSONField(default=list)
    team = models.SlugField(max_length=64, blank=True)
    severity = models.CharField(max_length=2, blank=True)
    acknowledge = models.BooleanField(default=True)
    trusted_authserv = models.JSONField(default=list)
    # What an administrator said "that one is ours" to, of the servers that write such fields: no policy names these.
    confirmed_authserv = models.JSONField(default=list, db_default=Value([], models.JSONField()))
    known_contacts_only = models.BooleanField(default=False)
    # What machines send (alerts, forms) is acknowledged, and counts as if a person had written it (E-47).
    acknowledge_generated = models.BooleanField(default=False)
    generated_counts = models.BooleanField(default=False)
    # Whose mail one of us forwarded is told that we have it (E-97).
    acknowledge_forwards = models.BooleanField(default=False)
    # Groups and lists whose "x via Group" is not the sender (E-99).
    trusted_relays = models.JSONField(default=list)
    # Members of the requester's organization find a request by any mail that is on it (E-33).
    members_find = models.BooleanField(default=False)
    # Whether we ask the name service ourselves who may send for a domain, for mail that our own intake took.
    verify_senders = models.BooleanField(default=False)
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

    @property
    def believed(self) -> list[str]:
        """The servers whose word on a sender counts, in lower case."""
        return [*self.trusted_authserv, *self.confirmed_authserv]


class Mailbox(models.Model):
    """An IMAP folder that we collect, as in the policy's [mailbox.*] section, and how collecting it goes.

    Secrets are named by environment variables, never stored here. A row serves until the policy no longer names it.
    """

    name = models.CharField(max_length=100, unique=True)
    host = models.CharField(max_length=253)
    port = models.PositiveIntegerField(default=993)
    tls = models.CharField(
        max_length=8, default="ssl", choices=[("ssl", "ssl"), ("starttls", "starttls"), ("none", "none")]
    )
    user = models.CharField(max_length=254)
    auth = models.CharField(max_length=8, default="password", choices=[("password", "password"), ("oauth2", "oauth2")])
    password_variable = models.CharField(max_length=100, blank=True)
    token_url = models.URLField(max_length=500, blank=True)
    client_id = models.CharField(max_length=200, blank=True)
    client_secret_variable = models.CharField(max_length=100, blank=True)
    # Without one the program asks for itself (RFC 6749 §4.4), not in the name of a person who once agreed (§6).
    refresh_token_variable = models.CharField(max_length=100, blank=True)
    scope = models.CharField(max_length=500, blank=True)
    folder = models.CharField(max_length=200, default="INBOX")
    inbox = models.EmailField(max_length=254)
    # What becomes of a message that is stored: "leave", "flag" (marked as read) or "move:FOLDER".
    after = models.CharField(max_length=220, default="leave")
    retired_at = models.DateTimeField(null=True, blank=True)

    uid_validity = models.BigIntegerField(null=True)
    next_uid = models.BigIntegerField(null=True)
    # What is stored from here up to `next_uid` is yet to be flagged or moved.
    after_uid = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(null=True)
    # Its server numbered it anew since: what was read once may come a second time.
    numbered_anew_at = models.DateTimeField(null=True)
    last_success_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    # Since when each look into it has failed; None while it works.
    failing_since = models.DateTimeField(null=True)
    next_try_at = models.DateTimeField(null=True)

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
    # Who handed it to our own intake, and what they called themselves.
    client = models.GenericIPAddressField(null=True)
    helo = models.CharField(max_length=255, blank=True, default="", db_default="")
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
    # Whose word the verdict is: the server that wrote it, or "answerable" for our own check; "" for nobody's.
    verdict_source = models.CharField(max_length=255, blank=True, default="", db_default="")
    ticket_id = models.BigIntegerField(null=True)
    entry_id = models.BigIntegerField(null=True)
    duplicate_of = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    # Somebody decided that nothing is to come of it: discarded from quarantine, or kept out of its request.
    put_away_at = models.DateTimeField(null=True)
    # Its bytes are gone, by the term after which they go; size and digest stay.
    purged_at = models.DateTimeField(null=True)

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
            models.Index(fields=["ticket_id"], condition=Q(ticket_id__isnull=False), name="rawmail_ticket"),
            # One for each tab of the mail room: each holds only what the tab shows.
            models.Index(
                fields=["-id"],
                condition=Q(state="quarantined", put_away_at__isnull=True),
                name="rawmail_open_quarantine",
            ),
            models.Index(fields=["-id"], condition=Q(put_away_at__isnull=False), name="rawmail_put_away"),
            models.Index(fields=["-id"], condition=Q(outcome="auto", purged_at__isnull=True), name="rawmail_auto"),
            models.Index(fields=["-id"], condition=Q(outcome="bounce", reason="unmatched"), name="rawmail_unmatched"),
            models.Index(
                fields=["-id"], condition=Q(outcome="held", put_away_at__isnull=True), name="rawmail_open_held"
            ),
            models.Index(fields=["fingerprint"], condition=~Q(fingerprint=""), name="rawmail_fingerprint"),
            # The classes of operators serve equality and the beginnings of words alike, whatever the collation is.
            models.Index(
                fields=["message_id"],
                opclasses=["text_pattern_ops"],
                condition=~Q(message_id=""),
                name="rawmail_message_id_like",
            ),
            models.Index(
                fields=["sender", "received_at"],
                opclasses=["varchar_pattern_ops", "timestamptz_ops"],
                name="rawmail_sender_like",
            ),
            models.Index(Collate(Lower(Left("subject", 100)), "C"), name="rawmail_subject_like"),
            models.Index(
                Func("sender", Value("@"), Value(2), function="split_part"), "received_at", name="rawmail_domain"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.sender} {self.outcome or self.state}"


class BlockedSender(models.Model):
    """An address whose mail waits in quarantine, whatever it is about; `by` is who said so."""

    address = models.CharField(max_length=254, unique=True)
    by = models.CharField(max_length=254)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return self.address


class ListAddress(models.Model):
    """An address that a message called a list: nobody is CC'd by it (E-26)."""

    address = models.CharField(max_length=254, unique=True)
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "list addresses"

    def __str__(self) -> str:
        return self.address


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


class Checker(models.Model):
    """A server that says it has checked the senders of an inbox's mail: one to trust, or one that anybody wrote."""

    inbox = models.EmailField(max_length=254)
    authserv_id = models.CharField(max_length=253)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["inbox", "authserv_id"], name="checker_once")]

    def __str__(self) -> str:
        return f"{self.authserv_id} for {self.inbox}"


class Probe(models.Model):
    """A message of our own, sent to ourselves: `token` is good once. `failed_at`: it did not arrive in time."""

    token = models.CharField(max_length=32, unique=True)
    sent_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True)
    ticket_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-sent_at"], name="probe_sent")]

    def __str__(self) -> str:
        return f"probe of {self.sent_at:%Y-%m-%d %H:%M}"


class Alarm(models.Model):
    """Something about mail that administrators were told, so that they are told once. `key` names what ails."""

    key = models.CharField(max_length=40, unique=True)
    since = models.DateTimeField()
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key


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
