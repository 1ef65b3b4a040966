"""What the form asked besides, and what was answered: kept in `Ticket.fields` under the words of that day.

A field that the policy changes or drops leaves old answers as they are.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _


class Answer(NamedTuple):
    """One answer; `value` is text as it was given (a date as 2026-12-24), or whether a box was ticked."""

    key: str
    label: str
    kind: str
    value: str | bool


def stored(answers: Iterable[Answer]) -> dict[str, dict[str, Any]]:
    """As the column holds them: by key. JSON in the database forgets the order, so each knows its place."""
    return {
        one.key: {"label": one.label, "kind": one.kind, "value": one.value, "place": place}
        for place, one in enumerate(answers)
    }


def told(fields: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(label, answer) for people, in the order of the form; what has no such shape comes last, under its key."""
    rows = [(key, row if isinstance(row, dict) and "label" in row else {"value": row}) for key, row in fields.items()]
    last = len(rows)
    rows.sort(key=lambda pair: (pair[1].get("place", last), pair[0]))
    return [(str(row.get("label", key)), _words(row.get("value"))) for key, row in rows]


def _words(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "" if value is None else str(value)
