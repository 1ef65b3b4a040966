"""Which requests are tagged, newest first. Built beside the running product: tickets may be many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0013_composer")]
    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(fields=["-id"], condition=models.Q(("tags", []), _negated=True), name="ticket_tagged"),
        ),
    ]
