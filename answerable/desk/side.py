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
    return [
        Field(row["key"], row["label"], row["kind"], tuple(row.get("options", ())), custom.value_of(fields, row["key"]))
        for row in known
    ]


def read(posted: QueryDict, fields: Mapping[str, Any]) -> dict[str, custom.Value]:
    """What was set. A box that was never ticked and is not ticked now says nothing."""
    shown = {one.key: one for one in editable(fields)}
    found: dict[str, custom.Value] = {}
    for key in posted.getlist("key"):
        given = posted.get(f"field-{key}")
        if key in shown and shown[key].kind == "checkbox":
            found[key] = True if given else (None if shown[key].value is None else False)
        else:
            found[key] = given
    return found
