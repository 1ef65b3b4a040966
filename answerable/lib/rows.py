"""Read, insert and update rows by statements that are made once; for what runs with every mail.

The ORM makes its statements anew each time, which costs more than sending them and reading the answer. Rows inserted
here still count as new for Django: saving them again is correct, and one query slower.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection
from django.db.models import Field, Model
from psycopg import sql

M = TypeVar("M", bound=Model)


def statement(text: str, **parts: sql.Composable) -> str:
    """SQL by hand with the names of tables and columns filled in."""
    return sql.SQL(text).format(**parts).as_string()


def columns(model: type[Model], table: str) -> sql.Composable:
    """Every column of a model, for a SELECT that calls its table so."""
    return sql.SQL(", ").join(sql.Identifier(table, field.attname) for field in model._meta.concrete_fields)


def read(model: type[M], values: Sequence[Any]) -> M:
    """The row whose `columns` have these values."""
    names, readers = _reading(model)
    pairs = zip(readers, values, strict=True)
    return model.from_db(None, names, [reader(value, None, connection) if reader else value for reader, value in pairs])


def insert(rows: Sequence[Model], *, ignore_conflicts: bool = False) -> None:
    """Insert rows of one model in one statement; rows without an id have it afterwards.

    `ignore_conflicts`: rows that are there already are left as they are, and then no ids are known if any was.
    """
    if not rows:
        return
    model, with_id = type(rows[0]), rows[0].pk is not None
    values = [_value(field, row) for row in rows for field in _written(model, with_id)]
    with connection.cursor() as cursor:
        cursor.execute(_insert(model, with_id, len(rows), ignore_conflicts), values)
        found = [] if with_id else cursor.fetchall()
    if len(found) == len(rows):
        for row, (pk,) in zip(rows, found, strict=True):
            row.pk = pk


def update(row: Model, *names: str) -> None:
    """Store these fields of one row (foreign keys by their columns: `team_id`)."""
    fields = {field.attname: field for field in row._meta.concrete_fields}
    values = [_value(fields[name], row) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(_update(type(row), names), [*values, row.pk])


def _value(field: Field[Any, Any], row: Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


@lru_cache(maxsize=256)
def _reading(model: type[Model]) -> tuple[list[str], list[Any]]:
    """The fields' names, and for each what Django converts its values with (JSON) or None."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [getattr(field, "from_db_value", None) for field in fields]


@lru_cache(maxsize=256)
def _written(model: type[Model], with_id: bool) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if with_id or not field.primary_key]


@lru_cache(maxsize=256)
def _insert(model: type[Model], with_id: bool, count: int, ignore_conflicts: bool) -> str:
    names = [field.attname for field in _written(model, with_id)]
    row = sql.SQL("({})").format(sql.SQL(", ").join([sql.Placeholder()] * len(names)))
    return statement(
        "INSERT INTO {table} ({columns}) VALUES {rows}{conflict}{returning}",
        table=sql.Identifier(model._meta.db_table),
        columns=sql.SQL(", ").join(map(sql.Identifier, names)),
        rows=sql.SQL(", ").join([row] * count),
        conflict=sql.SQL(" ON CONFLICT DO NOTHING" if ignore_conflicts else ""),
        returning=sql.SQL("" if with_id else " RETURNING id"),
    )


@lru_cache(maxsize=256)
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    return statement(
        "UPDATE {table} SET {sets} WHERE id = %s",
        table=sql.Identifier(model._meta.db_table),
        sets=sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in names),
    )
