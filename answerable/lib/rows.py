"""Read, insert and update rows by statements that are made once, here and in the server; for what runs with every mail.

The ORM makes its statements anew each time, and PostgreSQL plans them anew: both cost more than what they do. Rows
inserted here still count as new for Django: saving them again is correct, and one query slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count, groupby
from types import NoneType
from typing import Any, TypeVar

import psycopg
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import BooleanField, CharField, DateTimeField, Field, ForeignKey, IntegerField, Model, TextField
from psycopg import sql
from psycopg.types.numeric import Int8

M = TypeVar("M", bound=Model)
# A statement seen so often stays prepared in its connection.
_PREPARE_AFTER = 2


def cursor(kind: type[Any] = psycopg.RawCursor) -> CursorWrapper:
    """For statements that come again and again with other values; these stand as $1, $2 and are bound by the server.

    `kind`: psycopg.Cursor, where they stand as %(name)s and psycopg numbers them. Django's own cursor writes the values
    into the text, so that each statement is a new one to the server.
    """
    wrapper = _ours()
    wrapper.ensure_connection()
    wrapper.connection.prepare_threshold = _PREPARE_AFTER
    make = wrapper.make_debug_cursor if wrapper.queries_logged else wrapper.make_cursor
    return make(kind(wrapper.connection))


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


def insert(rows: Iterable[Model], *, once: type[Model] | None = None) -> None:
    """Insert rows of any models in one statement; rows without an id have it afterwards.

    `once`: rows of this model that are there already are left as they are, and then none of its ids are known.
    """
    groups = [list(group) for _, group in groupby(rows, type)]
    if not groups:
        return
    shapes = tuple((type(group[0]), group[0].pk is not None, len(group)) for group in groups)
    fields = [_written(model, with_id) for model, with_id, _ in shapes]
    ours = _ours()
    values = [
        _value(field, row, ours)
        for group, names in zip(groups, fields, strict=True)
        for row in group
        for field in names
    ]
    with cursor() as asked:
        asked.execute(_insert(shapes, once), values)
        found = asked.fetchall()
    for number, group in enumerate(groups):
        ids = [pk for place, pk in found if place == number]
        if len(ids) == len(group):
            for row, pk in zip(group, ids, strict=True):
                row.pk = pk


def update(row: Model, *names: str) -> None:
    """Store these fields of one row (foreign keys by their columns: `team_id`); none named: all."""
    fields = {field.attname: field for field in row._meta.concrete_fields if not field.primary_key}
    names, ours = names or tuple(fields), _ours()
    with cursor() as asked:
        asked.execute(_update(type(row), names), [*(_value(fields[name], row, ours) for name in names), row.pk])


def update_many(rows: Sequence[Model], names: Sequence[str]) -> None:
    """Store these fields (foreign keys by their columns) of several rows of one model in one statement."""
    if not rows:
        return
    model = type(rows[0])
    fields = {field.attname: field for field in model._meta.concrete_fields}
    written, ours = [fields[name] for name in ("id", *names)], _ours()
    with cursor() as asked:
        values = [[_value(field, row, ours) for row in rows] for field in written]
        asked.execute(_update_many(model, tuple(names)), values)


def _ours() -> BaseDatabaseWrapper:
    """The connection itself: `connection` looks for it each time that it is named, a hundred times an insert."""
    return connections[DEFAULT_DB_ALIAS]


# What stands for itself in these fields; asking a field to say so takes longer than the rest of the statement.
_AS_IT_IS: dict[type[Any], frozenset[type[Any]]] = {
    BooleanField: frozenset({bool}),
    CharField: frozenset({str}),
    DateTimeField: frozenset({datetime, NoneType}),
    TextField: frozenset({str}),
}
_NUMBERS = (ForeignKey, IntegerField)


def _value(field: Field[Any, Any], row: Model, ours: BaseDatabaseWrapper) -> Any:
    value, kind = getattr(row, field.attname), type(field)
    if type(value) in _AS_IT_IS.get(kind, ()):
        return value
    if isinstance(field, _NUMBERS):
        if value is None:
            return None
        if type(value) is int:  # every kind of whole number, so that the statement stays the same one
            return Int8(value)
    return field.get_db_prep_save(value, ours)


@lru_cache(maxsize=256)
def _reading(model: type[Model]) -> tuple[list[str], list[Any]]:
    """The fields' names, and for each what Django converts its values with (JSON) or None."""
    fields = model._meta.concrete_fields
    return [field.attname for field in fields], [getattr(field, "from_db_value", None) for field in fields]


@lru_cache(maxsize=256)
def _written(model: type[Model], with_id: bool) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if with_id or not field.primary_key]


@lru_cache(maxsize=256)
def _insert(shapes: tuple[tuple[type[Model], bool, int], ...], once: type[Model] | None) -> str:
    """An INSERT a group, in one statement that gives (group, id) of each row; foreign keys are checked after it."""
    names = [sql.Identifier(f"group_{number}") for number in range(len(shapes))]
    inserts = [
        sql.SQL("{} AS ({})").format(name, _insert_group(*shape, skip=shape[0] is once))
        for name, shape in zip(names, shapes, strict=True)
    ]
    ids = [sql.SQL("SELECT {}, id FROM {}").format(sql.Literal(number), name) for number, name in enumerate(names)]
    return _numbered(
        statement("WITH {inserts} {ids}", inserts=sql.SQL(", ").join(inserts), ids=sql.SQL(" UNION ALL ").join(ids))
    )


def _insert_group(model: type[Model], with_id: bool, rows: int, *, skip: bool) -> sql.Composable:
    names = [field.attname for field in _written(model, with_id)]
    row = sql.SQL("({})").format(sql.SQL(", ").join([_VALUE] * len(names)))
    return sql.SQL("INSERT INTO {} ({}) VALUES {}{} RETURNING id").format(
        sql.Identifier(model._meta.db_table),
        sql.SQL(", ").join(map(sql.Identifier, names)),
        sql.SQL(", ").join([row] * rows),
        sql.SQL(" ON CONFLICT DO NOTHING" if skip else ""),
    )


@lru_cache(maxsize=256)
def _update(model: type[Model], names: tuple[str, ...]) -> str:
    return _numbered(
        statement(
            "UPDATE {table} SET {sets} WHERE id = {value}",
            table=sql.Identifier(model._meta.db_table),
            sets=sql.SQL(", ").join(sql.SQL("{} = {}").format(sql.Identifier(name), _VALUE) for name in names),
            value=_VALUE,
        )
    )


@lru_cache(maxsize=64)
def _update_many(model: type[Model], names: tuple[str, ...]) -> str:
    fields = {field.attname: field for field in model._meta.concrete_fields}
    kinds = [sql.SQL(fields[name].rel_db_type(connection) or "") for name in ("id", *names)]
    return _numbered(
        statement(
            "UPDATE {table} AS t SET {sets} FROM unnest({arrays}) AS d ({columns}) WHERE t.id = d.id",
            table=sql.Identifier(model._meta.db_table),
            sets=sql.SQL(", ").join(sql.SQL("{0} = d.{0}").format(sql.Identifier(name)) for name in names),
            arrays=sql.SQL(", ").join(sql.SQL("{}::{}[]").format(_VALUE, kind) for kind in kinds),
            columns=sql.SQL(", ").join(sql.Identifier(name) for name in ("id", *names)),
        )
    )


_VALUE = sql.SQL("$")


def _numbered(text: str) -> str:
    """$1, $2 and so on for each `_VALUE`."""
    number = count(1)
    return re.sub(r"\$", lambda _: f"${next(number)}", text)
