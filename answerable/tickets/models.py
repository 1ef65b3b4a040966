"""The ticket and what customers may see of it. Notes, held mail and drafts have modules of their own (DESIGN.md §4)."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q, Value

import answerable.tickets.begun
import answerable.tickets.canned
import answerable.tickets.drafts
import answerable.tickets.handover
import answerable.tickets.held
import answerable.tickets.internal_words
import answerable.tickets.mentions
import answerable.tickets.notes
import answerable.tickets.presence
import answerable.tickets.rating
import answerable.tickets.redaction
import answerable.tickets.runs
import answerable.tickets.saved
import answerable.tickets.ticket_links
import answerable.tickets.turns
import answerable.tickets.words
from answerable.people.models import Organization, Person, Team

# Imported so that Django knows their models; their names are not exported (most are protected modules).
_REGISTERED = (
    answerable.tickets.begun,
    answerable.tickets.canned,
    answerable.tickets.drafts,
    answerable.tickets.handover,
    answerable.tickets.held,
    answerable.tickets.internal_words,
    answerable.tickets.mentions,
    answerable.tickets.notes,
    answerable.tickets.presence,
    answerable.tickets.rating,
    answerable.tickets.redaction,
    answerable.tickets.runs,
    answerable.tickets.saved,
    answerable.tickets.ticket_links,
    answerable.tickets.turns,
    answerable.tickets.words,
)

# `next_due_at` of a ticket without an open promise: keyset comparison would skip NULLs.
NO_PROMISE = datetime(9999, 1, 1, tzinfo=UTC)


class Status(models.TextChoices):
    """Pending waits for the customer, hold for something else; solved may be reopened, closed may not."""

    NEW = "new", "New"
    OPEN = "open", "Open"
    PENDING = "pending", "Waiting for customer"
    HOLD = "hold", "On hold"
    SOLVED = "solved", "Solved"
    CLOSED = "closed", "Closed"


OPEN_STATUSES = [Status.NEW, Status.OPEN, Status.PENDING, Status.HOLD]
IS_OPEN = Q(status__in=OPEN_STATUSES)
# What views ask for most: carried by the indexes that views go by, so that a count need not open a ticket.
_ASKED = (
    "status", "severity", "team", "assignee", "organization", "requester", "escalation_level", "severity_determined_at",
    "breached_at", "sensitive", "unverified", "channel", "created_at", "updated_at", "set_aside", "number",
    "snoozed_until",
)  # fmt: skip
# What every list asks.
_LISTED = ("set_aside", "number")
# What was deleted is there for those alone who work it.
NOT_DELETED = ~Q(set_aside="deleted")
# What readers of its organization may see.
OPEN_TO_READERS = Q(sensitive=False, unverified=False) & NOT_DELETED


class SetAside(models.TextChoices):
    """Why a closed ticket is one: it can be taken back, with the status that it had."""

    MERGED = "merged", "Merged"
    SPAM = "spam", "Spam"
    DELETED = "deleted", "Deleted"


def _open_by(name: str, *keys: str) -> models.Index:
    """An index over open tickets that has what views ask for."""
    rest = [one for one in _ASKED if one not in keys]
    return models.Index(fields=keys, include=rest, condition=IS_OPEN, name=f"ticket_open_{name}")


class Ticket(models.Model):
    """A request. What views sort and filter by is written by casework's settle, in the transaction of the change."""

    number = models.BigIntegerField(unique=True)
    subject = models.TextField(blank=True)
    requester = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organization = models.ForeignKey(Organization, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.NEW)
    hold_reason = models.CharField(max_length=500, blank=True)

    severity = models.CharField(max_length=2)
    severity_determined_at = models.DateTimeField(null=True, blank=True)
    stated_severity = models.CharField(max_length=2, blank=True)
    impact = models.TextField(blank=True)

    type = models.CharField(max_length=32, blank=True)
    channel = models.CharField(max_length=16)
    inbox = models.CharField(max_length=254, blank=True)
    tags = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    fields = models.JSONField(default=dict, blank=True)
    sensitive = models.BooleanField(default=False)
    unverified = models.BooleanField(default=False)
    follow_up_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Closed because it is handled elsewhere, is spam, or was deleted; undoing that restores what its event names.
    set_aside = models.CharField(max_length=8, blank=True, choices=SetAside.choices)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True, blank=True)
    last_event_at = models.DateTimeField()
    waits_for = models.CharField(
        max_length=8, default="us", choices=[("us", "us"), ("customer", "customer"), ("", "nobody")]
    )
    preview = models.CharField(max_length=200, blank=True)
    next_due_at = models.DateTimeField(default=NO_PROMISE)
    promise_metric = models.CharField(max_length=16, blank=True)
    promise_start_at = models.DateTimeField(null=True, blank=True)
    breached_at = models.DateTimeField(null=True, blank=True)
    escalation_level = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)
    # How many replies of staff wait for their moment: whoever writes to the ticket sends them first. And how many were
    # put aside: a page asks for drafts only where there are some.
    waiting_drafts = models.PositiveSmallIntegerField(default=0, db_default=0)
    aside_drafts = models.PositiveSmallIntegerField(default=0, db_default=0)
    # Out of its assignee's open view until then (docs/decisions/0043). No clock knows of it.
    snoozed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            _open_by("team_due", "team", "next_due_at", "id"),
            _open_by("due", "next_due_at", "id"),
            _open_by("assignee_due", "assignee", "next_due_at", "id"),
            models.Index(fields=["id"], condition=IS_OPEN, name="ticket_open"),
            models.Index(fields=["severity", "next_due_at", "id"], condition=IS_OPEN, name="ticket_severity_due"),
            models.Index(
                fields=["status", "next_due_at", "id"], include=_LISTED, condition=IS_OPEN, name="ticket_status_due"
            ),
            models.Index(fields=["-updated_at", "-id"], condition=IS_OPEN, name="ticket_open_recent"),
            models.Index(
                fields=["next_due_at", "id"], condition=IS_OPEN & Q(escalation_level__gt=0), name="ticket_escalated"
            ),
            models.Index(fields=["-updated_at", "-id"], name="ticket_recent"),
            models.Index(
                fields=["team", "next_due_at", "id"],
                include=_LISTED,
                condition=IS_OPEN & Q(assignee__isnull=True),
                name="ticket_to_take",
            ),
            models.Index(fields=["organization", "-updated_at", "-id"], name="ticket_org_recent"),
            models.Index(fields=["organization", "next_due_at", "id"], condition=IS_OPEN, name="ticket_org_due"),
            models.Index(
                fields=["team", "next_due_at", "id"],
                include=_LISTED,
                condition=Q(status="pending"),
                name="ticket_waiting",
            ),
            models.Index(fields=["solved_at", "id"], condition=Q(status="solved"), name="ticket_solved"),
            models.Index(fields=["merged_into"], condition=Q(merged_into__isnull=False), name="ticket_merged"),
            models.Index(fields=["-updated_at", "-id"], condition=Q(status="solved"), name="ticket_solved_recent"),
            models.Index(fields=["-id"], condition=~Q(tags=[]), name="ticket_tagged"),
            models.Index(
                fields=["snoozed_until", "id"], condition=Q(snoozed_until__isnull=False), name="ticket_snoozed"
            ),
            models.Index(fields=["set_aside", "-updated_at", "-id"], condition=~Q(set_aside=""), name="ticket_aside"),
        ]

    def __str__(self) -> str:
        return f"#{self.number} {self.subject}"

    @property
    def is_open(self) -> bool:
        """Not yet solved or closed."""
        return self.status in OPEN_STATUSES

    @property
    def is_deleted(self) -> bool:
        """Staff alone still see it."""
        return self.set_aside == SetAside.DELETED

    @property
    def due_at(self) -> datetime | None:
        """The next promise's due time, None where there is no open promise."""
        return None if self.next_due_at == NO_PROMISE else self.next_due_at


