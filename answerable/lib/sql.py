"""Statements written by hand, for what every page asks: the mapper takes longer to write them than the server to run
them, and the server keeps their plans. Whatever is written so has a test that holds it to the models' meaning.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg.types.datetime import TimestamptzLoader

from answerable.lib.rows import cursor


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement finds; `%(name)s` stands for a value. jsonb comes as text: cast it to json to get it read."""
    with cursor(psycopg.Cursor) as asked:
        # Django's loader is Python and takes 3 µs a time, 150 times a queue page; psycopg's own takes a twentieth.
        asked.adapters.register_loader("timestamptz", TimestamptzLoader)
        asked.execute(statement, values)
        found: list[tuple[Any, ...]] = asked.fetchall()
    return found


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction in which PostgreSQL itself refuses to write."""
    with transaction.atomic():
        with connection.cursor() as asked:
            asked.execute("SET TRANSACTION READ ONLY")
        yield
