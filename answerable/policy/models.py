"""Every version of the policy that was ever in force. A trigger refuses UPDATE and DELETE."""

from django.db import models


class Applied(models.Model):
    """One `answerable apply` that changed something: the file's text, and what differed from the version before."""

    version = models.PositiveIntegerField(unique=True)
    text = models.TextField()
    sha256 = models.CharField(max_length=64)
    outline = models.JSONField()
    changes = models.JSONField()
    applied_at = models.DateTimeField()
    applied_by = models.CharField(max_length=254)

    class Meta:
        verbose_name_plural = "applied"

    def __str__(self) -> str:
        return f"policy {self.version}"
