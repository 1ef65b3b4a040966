"""What the mail room's screen asks: tabs, search, health, probes. Indexes are built beside the running product."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Collate, Left, Lower

ADDED = [
    models.Index(
        fields=["-id"], condition=Q(state="quarantined", put_away_at__isnull=True), name="rawmail_open_quarantine"
    ),
    models.Index(fields=["-id"], condition=Q(put_away_at__isnull=False), name="rawmail_put_away"),
    models.Index(fields=["-id"], condition=Q(outcome="auto", purged_at__isnull=True), name="rawmail_auto"),
    models.Index(fields=["-id"], condition=Q(outcome="bounce", reason="unmatched"), name="rawmail_unmatched"),
    models.Index(fields=["-id"], condition=Q(outcome="held", put_away_at__isnull=True), name="rawmail_open_held"),
    models.Index(
        fields=["message_id"],
        opclasses=["text_pattern_ops"],
        condition=~Q(message_id=""),
        name="rawmail_message_id_like",
    ),
    models.Index(
        fields=["sender", "received_at"],
        opclasses=["varchar_pattern_ops", "timestamptz_ops"],
        name="rawmail_sender_like",
    ),
    models.Index(Collate(Lower(Left("subject", 100)), "C"), name="rawmail_subject_like"),
]
# After what takes their place is there.
REMOVED = ["rawmail_quarantine", "rawmail_message_id", "rawmail_sender"]


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("mail", "0003_senders_and_lists"),
    ]
    operations = [
        migrations.AddField("rawmail", "put_away_at", models.DateTimeField(null=True)),
        migrations.AddField("rawmail", "purged_at", models.DateTimeField(null=True)),
        migrations.AddField("mailbox", "failing_since", models.DateTimeField(null=True)),
        migrations.CreateModel(
            name="Probe",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("token", models.CharField(max_length=32, unique=True)),
                ("sent_at", models.DateTimeField()),
                ("arrived_at", models.DateTimeField(null=True)),
                ("failed_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
                ("ticket_id", models.BigIntegerField(null=True)),
            ],
            options={"indexes": [models.Index(fields=["-sent_at"], name="probe_sent")]},
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=40, unique=True)),
                ("since", models.DateTimeField()),
                ("told_at", models.DateTimeField()),
            ],
        ),
        *(AddIndexConcurrently("rawmail", index) for index in ADDED),
        *(RemoveIndexConcurrently("rawmail", name) for name in REMOVED),
    ]
