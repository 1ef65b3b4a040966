"""Which gaps in who is reached administrators were told of."""

from django.db import models


class ToldGaps(models.Model):
    """Of one severity and team ("" is requests without one): `spans` as [start, end or null] each (see gap_actions)."""

    severity = models.CharField(max_length=8)
    team = models.CharField(max_length=64, blank=True)
    spans = models.JSONField(default=list)

    class Meta:
        app_label = "escalation"
        verbose_name_plural = "told gaps"
        constraints = [models.UniqueConstraint("severity", "team", name="told_gaps_once")]

    def __str__(self) -> str:
        return f"{self.severity} of {self.team or 'no team'}"
