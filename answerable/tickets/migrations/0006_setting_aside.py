"""Tickets that are merged, spam or deleted, and where a requester's mail asks for answers to go."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0005_mail_links")]
    operations = [
        migrations.AddField("participant", "answers_to", models.CharField(blank=True, max_length=254, default=""), False),
        migrations.AddField(
            "ticket",
            "merged_into",
            # No index over all tickets: those few that are merged have one of their own, in the next migration.
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            "ticket",
            "set_aside",
            models.CharField(
                blank=True,
                choices=[("merged", "Merged"), ("spam", "Spam"), ("deleted", "Deleted")],
                max_length=8,
                default="",
            ),
            False,
        ),
    ]
