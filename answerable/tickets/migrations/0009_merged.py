"""What was merged into a ticket. Built beside the running product: tickets may be many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0006_setting_aside")]
    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="ticket_merged"
            ),
        ),
    ]
