"""The ladder's log, which refuses change but for words that are removed, and where each episode stands."""

import django.contrib.postgres.fields
from django.db import migrations, models


FORWARD = """
CREATE FUNCTION answerable_ladder_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'UPDATE' OR to_jsonb(NEW) - 'why' <> to_jsonb(OLD) - 'why' OR NEW.why = OLD.why
    OR NOT answerable_only_removed(OLD.why, NEW.why) THEN
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON escalation_ladderstep
  FOR EACH ROW EXECUTE FUNCTION answerable_ladder_stays();
"""
BACKWARD = """
DROP TRIGGER append_only ON escalation_ladderstep;
DROP FUNCTION answerable_ladder_stays();
"""


class Migration(migrations.Migration):

    # The second for the function that knows what a removed word looks like.
    dependencies = [("escalation", "0002_alerts"), ("tickets", "0018_view_indexes")]

    operations = [
        migrations.CreateModel(
            name='Episode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticket_id', models.BigIntegerField()),
                ('number', models.PositiveIntegerField()),
                ('house', models.CharField(max_length=24)),
                ('begun_at', models.DateTimeField()),
                ('is_open', models.BooleanField(default=True)),
                ('level', models.PositiveSmallIntegerField(default=0)),
                ('stage', models.CharField(blank=True, max_length=12)),
                ('due_at', models.DateTimeField(null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('due_at__isnull', False), ('is_open', True)), fields=['due_at', 'id'], name='episode_due'), models.Index(condition=models.Q(('is_open', True)), fields=['house', 'id'], name='episode_house')],
                'constraints': [models.UniqueConstraint(models.F('ticket_id'), models.F('number'), name='episode_once'), models.UniqueConstraint(condition=models.Q(('is_open', True)), fields=('ticket_id',), name='episode_open_once')],
            },
        ),
        migrations.CreateModel(
            name='LadderStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticket_id', models.BigIntegerField()),
                ('episode', models.PositiveIntegerField()),
                ('kind', models.CharField(max_length=12)),
                ('at', models.DateTimeField()),
                ('below', models.PositiveSmallIntegerField()),
                ('level', models.PositiveSmallIntegerField()),
                ('by_id', models.BigIntegerField(null=True)),
                ('by_label', models.CharField(blank=True, max_length=254)),
                ('cause', models.CharField(blank=True, max_length=24)),
                ('why', models.TextField(blank=True)),
                ('due_at', models.DateTimeField(null=True)),
                ('attempt', models.PositiveIntegerField(default=0)),
                ('people', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None)),
                ('names', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=254), default=list, size=None)),
                ('emission_id', models.BigIntegerField(null=True)),
                ('late', models.PositiveIntegerField(default=0)),
            ],
            options={
                'indexes': [models.Index(models.F('ticket_id'), models.F('id'), name='ladder_ticket')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('attempt__gt', 0)), fields=('ticket_id', 'episode', 'level', 'kind', 'attempt'), name='ladder_page_once'), models.UniqueConstraint(condition=models.Q(('emission_id__isnull', False)), fields=('emission_id',), name='ladder_breach_once')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
