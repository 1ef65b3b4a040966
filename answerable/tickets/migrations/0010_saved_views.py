"""Views that somebody keeps, and the indexes that views go by. Built beside the running product: tickets may be many."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

_OPEN = models.Q(("status__in", ["new", "open", "pending", "hold"]))
_ASKED = [
    "status", "severity", "team", "assignee", "organization", "requester", "escalation_level", "severity_determined_at",
    "breached_at", "sensitive", "unverified", "channel", "created_at", "updated_at", "set_aside", "number",
]  # fmt: skip


def _index(name: str, *fields: str, condition: models.Q | None = _OPEN) -> AddIndexConcurrently:
    return AddIndexConcurrently("ticket", models.Index(fields=fields, condition=condition, name=f"ticket_{name}"))


def _carrying(name: str, *fields: str) -> AddIndexConcurrently:
    rest = [one for one in _ASKED if one not in fields]
    index = models.Index(fields=fields, include=rest, condition=_OPEN, name=f"ticket_open_{name}")
    return AddIndexConcurrently("ticket", index)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("people", "0011_incident_until"),
        ("tickets", "0008_how_mail_is_shown"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                (
                    "scope",
                    models.CharField(
                        choices=[("personal", "personal"), ("team", "team"), ("shared", "shared")], max_length=8
                    ),
                ),
                ("conditions", models.JSONField(default=list)),
                (
                    "columns",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=16), default=list, size=None
                    ),
                ),
                ("order", models.CharField(max_length=16)),
                ("group", models.CharField(blank=True, max_length=16)),
                ("position", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.team",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("scope", "team")) ^ models.Q(("team__isnull", True)),
                        name="saved_view_has_team",
                    )
                ],
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True), ("scope", "personal")),
                        fields=["owner"],
                        name="saved_view_own",
                    ),
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)), fields=["team"], name="saved_view_team"
                    ),
                ],
            },
        ),
        _carrying("due", "next_due_at", "id"),
        _carrying("team_due", "team", "next_due_at", "id"),
        _carrying("assignee_due", "assignee", "next_due_at", "id"),
        _index("severity_due", "severity", "next_due_at", "id"),
        _index("status_due", "status", "next_due_at", "id"),
        _index("open_recent", "-updated_at", "-id"),
        _index("escalated", "next_due_at", "id", condition=_OPEN & models.Q(escalation_level__gt=0)),
        _index("recent", "-updated_at", "-id", condition=None),
        RemoveIndexConcurrently("ticket", "ticket_due"),
        RemoveIndexConcurrently("ticket", "ticket_team_due"),
        RemoveIndexConcurrently("ticket", "ticket_assignee_due"),
    ]
