"""JSON that another program posts to us, read without trust. Raises Malformed, in words for whoever sends it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from answerable.lib.jsonlines import Malformed

_YEAR_ONE = 1  # what Go writes where there is no time


def parsed(body: bytes) -> object:
    """The value that it is."""
    try:
        return json.loads(body.decode())
    except RecursionError:
        raise Malformed("the body is nested too deeply") from None
    except ValueError:
        raise Malformed("the body is not JSON in UTF-8") from None


def text(table: Mapping[str, object], name: str, where: str, *, needed: bool = True) -> str:
    """A text, such as a database can hold; "" where it may be missing and is."""
    value = table.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value):
        raise Malformed(f"{at(where, name)}: expected a text")
    # Half a character can be in JSON, and in no database.
    return value.encode(errors="replace").decode().replace("\0", "�")


def moment(table: Mapping[str, object], name: str, where: str) -> datetime | None:
    """A time with its zone; None where there is none."""
    given = text(table, name, where, needed=False)
    if not given:
        return None
    found = _zoned(given)
    if found is None:
        raise Malformed(f"{at(where, name)}: expected a time such as 2026-03-03T02:11:00Z")
    return found if found.year > _YEAR_ONE else None


def _zoned(given: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(given)
        if found.tzinfo is None:
            return None
        return found.astimezone(UTC) if found.year > _YEAR_ONE else found
    except (ValueError, OverflowError):
        return None


def at(where: str, name: str) -> str:
    """How a place is called in words."""
    return f"{where}.{name}" if where else name
