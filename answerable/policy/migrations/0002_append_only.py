"""Versions of the policy refuse change, as the audit trail does."""

from django.db import migrations

FORWARD = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON policy_applied
  FOR EACH ROW EXECUTE FUNCTION answerable_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("policy", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(FORWARD, "DROP TRIGGER append_only ON policy_applied;")]
