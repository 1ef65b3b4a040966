"""How much came from a domain since an hour. Built beside the running product: raw mail may be much."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [
        ("mail", "0001_initial"),
    ]
    operations = [
        AddIndexConcurrently(
            model_name="rawmail",
            index=models.Index(
                models.Func("sender", models.Value("@"), models.Value(2), function="split_part"),
                models.F("received_at"),
                name="rawmail_domain",
            ),
        ),
    ]
