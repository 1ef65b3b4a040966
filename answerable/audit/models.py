"""Who changed what, for ever: one row a verb. A trigger refuses UPDATE and DELETE."""

from django.db import models


class Record(models.Model):
    """`actor_*` and `subject_*` are bare ids, since audit lies below every room that it speaks of."""

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=16)
    actor_id = models.BigIntegerField(null=True)
    actor_label = models.CharField(max_length=254)
    verb = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=32)
    subject_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index("subject_kind", "subject_id", "id", name="audit_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.actor_label} {self.verb} {self.subject_kind} {self.subject_id}"
