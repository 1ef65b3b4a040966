"""What the policy has the form ask besides: each question is a field, each answer is kept with the question's words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from answerable.people.queries import vendor
from answerable.tickets.answers import Answer, stored


@dataclass(frozen=True)
class Question:
    """As `[form.fields.KEY]` of the policy."""

    key: str
    label: str
    help: str | None = None
    kind: str = "text"
    options: Sequence[str] = ()
    required: bool = False
    shown_to: str = "everyone"
    asked_for: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Of its field, apart from the form's own."""
        return f"ask-{self.key}"

    def concerns(self, severity: str) -> bool:
        """Whether who states this severity, "" for none, is asked."""
        return not self.asked_for or severity in self.asked_for


def questions(*, signed_in: bool) -> list[Question]:
    """In the policy's order, for somebody who is signed in or for anybody."""
    found = [
        Question(**{name: row[name] for name in Question.__dataclass_fields__ if name in row})
        for row in vendor().settings.get("form_fields", [])
    ]
    return [one for one in found if signed_in or one.shown_to == "everyone"]


def fields(asked: Sequence[Question]) -> dict[str, forms.Field]:
    """By name."""
    return {one.name: _field(one) for one in asked}


def _field(one: Question) -> forms.Field:
    """One that is asked for some severities alone says so; which of them was stated is known once the form is sent."""
    required, help_text = one.required and not one.asked_for, one.help or ""
    if one.asked_for:
        said = _("Only for %(levels)s.") % {"levels": ", ".join(one.asked_for)}
        help_text = f"{said} {help_text}".strip()
    field = _MAKERS[one.kind](one, label=one.label, help_text=help_text, required=required)
    if one.asked_for:
        field.widget.attrs["data-asked-for"] = " ".join(one.asked_for)
    return field


def _text(_one: Question, **words: Any) -> forms.Field:
    return forms.CharField(max_length=500, **words)


def _paragraph(_one: Question, **words: Any) -> forms.Field:
    return forms.CharField(max_length=5_000, widget=forms.Textarea(attrs={"rows": 3, "data-autosize": ""}), **words)


def _choice(one: Question, **words: Any) -> forms.Field:
    return forms.ChoiceField(choices=[("", _("Choose one")), *((option, option) for option in one.options)], **words)


def _number(_one: Question, **words: Any) -> forms.Field:
    # Not type=number: browsers keep back what they take for no number, so that nothing could be said about it.
    widget = forms.TextInput(attrs={"inputmode": "decimal"})
    return forms.DecimalField(max_digits=20, decimal_places=6, widget=widget, **words)


def _date(_one: Question, **words: Any) -> forms.Field:
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    errors = {"invalid": _("Enter a date such as 2026-12-24.")}
    return forms.DateField(input_formats=["%Y-%m-%d"], widget=widget, error_messages=errors, **words)


def _checkbox(_one: Question, **words: Any) -> forms.Field:
    return forms.BooleanField(**words)


_MAKERS: dict[str, Callable[..., forms.Field]] = {
    "text": _text,
    "paragraph": _paragraph,
    "choice": _choice,
    "number": _number,
    "date": _date,
    "checkbox": _checkbox,
}


def answers(asked: Sequence[Question], data: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What the clean data answer, as a ticket keeps it; a field left empty is no answer."""
    given = [(one, data.get(one.name)) for one in asked]
    return stored(
        Answer(one.key, one.label, one.kind, _kept(one, value))
        for one, value in given
        if value is not None and value != ""
    )


def _kept(one: Question, value: Any) -> str | bool:
    match one.kind:
        case "checkbox":
            return bool(value)
        case "number":
            return f"{value:f}"
        case "text":
            return " ".join(str(value).split())
        case "paragraph":
            return str(value).replace("\r\n", "\n")
    return str(value)
