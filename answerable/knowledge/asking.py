"""What became of looking for an answer: visits to a form, searches, views by day, and whether an article helped.

Nothing of it is shown to readers. What people typed goes after `asking_actions.KEEP`.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

LONGEST = 200


class Source(models.TextChoices):
    """Where somebody was about to ask, or searched."""

    FORM = "form", "Public form"
    PORTAL = "portal", "Portal"
    WIDGET = "widget", "Widget"
    HELP = "help", "Help center"
    DESK = "desk", "Desk"


class Asking(models.Model):
    """One visit to a form, from the first suggestion that it showed. `key` is random; the form carries it, signed.

    `shown`, `opened`: ids of articles. `visitor`: a digest that tells visitors without an account apart.
    """

    key = models.CharField(max_length=32, unique=True)
    source = models.CharField(max_length=8, choices=Source.choices)
    person = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    visitor = models.CharField(max_length=32, blank=True)
    begun_at = models.DateTimeField()
    shown = ArrayField(models.BigIntegerField(), default=list)
    opened = ArrayField(models.BigIntegerField(), default=list)
    opened_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    ticket_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        app_label = "knowledge"
        indexes = [models.Index("begun_at", name="asking_begun")]

    def __str__(self) -> str:
        return f"{self.source} {self.begun_at:%Y-%m-%d %H:%M}"


class Searched(models.Model):
    """What somebody looked for: small letters, so that the same words are the same search. Letter by letter it is one.

    `trail` tells who searches apart from others meanwhile: the key of an asking, or a visitor. `ticket_id`: the request
    that was sent after it, whose words these may be.
    """

    at = models.DateTimeField()
    source = models.CharField(max_length=8, choices=Source.choices)
    locale = models.CharField(max_length=8)
    trail = models.CharField(max_length=32, blank=True)
    text = models.CharField(max_length=LONGEST)
    found = models.PositiveIntegerField()
    opened = models.ForeignKey("knowledge.Article", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ticket_id = models.BigIntegerField(null=True, blank=True)

    class Meta:
        app_label = "knowledge"
        indexes = [
            models.Index("at", name="searched_at"),
            models.Index("trail", "at", name="searched_trail"),
            models.Index("at", condition=Q(found=0), name="searched_in_vain"),
            models.Index("ticket_id", condition=Q(ticket_id__isnull=False), name="searched_ticket"),
        ]

    def __str__(self) -> str:
        return f"{self.text}: {self.found}"


class ArticleDay(models.Model):
    """How often an article was opened in a language on a day (UTC), by people who are not of the team."""

    translation = models.ForeignKey("knowledge.Translation", on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    views = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "knowledge"
        constraints = [models.UniqueConstraint("translation", "day", name="article_day_once")]

    def __str__(self) -> str:
        return f"{self.translation_id} {self.day}: {self.views}"


class Feedback(models.Model):
    """Whether it helped: one answer for each person, or visitor without an account, and language; the latest counts.

    `revision`: the text that they read.
    """

    translation = models.ForeignKey("knowledge.Translation", on_delete=models.CASCADE, related_name="+")
    revision = models.PositiveIntegerField()
    person = models.ForeignKey("people.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    visitor = models.CharField(max_length=32, blank=True)
    helpful = models.BooleanField()
    comment = models.CharField(max_length=1000, blank=True)
    at = models.DateTimeField()

    class Meta:
        app_label = "knowledge"
        indexes = [models.Index(fields=["translation", "-at"], name="feedback_latest")]
        constraints = [
            models.UniqueConstraint("translation", "person", name="feedback_of_person"),
            models.UniqueConstraint("translation", "visitor", condition=~Q(visitor=""), name="feedback_of_visitor"),
        ]

    def __str__(self) -> str:
        return f"{self.translation_id}: {'yes' if self.helpful else 'no'}"
