"""Which requests are tagged, newest first, which are set aside, and which are snoozed. Built beside the running product: tickets may be many."""

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
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["set_aside", "-updated_at", "-id"],
                condition=models.Q(("set_aside", ""), _negated=True),
                name="ticket_aside",
            ),
        ),
        migrations.AddField("ticket", "snoozed_until", models.DateTimeField(blank=True, null=True)),
        AddIndexConcurrently(
            "ticket",
            models.Index(
                fields=["snoozed_until", "id"],
                condition=models.Q(("snoozed_until__isnull", False)),
                name="ticket_snoozed",
            ),
        ),
    ]
