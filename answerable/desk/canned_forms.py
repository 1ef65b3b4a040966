"""What a canned reply's form may hold. Choices are handed in, so that a form asks the database nothing."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from answerable.casework.canned_actions import Spec
from answerable.tickets.canned import Scope
from answerable.tickets.models import Status
from answerable.tickets.placeholders import LONGEST

LANGUAGES = [
    ("", _("Any")),
    ("en", "English"),
    ("de", "Deutsch"),
    ("fr", "Français"),
    ("es", "Español"),
    ("sv", "Svenska"),
]


class CannedForm(forms.Form):
    """Name, text, who uses it, and what a reply with it also does."""

    name = forms.CharField(label=_("Name"), max_length=100)
    body = forms.CharField(
        label=_("Text"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 10, "data-autosize": "", "spellcheck": "true"}),
        help_text=_("Markdown, and names in two pairs of braces, from the list beside."),
    )
    scope = forms.ChoiceField(label=_("Who uses it"), initial=Scope.SHARED)
    team = forms.TypedChoiceField(label=_("Team"), required=False, coerce=int, empty_value=None)
    folder = forms.CharField(label=_("Folder"), max_length=60, required=False)
    language = forms.ChoiceField(label=_("Language"), required=False, choices=LANGUAGES)
    status = forms.ChoiceField(
        label=_("Sends as"),
        required=False,
        choices=[
            ("", _("As usual")),
            (Status.PENDING, _("Waiting for customer")),
            (Status.OPEN, _("Open")),
            (Status.SOLVED, _("Solved")),
        ],
    )
    tags = forms.CharField(label=_("Adds tags"), max_length=500, required=False, help_text=_("With commas"))

    def __init__(self, *args: Any, scopes: Sequence[str], teams: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {Scope.PERSONAL: _("Only me"), Scope.TEAM: _("One team"), Scope.SHARED: _("Everybody at the desk")}
        scope, team = self.fields["scope"], self.fields["team"]
        assert isinstance(scope, forms.ChoiceField)
        assert isinstance(team, forms.ChoiceField)
        scope.choices = [(one, words[Scope(one)]) for one in scopes]
        team.choices = [("", "–"), *teams]

    def spec(self) -> Spec:
        """What was written."""
        data = self.cleaned_data
        return Spec(**(data | {"tags": tuple(data["tags"].split(","))}))
