"""Mail is shown as it was laid out: whole HTML, who vouches for its sender, signatures, what a virus scanner said."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    # Files may be many: their index is built beside the running product, last.
    atomic = False

    dependencies = [
        ('tickets', '0007_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='attachment',
            name='role',
            field=models.CharField(blank=True, db_default='', default='', max_length=16),
        ),
        migrations.AddField(
            model_name='file',
            name='infected',
            field=models.CharField(blank=True, db_default='', default='', max_length=200),
        ),
        migrations.AddField(
            model_name='file',
            name='scanned_at',
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='held',
            name='on_sheet',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='held',
            name='origin',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name='reply',
            name='on_sheet',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='reply',
            name='origin',
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
        migrations.AddField(
            model_name='reply',
            name='whole_html',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        AddIndexConcurrently(
            model_name='file',
            index=models.Index(condition=models.Q(('scanned_at__isnull', True)), fields=['-id'], name='file_unscanned'),
        ),
    ]
