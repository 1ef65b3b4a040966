"""Outside tools: which there are, what each is to be told of an alert, and what they said, which stays as it was said."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

APPEND_ONLY = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON escalation_outsideword
  FOR EACH ROW EXECUTE FUNCTION answerable_append_only();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('escalation', '0004_drills'),
    ]

    operations = [
        migrations.CreateModel(
            name='OutsideTool',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.SlugField(max_length=64, unique=True)),
                ('kind', models.CharField(choices=[('events_v2', 'events_v2'), ('webhook', 'webhook'), ('alertmanager', 'alertmanager')], max_length=16)),
                ('name', models.CharField(max_length=200)),
                ('url', models.CharField(blank=True, max_length=500)),
                ('key_variable', models.CharField(blank=True, max_length=100)),
                ('secret_variable', models.CharField(blank=True, max_length=100)),
                ('may_acknowledge', models.BooleanField(default=False)),
                ('people', models.JSONField(default=dict)),
                ('rules', models.JSONField(default=dict)),
                ('policies', models.JSONField(default=list)),
                ('retired_at', models.DateTimeField(null=True)),
                ('rest_until', models.DateTimeField(null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('send_failed_at', models.DateTimeField(null=True)),
                ('send_error', models.CharField(blank=True, max_length=300)),
                ('heard_at', models.DateTimeField(null=True)),
                ('hear_failed_at', models.DateTimeField(null=True)),
                ('hear_error', models.CharField(blank=True, max_length=300)),
                ('asked_at', models.DateTimeField(null=True)),
                ('tested_at', models.DateTimeField(null=True)),
                ('works', models.BooleanField(null=True)),
                ('test_result', models.CharField(blank=True, max_length=300)),
            ],
        ),
        migrations.AddField(
            model_name='alert',
            name='acked_label',
            field=models.CharField(blank=True, db_default='', default='', max_length=254),
        ),
        migrations.CreateModel(
            name='OutsideCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('action', models.CharField(choices=[('trigger', 'trigger'), ('acknowledge', 'acknowledge'), ('resolve', 'resolve')], max_length=12)),
                ('number', models.PositiveSmallIntegerField(default=0)),
                ('dedup_key', models.CharField(max_length=255)),
                ('uuid', models.UUIDField(default=uuid.uuid4, unique=True)),
                ('made_at', models.DateTimeField()),
                ('due_at', models.DateTimeField(null=True)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sent', 'sent'), ('failed', 'failed'), ('void', 'void')], default='waiting', max_length=8)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
                ('result', models.CharField(blank=True, max_length=300)),
                ('done_at', models.DateTimeField(null=True)),
                ('alert', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='escalation.alert')),
                ('tool', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.outsidetool')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'waiting')), fields=['tool', 'due_at'], name='outside_call_due'), models.Index(condition=models.Q(('action', 'trigger')), fields=['tool', 'dedup_key'], name='outside_call_key')],
                'constraints': [models.UniqueConstraint(fields=('tool', 'alert', 'action', 'number'), name='outside_call_once')],
            },
        ),
        migrations.CreateModel(
            name='OutsideWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('word_id', models.CharField(max_length=100)),
                ('action', models.CharField(max_length=40)),
                ('by', models.CharField(blank=True, max_length=254)),
                ('said_at', models.DateTimeField()),
                ('heard_at', models.DateTimeField()),
                ('alert', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='escalation.alert')),
                ('tool', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='escalation.outsidetool')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('tool', 'word_id'), name='outside_word_once')],
            },
        ),
        migrations.RunSQL(APPEND_ONLY, "DROP TRIGGER append_only ON escalation_outsideword;"),
    ]
