"""On-call schedules as rows. What is edited gets a version; overrides, swaps and time off lie on top (see 0048)."""

from django.db import models
from django.db.models import F, Q

from answerable.people.models import Person


class Schedule(models.Model):
    """Who is called when. `managed`: whether support.toml ("file") or a page ("desk") says its name and layers.

    `p0`: it is paged for P0, so nobody may be missing. `feed`: one more makes older calendar addresses void.
    """

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    managed = models.CharField(max_length=4, choices=[("file", "file"), ("desk", "desk")])
    p0 = models.BooleanField(default=False)
    feed = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)
    # What administrators were told last of its gaps ahead, so that the same is not told again.
    gap_told = models.CharField(max_length=64, blank=True)

    class Meta:
        app_label = "escalation"

    def __str__(self) -> str:
        return self.name


class ScheduleVersion(models.Model):
    """Its zone and layers from `effective_from` on: never updated, never deleted.

    `spec` is {"tz", "layers": […]} as in sla contract §9, where participants are e-mail addresses and a layer has a
    `name` besides. A version without layers has nobody: such a one ends a schedule.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    effective_from = models.DateTimeField()
    spec = models.JSONField()
    written_at = models.DateTimeField()
    written_by = models.CharField(max_length=254)

    class Meta:
        app_label = "escalation"
        constraints = [models.UniqueConstraint("schedule", "number", name="schedule_version_once")]

    def __str__(self) -> str:
        return f"{self.schedule_id} version {self.number}"


class Override(models.Model):
    """In [start, end) this person, or nobody, is on call instead of what the layers say.

    Removed ones stay: what was until `removed_at` is history.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="overrides")
    start = models.DateTimeField()
    end = models.DateTimeField()
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        app_label = "escalation"
        indexes = [models.Index("schedule", "end", name="override_of_schedule")]
        constraints = [models.CheckConstraint(condition=Q(end__gt=F("start")), name="override_has_length")]

    def __str__(self) -> str:
        return f"{self.person or 'nobody'} from {self.start:%Y-%m-%d %H:%M} until {self.end:%Y-%m-%d %H:%M}"


class Swap(models.Model):
    """`asker` asks `other` to take [start, end), and takes [back_start, back_end) of theirs for it, if that is given.

    It lapses at `lapses_at`, when the first of both spans begins. Accepted, it has become overrides.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.PROTECT, related_name="swaps")
    asker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    start = models.DateTimeField()
    end = models.DateTimeField()
    back_start = models.DateTimeField(null=True, blank=True)
    back_end = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=200, blank=True)
    asked_at = models.DateTimeField()
    lapses_at = models.DateTimeField()
    state = models.CharField(
        max_length=9,
        default="asked",
        choices=[(s, s) for s in ("asked", "accepted", "declined", "withdrawn", "lapsed")],
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "escalation"
        indexes = [models.Index("lapses_at", condition=Q(state="asked"), name="swap_waits")]

    def __str__(self) -> str:
        return f"{self.asker_id} asks {self.other_id}: {self.state}"


class Feed(models.Model):
    """Where a person's calendar address stands: one more makes the older ones void."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, primary_key=True, related_name="+")
    number = models.PositiveIntegerField(default=0)

    class Meta:
        app_label = "escalation"

    def __str__(self) -> str:
        return f"{self.person_id}: {self.number}"
