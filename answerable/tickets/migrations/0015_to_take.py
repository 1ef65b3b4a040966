"""What nobody has yet, by team and promise. Built beside the running product: tickets may be many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0015_together")]
    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["team", "next_due_at", "id"],
                condition=models.Q(
                    ("status__in", ["new", "open", "pending", "hold"]), ("assignee__isnull", True)
                ),
                name="ticket_to_take",
            ),
        ),
    ]
