"""Replies of staff that wait for their moment. The columns on tickets have defaults in the database, so that a version
that does not know them still writes tickets during an upgrade.
"""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('tickets', '0009_merged'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='ticket',
            name='waiting_drafts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='ticket',
            name='aside_drafts',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name='Draft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('send_at', models.DateTimeField(blank=True, null=True)),
                ('text', models.TextField(blank=True)),
                ('html', models.TextField(blank=True)),
                ('status', models.CharField(blank=True, max_length=8)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('cc', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('failure', models.CharField(blank=True, max_length=500)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('ticket', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.ticket')),
            ],
            options={
                'indexes': [
                    models.Index(models.F('ticket'), models.F('id'), name='draft_ticket'),
                    models.Index(condition=models.Q(('send_at__isnull', False)), fields=['send_at', 'id'], name='draft_due'),
                    models.Index(condition=models.Q(('send_at__isnull', True)), fields=['author', 'id'], name='draft_aside'),
                ],
            },
        ),
        migrations.CreateModel(
            name='DraftFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('content_type', models.CharField(max_length=100)),
                ('position', models.PositiveSmallIntegerField()),
                ('draft', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tickets.draft')),
                ('file', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tickets.file')),
            ],
        ),
    ]
