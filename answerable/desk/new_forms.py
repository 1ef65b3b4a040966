"""What staff fill in to open a request for a customer. Choices are handed in: the form asks the database nothing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from answerable.desk.forms import MOST_TEXT
from answerable.lib.uploads import MultipleFileField

Choices = Sequence[tuple[int, str]]


class NewForm(forms.Form):
    """For whom is known: a person, or an address that nobody has yet."""

    person = forms.IntegerField(widget=forms.HiddenInput(), required=False, min_value=1, max_value=2**63 - 1)
    address = forms.EmailField(widget=forms.HiddenInput(), required=False, max_length=254)
    once = forms.CharField(widget=forms.HiddenInput(), max_length=64)
    name = forms.CharField(label=_("Their name"), required=False, max_length=200)
    organization = forms.TypedChoiceField(label=_("Organization"), required=False, coerce=int, empty_value=None)
    said = forms.ChoiceField(
        label=_("Whose words"),
        widget=forms.RadioSelect,
        initial="yes",
        choices=[
            ("yes", _("The customer's, said on the phone: a request of theirs. They get an acknowledgement.")),
            ("no", _("Ours, to the customer: they get it by mail, and no first answer is owed.")),
        ],
    )
    subject = forms.CharField(label=_("Subject"), max_length=200)
    text = forms.CharField(
        label=_("Message"),
        required=False,
        max_length=MOST_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 7, "data-autosize": ""}),
        help_text=_("Markdown. The customer reads it."),
    )
    enclosed = MultipleFileField(label=_("Files"), required=False)
    severity = forms.ChoiceField(label=_("Severity"))
    why = forms.CharField(
        label=_("Why this severity"),
        required=False,
        max_length=500,
        help_text=_("The customer reads it. Without a reason the severity is provisional."),
    )
    status = forms.ChoiceField(
        label=_("Then it is"),
        required=False,
        choices=[
            ("", _("new, or waiting if the words are ours")),
            ("open", _("open")),
            ("solved", _("solved")),
        ],
    )
    team = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    assignee = forms.TypedChoiceField(label=_("Assignee"), required=False, coerce=int, empty_value=None)
    tags = forms.CharField(
        label=_("Tags"),
        required=False,
        max_length=1400,
        help_text=_("With blanks between them"),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "autocomplete": "off"}),
    )
    cc = forms.CharField(
        label=_("CC"), required=False, max_length=4000, help_text=_("E-mail addresses, with commas between them")
    )

    def __init__(
        self,
        *args: Any,
        organizations: Choices,
        severities: Sequence[tuple[str, str]],
        teams: Choices,
        agents: Choices,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = "new-%s"
        self._choose("organization", organizations, _("No organization"))
        self._choose("team", teams, _("No team"))
        self._choose("assignee", agents, _("Nobody"))
        severity = self.fields["severity"]
        assert isinstance(severity, forms.ChoiceField)
        severity.choices = [*severities]
        if not organizations:
            del self.fields["organization"]
        if not teams:
            del self.fields["team"]

    def _choose(self, name: str, choices: Choices, none: object) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", none), *choices]

    def clean_cc(self) -> list[str]:
        text = self.cleaned_data["cc"].replace(";", ",").replace("\n", ",")
        return [part.strip() for part in text.split(",") if part.strip()]
