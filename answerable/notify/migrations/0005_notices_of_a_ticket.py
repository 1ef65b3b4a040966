"""All notices about a ticket, for removing something from it. Built beside the running product."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notify", "0004_wishes")]
    operations = [
        AddIndexConcurrently(
            "notice",
            models.Index(fields=["ticket_id"], condition=Q(ticket_id__isnull=False), name="notice_ticket"),
        ),
    ]
