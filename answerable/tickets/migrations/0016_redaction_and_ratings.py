"""What was removed from tickets, by whom and why; and what requesters say of our help. Words in an event may be removed and nothing else of it changed."""

import django.db.models.deletion
from django.db import migrations, models

# The new words must be the old ones with marks (lib.blanking.mark) in place of some: LIKE says so, a mark being its %.
FORWARD = r"""
CREATE FUNCTION answerable_only_removed(before text, after text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT before LIKE regexp_replace(
    replace(replace(replace(after, '\', '\\'), '%', '\%'), '_', '\_'),
    '\[removed by staff, \d{4}-\d\d-\d\d \d\d:\d\d UTC\]', '%', 'g')
$$;
CREATE FUNCTION answerable_only_removed_in(before jsonb, after jsonb) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  RETURN CASE
    WHEN before IS NOT DISTINCT FROM after THEN true
    WHEN jsonb_typeof(before) IS DISTINCT FROM jsonb_typeof(after) THEN false
    WHEN jsonb_typeof(before) = 'string' THEN answerable_only_removed(before #>> '{}', after #>> '{}')
    WHEN jsonb_typeof(before) = 'array' THEN jsonb_array_length(before) = jsonb_array_length(after) AND (
      SELECT bool_and(answerable_only_removed_in(before -> i, after -> i))
      FROM generate_series(0, jsonb_array_length(before) - 1) i)
    WHEN jsonb_typeof(before) = 'object' THEN NOT EXISTS (
      SELECT FROM jsonb_each(before) b FULL JOIN jsonb_each(after) a ON a.key = b.key
      WHERE a.key IS NULL OR b.key IS NULL OR NOT answerable_only_removed_in(b.value, a.value))
    ELSE false
  END;
END $$;
CREATE FUNCTION answerable_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  words text[] := ARRAY['why', 'impact', 'hold_reason']
    || CASE WHEN OLD.kind IN ('tags', 'fields') THEN ARRAY['before', 'after'] ELSE ARRAY[]::text[] END;
  word text;
BEGIN
  IF TG_OP <> 'UPDATE' OR to_jsonb(NEW) - 'data' <> to_jsonb(OLD) - 'data' OR NEW.data - words <> OLD.data - words
    OR NEW.data = OLD.data THEN
    RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME;
  END IF;
  FOREACH word IN ARRAY words LOOP
    IF NOT answerable_only_removed_in(OLD.data->word, NEW.data->word) THEN
      RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME;
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
DROP TRIGGER append_only ON tickets_event;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tickets_event
  FOR EACH ROW EXECUTE FUNCTION answerable_event_stays();
"""
BACKWARD = """
DROP TRIGGER append_only ON tickets_event;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON tickets_event
  FOR EACH ROW EXECUTE FUNCTION answerable_append_only();
DROP FUNCTION answerable_event_stays();
DROP FUNCTION answerable_only_removed_in(jsonb, jsonb);
DROP FUNCTION answerable_only_removed(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0015_to_take"), ("people", "0011_incident_until")]
    operations = [
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.CreateModel(
            name="Redaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(max_length=500)),
                (
                    "what",
                    models.CharField(choices=[("text", "text"), ("entry", "entry"), ("file", "file")], max_length=8),
                ),
                ("entry_id", models.BigIntegerField(null=True)),
                ("places", models.JSONField(default=dict)),
                ("digests", models.JSONField(default=list)),
                ("files_gone_at", models.DateTimeField(null=True)),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
                    ),
                ),
            ],
            options={"indexes": [models.Index(models.F("ticket"), models.F("id"), name="redaction_ticket")]},
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("solved_at", models.DateTimeField()),
                ("at", models.DateTimeField()),
                ("skipped", models.CharField(blank=True, max_length=16)),
                ("score", models.CharField(blank=True, choices=[("good", "good"), ("bad", "bad")], max_length=4)),
                ("comment", models.TextField(blank=True)),
                ("rated_at", models.DateTimeField(null=True)),
                (
                    "agent",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="people.person"
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.organization",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="people.team"
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="tickets.ticket"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("skipped", "")), fields=["person", "-at"], name="rating_person"),
                    models.Index(condition=models.Q(("skipped", "")), fields=["at"], name="rating_at"),
                ],
                "constraints": [models.UniqueConstraint(models.F("ticket"), models.F("solved_at"), name="rating_once")],
            },
        ),
    ]
