"""Who is on a ticket now, whose turn it was, hand-overs and shifts."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# It locks the team first: a statement sees what was committed before it began, and each one in a function begins anew.
# So whoever waited counts what the one before them was given.
MEMBERS = """
CREATE FUNCTION ticket_members_in_turn(team bigint, holder bigint, moment timestamptz)
RETURNS TABLE (
  person bigint, email varchar, name varchar, is_member boolean, is_away boolean, last_turn bigint, held json
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM people_team m WHERE m.id = team FOR NO KEY UPDATE;
  RETURN QUERY
  WITH somebody AS (
    SELECT p.id, p.email, p.name, p.is_active, EXISTS (
      SELECT FROM people_team_members m WHERE m.team_id = team AND m.person_id = p.id
    ) AS member
    FROM people_person p
    WHERE p.role IN ('agent', 'lead', 'admin') AND p.id IN (
      SELECT m.person_id FROM people_team_members m WHERE m.team_id = team UNION ALL SELECT holder
    )
  )
  SELECT s.id, s.email, s.name, s.member, NOT s.is_active OR EXISTS (
      SELECT FROM people_absence a
      WHERE a.person_id = s.id AND a.ended_at IS NULL AND a.since <= moment AND a.until > moment
    ), coalesce((
      SELECT max(u.id) FROM tickets_turn u WHERE u.team_id = team AND u.person_id = s.id
    ), 0), coalesce((
      SELECT json_object_agg(o.severity, o.n) FROM (
        SELECT t.severity, count(*) AS n FROM tickets_ticket t
        WHERE t.assignee_id = s.id AND t.status IN ('new', 'open', 'pending', 'hold') GROUP BY t.severity
      ) AS o
    ), json_build_object())
  FROM somebody s;
END $$;
"""
BACK = "DROP FUNCTION ticket_members_in_turn(bigint, bigint, timestamptz);"
# What is there is over in seconds: no crash needs to keep it, and no heartbeat waits for a disk.
UNLOGGED = "ALTER TABLE tickets_presence SET UNLOGGED;"


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0015_absences_and_rules'),
        ("tickets", "0014_sorting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HandOver',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('text', models.TextField()),
                ('html', models.TextField()),
                ('open_count', models.PositiveIntegerField()),
                ('attached', models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name='HandOverRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticket_id', models.BigIntegerField()),
                ('person_id', models.BigIntegerField()),
                ('tab', models.CharField(max_length=16)),
                ('doing', models.CharField(max_length=8)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Shift',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('since', models.DateTimeField()),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Turn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticket_id', models.BigIntegerField()),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.AddField(
            model_name='handover',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='handover',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team'),
        ),
        migrations.AddField(
            model_name='handoverread',
            name='hand_over',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reads', to='tickets.handover'),
        ),
        migrations.AddField(
            model_name='handoverread',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='presence',
            index=models.Index(fields=['at'], name='presence_at'),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(fields=('ticket_id', 'person_id', 'tab'), name='presence_once'),
        ),
        migrations.AddField(
            model_name='shift',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='shift',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='shift',
            name='team',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.team'),
        ),
        migrations.AddField(
            model_name='turn',
            name='person',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='turn',
            name='team',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='people.team'),
        ),
        migrations.AddIndex(
            model_name='handover',
            index=models.Index(fields=['team', '-id'], name='handover_of_team'),
        ),
        migrations.AddConstraint(
            model_name='handoverread',
            constraint=models.UniqueConstraint(fields=('hand_over', 'person'), name='handover_read_once'),
        ),
        migrations.AddConstraint(
            model_name='shift',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('team',), name='shift_once'),
        ),
        migrations.AddIndex(
            model_name='turn',
            index=models.Index(models.F('team'), models.F('person'), models.F('id'), name='turn_of_person'),
        ),
        migrations.RunSQL(UNLOGGED, migrations.RunSQL.noop),
        migrations.RunSQL(MEMBERS, BACK),
    ]
