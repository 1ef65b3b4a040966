"""The tables after a test that commits: what holds something is emptied, by one statement."""

from functools import cache
from typing import Any

from django.db import connection, transaction

# Django fills these when it makes the tables.
KEPT = ["django_migrations", "django_content_type", "auth_permission"]


def empty(*_: Any) -> None:
    """As `flush` leaves them, for a fortieth of the work: that one cuts every table and makes all permissions anew.

    Whoever is still writing is waited for, as there. `replica` lets rows go that nobody may delete.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if full := hold_something():
            deletes = "".join(f"; DELETE FROM {name}" for name in full)
            cursor.execute(f"SET LOCAL session_replication_role = replica; LOCK TABLE {', '.join(full)}{deletes}")


def hold_something() -> list[str]:
    """The tables that are not empty, as SQL writes their names."""
    with connection.cursor() as cursor:
        cursor.execute(_which())
        return [name for (name,) in cursor.fetchall()]


@cache
def _which() -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL(%s)", [KEPT]
        )
        names = [name for (name,) in cursor.fetchall()]
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)
