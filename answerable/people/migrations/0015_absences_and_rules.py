"""Who is away, and by which rule a team's requests get an assignee. Defaults in the database, for versions that do not
know the columns yet.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0013_found_without_accents")]
    operations = [
        migrations.AddField(
            "team", "assign", models.CharField(db_default="none", default="none", max_length=16)
        ),
        migrations.AddField("team", "most_open", models.PositiveSmallIntegerField(blank=True, null=True)),
        migrations.CreateModel(
            "Absence",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("ended_at__isnull", True)),
                        fields=["person", "until"],
                        name="absence_of_person",
                    )
                ]
            },
        ),
    ]
