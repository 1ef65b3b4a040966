"""The policy's own fields, as the ticket's side column has them to be changed; and what came back from there."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from answerable.tickets import custom


@dataclass(frozen=True)
class Field:
    """One field with its value, None for none."""

    key: str
    label: str
    kind: str
    options: tuple[str, ...]
    value: custom.Value


def editable(fields: Mapping[str, Any]) -> list[Field]:
    """What the policy has now, in its order, and after that what the ticket has from earlier ones."""
    known = sorted(custom.known(fields).values(), key=lambda row: (row.get("place", 99), row["key"]))
    return [_field(row, custom.value_of(fields, row["key"]), custom.kind_of(fields, row["key"])) for row in known]


def _field(row: Mapping[str, Any], value: custom.Value, answered_as: str) -> Field:
    """With a place for the value that is there, so that it comes back as it was where nobody touches it."""
    kind, options = row["kind"], tuple(row.get("options", ()))
    if value is not None and answered_as != kind:
        kind = "text" if answered_as == "choice" else answered_as
    elif kind == "choice" and isinstance(value, str) and value not in options:
        options = (*options, value)
    return Field(row["key"], row["label"], kind, options, value)


def read(posted: QueryDict, fields: Mapping[str, Any]) -> dict[str, custom.Value]:
    """What was set. A box that was never ticked and is not ticked now says nothing."""
    shown = {one.key: one for one in editable(fields)}
    found: dict[str, custom.Value] = {}
    for key in posted.getlist("key"):
        given = posted.get(f"field-{key}")
        if key in shown and shown[key].kind == "checkbox":
            found[key] = True if given else (None if shown[key].value is None else False)
        else:
            # A browser sends lines with two signs between them.
            found[key] = given and given.replace("\r\n", "\n")
    return found
