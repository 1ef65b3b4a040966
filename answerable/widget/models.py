"""Rows of the support center inside other products: sessions, tokens that were used, and what somebody has seen."""

from django.db import models

from answerable.people.models import Person
from answerable.tickets.models import Ticket


class Session(models.Model):
    """Fifteen minutes of one person, in pages of one origin, of one product. What proves it is kept as a digest.

    `subject`: the user's id with the product's host, as its token said. `epoch`: of the person when it began.
    """

    digest = models.CharField(max_length=64, unique=True)
    product = models.CharField(max_length=64)
    origin = models.CharField(max_length=300)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    epoch = models.PositiveIntegerField()
    subject = models.CharField(max_length=200)
    organization = models.CharField(max_length=64, blank=True)
    began_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="widget_session_over")]

    def __str__(self) -> str:
        return f"{self.person_id} at {self.product}"


class SpentToken(models.Model):
    """A host's token that was exchanged: never a second time. Kept until it would be refused as too old anyway."""

    product = models.CharField(max_length=64)
    jti = models.CharField(max_length=64)
    until = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["product", "jti"], name="widget_token_once")]
        indexes = [models.Index(fields=["until"], name="widget_token_over")]

    def __str__(self) -> str:
        return f"{self.product} {self.jti}"


class Look(models.Model):
    """The last reply that somebody has seen of a request in the widget: what staff have said since is unread.

    Without a ticket: the last one that there was anywhere when they were first here. Of those before, they were told in
    other ways.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey(Ticket, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    last_reply = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "ticket"], nulls_distinct=False, name="widget_look_once")
        ]

    def __str__(self) -> str:
        return f"{self.person_id} saw {self.ticket_id}"