# The source of a row that waits because its person, a reader, asked. Any other was named by somebody.
ASKED = "asked"
# The source of a row that somebody took off: no standing CC brings it back.
REMOVED = "removed"


class Participant(models.Model):
    """A person on a ticket. `follower` is for staff and grants nothing; `ended_at` marks who was taken off."""

    ROLES = [("requester", "requester"), ("cc", "cc"), ("follower", "follower")]

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="participants")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=16, choices=ROLES)
    since = models.DateTimeField()
    added_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=16)
    standing = models.ForeignKey(
        "people.StandingCC", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    pending = models.BooleanField(default=False)
    # The address by which a customer named them: whoever waits is called by it, so that nobody learns another one.
    named = models.CharField(max_length=254, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Where their own mail asked for answers to go (Reply-To); empty: to the person's address.
    answers_to = models.CharField(max_length=254, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("ticket", "person", "role", name="participant_once")]
        indexes = [models.Index("person", "role", "ticket", name="participant_person")]

    def __str__(self) -> str:
        return f"{self.role} {self.person_id} on {self.ticket_id}"

    @property
    def label(self) -> str:
        """As everybody on the request may read it."""
        return self.named or self.person.email if self.pending and self.source != ASKED else self.person.label


class LinkOpening(models.Model):
    """Somebody opened the link of a mail: whose it was, when, and with what."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    browser = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index("ticket", "id", name="link_opening_ticket")]

    def __str__(self) -> str:
        return f"link of {self.person_id} to {self.ticket_id}"


class LinkEnd(models.Model):
    """The links that a person's mails had until `at` no longer open the request."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("ticket", "person", name="link_end_once")]

    def __str__(self) -> str:
        return f"no links of {self.person_id} to {self.ticket_id}"


class Reply(models.Model):
    """A public entry: everyone who may see the ticket may read it. `html`: its new words, clean (see lib.mail_html).

    `whole_html` is what came if that is more, `on_sheet` says that the new words need their layout. `origin` is for
    staff alone (who wrote the mail and what vouches for them), but for its `invitation`, which everybody reads.
    """

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    from_staff = models.BooleanField()
    automatic = models.BooleanField(default=False)
    channel = models.CharField(max_length=16)
    at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    text = models.TextField(blank=True)
    new_text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    whole_html = models.TextField(blank=True, default="", db_default="")
    on_sheet = models.BooleanField(default=False, db_default=False)
    origin = models.JSONField(default=dict, db_default=Value({}, models.JSONField()), blank=True)
    raw_id = models.BigIntegerField(null=True, unique=True)
    message_id = models.TextField(blank=True)
    flags = models.JSONField(default=list, blank=True)

    class Meta:
        verbose_name_plural = "replies"
        indexes = [models.Index("ticket", "id", name="reply_ticket")]

    def __str__(self) -> str:
        return f"reply {self.pk} on {self.ticket_id}"


class File(models.Model):
    """Bytes under their own digest, in the files folder; shared by every attachment with that content.

    `infected`: what a virus scanner called it.
    """

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveBigIntegerField()
    scanned_at = models.DateTimeField(null=True)
    infected = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        indexes = [models.Index(fields=["-id"], condition=Q(scanned_at__isnull=True), name="file_unscanned")]

    def __str__(self) -> str:
        return self.sha256


class Attachment(models.Model):
    """A file on a public reply, under the name it came with. `inline`: its words show it; `role`: "signature" or ""."""

    reply = models.ForeignKey(Reply, on_delete=models.CASCADE, related_name="attachments")
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    file = models.ForeignKey(File, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    inline = models.BooleanField(default=False)
    cid = models.TextField(blank=True)
    role = models.CharField(max_length=16, blank=True, default="", db_default="")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["reply_id", "position"]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """One transition, append-only: enough to recompute every clock. A trigger refuses DELETE, and every UPDATE but that
    words in `why` or `impact` are removed (docs/decisions/0045)."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=32)
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True, blank=True)
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=254)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index("ticket", "occurred_at", "id", name="event_ticket")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.ticket_id}"
