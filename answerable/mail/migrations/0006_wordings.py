"""Versions of the texts of our mails. Like the trail they refuse change."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0002_append_only'),
        ('mail', '0005_inlets'),
    ]

    operations = [
        migrations.CreateModel(
            name='Wording',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=32)),
                ('language', models.CharField(default='en', max_length=16)),
                ('text', models.TextField(blank=True)),
                ('at', models.DateTimeField()),
                ('by_id', models.BigIntegerField()),
                ('by_label', models.CharField(max_length=254)),
            ],
            options={
                'indexes': [models.Index(fields=['key', 'language', '-id'], name='wording_latest')],
            },
        ),
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON mail_wording"
            " FOR EACH ROW EXECUTE FUNCTION answerable_append_only();",
            "DROP TRIGGER append_only ON mail_wording;",
        ),
    ]
