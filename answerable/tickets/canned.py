"""Canned replies: what is answered often, as rows. For staff; what may be named in one is in `placeholders`."""

from collections.abc import Sequence
from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q, QuerySet

from answerable.people.models import Person, Team
from answerable.people.queries import teams_of

MOST_FOUND = 30


class Scope(models.TextChoices):
    """Who finds it in their menu."""

    PERSONAL = "personal", "Only me"
    TEAM = "team", "One team"
    SHARED = "shared", "Everybody at the desk"


class Canned(models.Model):
    """A text in Markdown with {{places}}. `status` and `tags` are what a reply with it also sets; "" leaves the status.

    `owner` wrote it, `version` names its latest state; deleted ones stay, so that it can be taken back.
    """

    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.SHARED)
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    folder = models.CharField(max_length=60, blank=True)
    language = models.CharField(max_length=8, blank=True)
    body = models.TextField()
    status = models.CharField(max_length=8, blank=True)
    tags = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    used = models.PositiveIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "tickets"
        indexes = [models.Index("folder", "name", condition=Q(deleted_at__isnull=True), name="canned_by_name")]

    def __str__(self) -> str:
        return self.name


class CannedVersion(models.Model):
    """What a canned reply was, from this moment on, and who said so."""

    canned = models.ForeignKey(Canned, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    by_label = models.CharField(max_length=254)
    data = models.JSONField()

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint("canned", "number", name="canned_version_once")]

    def __str__(self) -> str:
        return f"{self.canned_id} version {self.number}"


def canned_for(person: Person) -> QuerySet[Canned]:
    """What this person may use: their own, their teams', and what is shared."""
    mine = Q(scope=Scope.PERSONAL, owner=person) | Q(scope=Scope.TEAM, team__in=teams_of(person).ids)
    return Canned.objects.filter(mine | Q(scope=Scope.SHARED), deleted_at__isnull=True).select_related("team")


def find_canned(person: Person, words: str, most: int = MOST_FOUND) -> list[Canned]:
    """Those in whose name, folder or text each word stands; those whose name begins so first, then the most used."""
    found = canned_for(person)
    for word in words.split()[:6]:
        found = found.filter(Q(name__icontains=word) | Q(folder__icontains=word) | Q(body__icontains=word))
    rows = list(found.order_by("-used", "name", "pk")[: most * 4])
    first = words.strip().casefold()
    return sorted(rows, key=lambda row: (not row.name.casefold().startswith(first), first not in row.name.casefold()))[
        :most
    ]


def canned_managed(person: Person, *, deleted: bool = False) -> Sequence[Canned]:
    """The list for who writes them: what they may use and, for leads and administrators, those of all teams."""
    found = Canned.objects.filter(deleted_at__isnull=not deleted)
    if person.role not in {"lead", "admin"}:
        found = found.filter(Q(scope=Scope.SHARED) | Q(owner=person) | Q(team__in=teams_of(person).ids))
    found = found.exclude(~Q(owner=person), scope=Scope.PERSONAL)
    return list(found.select_related("team", "owner").order_by("folder", "name", "pk"))


def find_one(pk: int) -> Canned | None:
    """By its id, deleted ones too."""
    return Canned.objects.filter(pk=pk).select_related("team", "owner").first()


def count_use(pk: int, now: datetime) -> None:
    """It was put into a reply."""
    Canned.objects.filter(pk=pk).update(used=F("used") + 1, used_at=now)


def versions_of(pk: int, most: int) -> list[CannedVersion]:
    """Latest first."""
    return list(CannedVersion.objects.filter(canned=pk).order_by("-number")[:most])
