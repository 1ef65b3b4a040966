"""The trail refuses change: a trigger, so that no code path and no shell can."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION answerable_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are append-only', TG_TABLE_NAME;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_record
  FOR EACH ROW EXECUTE FUNCTION answerable_append_only();
"""
BACKWARD = """
DROP TRIGGER append_only ON audit_record;
DROP FUNCTION answerable_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
