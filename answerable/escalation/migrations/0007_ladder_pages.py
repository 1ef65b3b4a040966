"""Levels of the ladder that page are alerts, too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("escalation", "0006_desk_owned")]

    operations = [
        migrations.AddField(model_name="alert", name="episode", field=models.PositiveIntegerField(null=True)),
        migrations.AddField(model_name="alert", name="level", field=models.PositiveSmallIntegerField(null=True)),
    ]
