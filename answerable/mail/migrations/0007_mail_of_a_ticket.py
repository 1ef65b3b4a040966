"""All mail of a ticket, for removing something from it. Built beside the running product."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("mail", "0007_confirmed_checkers")]
    operations = [
        AddIndexConcurrently(
            "rawmail",
            models.Index(fields=["ticket_id"], condition=Q(ticket_id__isnull=False), name="rawmail_ticket"),
        ),
    ]
