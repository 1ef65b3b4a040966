"""How a member of staff can be reached at night besides by mail, and in which order: rows of their own making."""

from django.db import models
from django.db.models import Q

from answerable.people.models import Person


class Channel(models.Model):
    """A channel of one person. `address` is sealed: it holds tokens, and is shown to nobody again, nor logged.

    `shown`: what of it may be shown ("Pushover", "hooks.acme.example"). `asked_at`, `tested_at`, `works`,
    `test_result`: the test that its person asked for, and what became of it. Of a browser (push): `mark`, by which it
    knows itself again; `lost`: why it was removed, where its person did not.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=[(kind, kind) for kind in ("webhook", "apprise", "push")])
    name = models.CharField(max_length=80)
    address = models.TextField()
    secret = models.TextField(blank=True)
    shown = models.CharField(max_length=200)
    made_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    works = models.BooleanField(null=True)
    test_result = models.CharField(max_length=300, blank=True)
    mark = models.CharField(max_length=64, blank=True, default="", db_default="")
    lost = models.CharField(max_length=300, blank=True, default="", db_default="")

    class Meta:
        app_label = "notify"
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name"], condition=Q(removed_at__isnull=True), name="channel_once"
            ),
            models.UniqueConstraint(
                fields=["mark"], condition=Q(removed_at__isnull=True) & ~Q(mark=""), name="channel_of_browser"
            ),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(asked_at__isnull=False), name="channel_to_test")]

    def __str__(self) -> str:
        return f"{self.name} of {self.person_id}"


class Contact(models.Model):
    """One rule of a person: on a page, this channel (None: their mail address) after so many seconds unanswered."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, null=True, on_delete=models.CASCADE, related_name="+")
    after_seconds = models.PositiveIntegerField()

    class Meta:
        app_label = "notify"
        constraints = [
            models.UniqueConstraint(fields=["person", "channel"], nulls_distinct=False, name="contact_once"),
        ]

    def __str__(self) -> str:
        return f"{self.channel_id or 'mail'} after {self.after_seconds} s"
