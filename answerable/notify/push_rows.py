"""The key pair by which push services know this installation: one row, its private part sealed."""

from django.db import models
from django.db.models import Q


class PushKey(models.Model):
    """`private` is sealed PEM; `public` is the point as browsers want it, in base64."""

    private = models.TextField()
    public = models.CharField(max_length=100)
    made_at = models.DateTimeField()

    class Meta:
        app_label = "notify"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="push_key_one")]

    def __str__(self) -> str:
        return self.public
