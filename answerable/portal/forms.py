"""What the portal's posts may hold."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from answerable.lib.uploads import MultipleFileField
from answerable.people.models import Person
from answerable.people.queries import organizations_of
from answerable.sla.queries import severities

MOST_TEXT = 100_000


def _severity_keys() -> list[tuple[str, str]]:
    return [(key, key) for key in severities()]


def _severity_words() -> list[tuple[str, str]]:
    words = [(key, f"{key} {row['name']}: {row['meaning']}") for key, row in severities().items()]
    return [("", gettext("I am not sure")), *words]


class ReplyForm(forms.Form):
    """A customer's reply."""

    text = forms.CharField(max_length=MOST_TEXT, required=False, strip=False)


class SeverityForm(forms.Form):
    """The customer's position."""

    severity = forms.ChoiceField(choices=_severity_keys)
    impact = forms.CharField(max_length=5_000, required=False)


class RequestForm(forms.Form):
    """A new request. Who is signed in gives no address, and says for which organization if there are several."""

    email = forms.EmailField(label=_("Your e-mail address"), max_length=254, help_text=_("The answer goes there."))
    name = forms.CharField(label=_("Your name"), max_length=200, required=False)
    subject = forms.CharField(label=_("Subject"), max_length=500)
    text = forms.CharField(
        label=_("What happened, and what did you expect?"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 7, "data-autosize": ""}),
    )
    severity = forms.ChoiceField(label=_("How bad is it?"), choices=_severity_words, required=False)
    impact = forms.CharField(
        label=_("What is at stake, and by when?"),
        max_length=5_000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "data-autosize": ""}),
    )
    attachments = MultipleFileField(label=_("Files"), required=False, help_text=_("Up to 20 files of 25 MB each."))
    # Programs fill in every field they find; people never see this one.
    website = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if person is None:
            return
        del self.fields["email"]
        del self.fields["name"]
        theirs = organizations_of(person)
        if theirs.count() > 1:
            self.fields["organization"] = forms.ModelChoiceField(theirs, label=_("Organization"), empty_label=None)
            self.order_fields(["organization"])
