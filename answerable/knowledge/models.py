"""The knowledge base: sections, articles, an article in each of its languages, and all that its text ever was."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q

from answerable.people.models import Organization, Person


class Audience(models.TextChoices):
    """Who may know that an article exists, and read it. Staff read all of them."""

    PUBLIC = "public", "Everybody"
    CUSTOMERS = "customers", "Whoever is signed in"
    ORGANIZATIONS = "organizations", "Members of some organizations"
    STAFF = "staff", "Only your team"


class Section(models.Model):
    """A shelf of articles. It has no audience of its own: who sees one of its articles sees that it is there.

    `titles`: its title by language, where it differs from `title`.
    """

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    titles = models.JSONField(default=dict, blank=True)
    description = models.CharField(max_length=300, blank=True)
    position = models.PositiveIntegerField(default=0)
    external_id = models.CharField(max_length=64, blank=True)
    archived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("external_id", condition=~Q(external_id=""), name="section_brought_once")
        ]

    def __str__(self) -> str:
        return self.title


class Article(models.Model):
    """One answer, in one language or several. `owner` looks after it, and is reminded to by `review_on`.

    `locale`: the language that it was written in first; `ticket_id`: the request that it was written from; `version`
    counts its arrangements, so that two people don't arrange it at once; `external_id`: its name in another help
    center.
    """

    section = models.ForeignKey(Section, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField(default=0)
    locale = models.CharField(max_length=8, default="en")
    audience = models.CharField(max_length=16, choices=Audience.choices)
    organizations = models.ManyToManyField(Organization, through="ArticleOrganization", related_name="+")
    owner = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    review_on = models.DateField(null=True, blank=True)
    labels = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(null=True, blank=True)
    ticket_id = models.BigIntegerField(null=True, blank=True)
    external_id = models.CharField(max_length=64, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        indexes = [models.Index("section", "position", "id", condition=Q(archived_at=None), name="article_on_shelf")]
        constraints = [
            models.UniqueConstraint("external_id", condition=~Q(external_id=""), name="article_brought_once")
        ]

    def __str__(self) -> str:
        return f"article {self.pk}"


class ArticleOrganization(models.Model):
    """With the audience `organizations`: members of this one read the article."""

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="+")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint("article", "organization", name="article_organization_once")]

    def __str__(self) -> str:
        return f"{self.organization_id} reads {self.article_id}"


class Translation(models.Model):
    """An article in one language: the text that is worked on, and the one that readers get.

    `revision` is the number of the latest text. What is `published` stands here once more as it is shown and searched:
    `shown_title`, `slug`, `html`, `text`, `words` (weights: A the title, B headings and labels, D the rest).
    """

    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="translations")
    locale = models.CharField(max_length=8)
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    revision = models.PositiveIntegerField(default=1)
    edited_at = models.DateTimeField()
    review_asked_at = models.DateTimeField(null=True, blank=True)
    review_asked_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    scheduled = models.PositiveIntegerField(null=True, blank=True)
    publish_at = models.DateTimeField(null=True, blank=True)
    publish_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    published = models.PositiveIntegerField(null=True, blank=True)
    published_at = models.DateTimeField(null=True, blank=True)
    first_published_at = models.DateTimeField(null=True, blank=True)
    shown_title = models.CharField(max_length=200, blank=True)
    slug = models.CharField(max_length=80, blank=True)
    html = models.TextField(blank=True)
    text = models.TextField(blank=True)
    words = SearchVectorField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint("article", "locale", name="translation_once")]
        indexes = [
            GinIndex(fields=["words"], name="article_words", gin_pending_list_limit=256),
            models.Index("publish_at", condition=Q(publish_at__isnull=False), name="translation_to_publish"),
            models.Index(fields=["-published_at"], condition=Q(published__isnull=False), name="translation_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.locale})"


class Revision(models.Model):
    """What the text was from this moment on. Append-only."""

    translation = models.ForeignKey(Translation, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField(blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    by_label = models.CharField(max_length=254)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint("translation", "number", name="revision_once")]

    def __str__(self) -> str:
        return f"revision {self.number} of {self.translation_id}"
