"""Which requests are tagged, newest first. Built beside the running product: tickets may be many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0008_how_mail_is_shown")]
    operations = [
        AddIndexConcurrently(
            "ticket",
            models.Index(fields=["-id"], condition=models.Q(("tags", []), _negated=True), name="ticket_tagged"),
        ),
    ]
