"""Statements written by hand, for what every page asks: the mapper takes longer to write them than the server to run
them. Whatever is written so has a test that holds it to the models' meaning.
"""

from collections.abc import Mapping
from typing import Any

from django.db import connection


def rows(statement: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What the statement finds; `%(name)s` stands for a value. jsonb comes as text: cast it to json to get it read."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
