"""Write many rows at once. Django's bulk_update spells out a CASE a value, which takes ten times as long."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from psycopg import sql

_UPDATE = "UPDATE {table} AS t SET {changes} FROM unnest({arrays}) AS d ({columns}) WHERE t.{id} = d.{id}"


def update_many(rows: Sequence[Any], names: Sequence[str]) -> None:
    """Write these columns (fields by their attnames) of model instances, found by their ids, in one statement."""
    if not rows:
        return
    meta = rows[0]._meta
    known = {field.attname: field for field in meta.concrete_fields}
    fields = [known[name] for name in (meta.pk.attname, *names)]
    columns = [sql.Identifier(field.column) for field in fields]
    words = {
        "table": sql.Identifier(meta.db_table),
        "changes": sql.SQL(", ").join(sql.SQL("{0} = d.{0}").format(column) for column in columns[1:]),
        "arrays": sql.SQL(", ").join(sql.SQL("%s::{}[]").format(sql.SQL(_type(field))) for field in fields),
        "columns": sql.SQL(", ").join(columns),
        "id": columns[0],
    }
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL(_UPDATE).format(**words), [[getattr(row, field.attname) for row in rows] for field in fields]
        )


def _type(field: Any) -> Any:
    return field.rel_db_type(connection)
