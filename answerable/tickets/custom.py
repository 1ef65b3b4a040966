"""The fields that the policy has (`[form.fields]`), on a ticket: read what somebody gave, and keep it as the form does.

A field that the policy has dropped can still be changed where a ticket has it, under the words of its day.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.people.queries import vendor

LONGEST = 200
LONGEST_PARAGRAPH = 5000

Value = str | bool | None


def defined() -> list[dict[str, Any]]:
    """The policy's fields in its order: key, label, kind, options, required, help."""
    found = vendor().settings.get("form_fields", [])
    return [dict(row) for row in found] if isinstance(found, list) else []


def known(fields: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Every field that this ticket has or may have, by key; what the policy says now goes before old words."""
    old = {key: {"key": key, "label": key, "kind": "text", **_row(row)} for key, row in fields.items()}
    return old | {row["key"]: row | {"place": place} for place, row in enumerate(defined())}


def value_of(fields: Mapping[str, Any], key: str) -> Value:
    """What the ticket has there, None where it has nothing."""
    value = _row(fields[key]).get("value") if key in fields else None
    return value if value is None or isinstance(value, bool) else str(value)


def kind_of(fields: Mapping[str, Any], key: str) -> str:
    """The kind that the field had when it was answered; "text" where that is not known."""
    return str(_row(fields[key]).get("kind", "text")) if key in fields else "text"


def read(field: Mapping[str, Any], value: Value) -> Value:
    """The value as it is kept, None to clear the field. Raises Refused."""
    if field["kind"] == "checkbox":
        return None if value is None else value in {True, "yes", "on"}
    text = "" if value is None or isinstance(value, bool) else value.replace("\x00", "").strip()
    if not text:
        return None
    most = LONGEST_PARAGRAPH if field["kind"] == "paragraph" else LONGEST
    if len(text) > most:
        _refuse(_("“%(label)s” takes at most %(most)s letters."), field, most=most)
    _fits(field, text)
    return text


def _fits(field: Mapping[str, Any], text: str) -> None:
    kind, options = field["kind"], field.get("options", ())
    if kind == "choice" and options and text not in options:
        _refuse(_("“%(label)s” is one of: %(options)s."), field, options=", ".join(options))
    if kind == "number" and not _is_number(text):
        _refuse(_("“%(label)s” takes a number."), field)
    if kind == "date" and not _is_date(text):
        _refuse(_("“%(label)s” takes a date, like 2026-12-24."), field)


def put(fields: Mapping[str, Any], values: Mapping[str, Value], of: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The column with these values in it, each with the words of today."""
    kept = dict(fields)
    for key, value in values.items():
        if value is None:
            kept.pop(key, None)
        else:
            field = of[key]
            row = {"label": field["label"], "kind": field["kind"], "value": value}
            kept[key] = row | ({"place": field["place"]} if "place" in field else {})
    return kept


def _row(row: object) -> dict[str, Any]:
    return dict(row) if isinstance(row, dict) and "label" in row else {"value": row}


def _refuse(words: str, field: Mapping[str, Any], **more: object) -> None:
    raise Refused("field", words % {"label": field["label"], **more})


def _is_number(text: str) -> bool:
    try:
        return Decimal(text.replace(",", ".")).is_finite()
    except InvalidOperation:
        return False


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
