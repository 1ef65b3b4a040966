"""The open requests of an organization by their next promise. Built beside the running product: tickets may be many."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("people", "0002_organization_by_name"),
        ("tickets", "0003_promises"),
    ]
    operations = [
        AddIndexConcurrently(
            model_name="ticket",
            index=models.Index(
                condition=models.Q(("status__in", ["new", "open", "pending", "hold"])),
                fields=["organization", "next_due_at", "id"],
                name="ticket_org_due",
            ),
        ),
    ]
