"""Doors for checking from outside (sla contract §9): JSON lines in, one JSON object a line out.

A malformed line is answered with `{"id": …, "error": "…"}`, and the run goes on.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import partial

Case = Mapping[str, object]
Kinds = Mapping[str, Callable[[Case], dict[str, object]]]

_INSTANT = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})Z")
_TOO_LARGE = (float("inf"), float("-inf"))  # what 1e999 reads as


class Malformed(ValueError):
    """What is wrong with a line, for whoever wrote it."""


def run(lines: Iterable[str | bytes], kinds: Kinds) -> Iterator[str]:
    """One answer for each line that is not blank, by its `kind`. Lines of bytes need not even be text."""
    return (json.dumps(_answer(line, kinds)) for line in lines if line.strip())


def _answer(line: str | bytes, kinds: Kinds) -> dict[str, object]:
    name: object = None
    twice: list[str] = []
    try:
        shape = json.loads(line, parse_constant=_no_number, object_pairs_hook=partial(_object, twice))
        case = mapping(shape, "a line")
        name = case.get("id")
        if not isinstance(name, str | int | float) or name in _TOO_LARGE:
            name = None
            raise Malformed("id: expected a text or a number")
        if twice:
            raise Malformed(f"{twice[0]!r} stands twice in one object")
        return {"id": name, **kinds[one_of(case.get("kind"), "kind", *kinds)](case)}
    except RecursionError:
        return {"id": None, "error": "nested too deeply"}
    except (ValueError, OverflowError) as wrong:  # OverflowError: beyond the years 1 to 9999
        return {"id": name, "error": str(wrong)}


def _no_number(name: str) -> None:
    raise Malformed(f"{name} is no number in JSON")


def _object(twice: list[str], pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of the line; `twice` gets a key of which nobody can tell the value that is meant."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice += Counter(key for key, _ in pairs).most_common(1)[0][:1]
    return found


def one_of(value: object, where: str, *words: str) -> str:
    """One of the words that are known there."""
    if not isinstance(value, str) or value not in words:
        raise Malformed(f"{where}: expected one of {', '.join(words)}")
    return value


def whole(value: object, where: str, least: int) -> int:
    """A whole number; true and 5.0 are none."""
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise Malformed(f"{where}: expected a whole number, {least} or more")
    return value


def instant(text: object, where: str) -> datetime:
    """An instant in whole seconds of UTC."""
    read = _INSTANT.fullmatch(text) if isinstance(text, str) else None
    if read is None:
        raise Malformed(f"{where}: expected an instant such as 2024-03-01T09:00:00Z")
    year, month, day, hour, minute, second = (int(part) for part in read.groups())
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as wrong:
        raise Malformed(f"{where}: {wrong}") from None


def written(at: datetime | None) -> str | None:
    """The instant as it is read."""
    return None if at is None else f"{at.replace(tzinfo=None).isoformat()}Z"  # %Y writes the year 1 as 1


def listing(shape: object, where: str) -> list[object]:
    """A list."""
    if not isinstance(shape, list):
        raise Malformed(f"{where}: expected a list")
    return shape


def mapping(shape: object, where: str) -> Case:
    """An object."""
    if not isinstance(shape, Mapping):
        raise Malformed(f"{where}: expected an object")
    return shape
