"""What the bulk bar may ask: one verb with what it takes."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from answerable.casework.bulk_verbs import VERBS
from answerable.desk.forms import AssignForm, SeverityForm, StatusForm
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.tickets.tags import normal_all


class VerbForm(forms.Form):
    """Which verb."""

    verb = forms.ChoiceField(
        label=_("What to do"),
        choices=[(verb, verb) for verb in VERBS],
        error_messages={"required": _("Choose what is to happen to them.")},
    )


def read(data: Any) -> tuple[str, dict[str, Any]]:
    """The verb and its arguments as a run keeps them. Raises Refused with the first thing that is wrong."""
    verb = str(checked(VerbForm(data))["verb"])
    return verb, _args(verb, data)


def _args(verb: str, data: Any) -> dict[str, Any]:
    match verb:
        case "assign" | "team":
            row = checked(AssignForm({verb_field(verb): data.get(verb_field(verb), "")}))[verb_field(verb)]
            name = "" if row is None else row.label if verb == "assign" else row.name
            return {verb_field(verb): row.pk if row else None, "label": name}
        case "status":
            values = checked(StatusForm({"status": data.get("status", ""), "reason": data.get("hold_reason", "")}))
            return _status(values)
        case "severity":
            given = {"severity": data.get("severity", ""), "reason": data.get("severity_reason", "")}
            values = checked(SeverityForm(given))
            return {"severity": values["severity"], "label": values["severity"], "reason": values["reason"].strip()}
        case "add_tags" | "remove_tags":
            tags = normal_all(data.get("tags", "").replace(",", " ").split())
            if not tags:
                raise Refused("invalid", str(_("Name at least one tag.")))
            return {"tags": tags}
    return {}


def verb_field(verb: str) -> str:
    """The field in which the bar asks whom."""
    return "assignee" if verb == "assign" else "team"


def _status(values: dict[str, Any]) -> dict[str, Any]:
    status, reason = values["status"], values["reason"].strip()
    if status not in {"solved", "pending", "hold", "open"}:
        raise Refused("invalid", str(_("Choose a status that can be set.")))
    if status == "hold" and not reason:
        raise Refused("reason_missing", str(_("Say what they are on hold for; their customers see it.")))
    return {"status": status, "reason": reason if status == "hold" else ""}
