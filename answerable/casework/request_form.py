"""The form of a new request, at every door where customers fill one in."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from answerable.casework import guard
from answerable.casework.questions import fields as question_fields
from answerable.casework.questions import questions
from answerable.lib.uploads import CAPS, MB, Caps, MultipleFileField
from answerable.people.models import Person
from answerable.people.queries import organizations_of
from answerable.sla.queries import severities

MOST_TEXT = 100_000
# What anybody on the internet may leave with us.
STRANGERS = Caps(10, 10 * MB, 25 * MB)


def _severity_words() -> list[tuple[str, str]]:
    words = [(key, f"{key} {row['name']}: {row['meaning']}") for key, row in severities().items()]
    return [("", gettext("I am not sure")), *words]


class TrapInput(forms.TextInput):
    """A field that people neither see nor reach. Not type=hidden, which programs leave alone."""

    is_hidden = True

    def __init__(self) -> None:
        hidden = {"class": "visually-hidden", "aria-hidden": "true", "tabindex": "-1", "autocomplete": "off"}
        super().__init__(attrs=hidden)


def _told(caps: Caps) -> str:
    """The caps in words, and what browsers do."""
    words = gettext(
        "Up to %(files)s files of %(each)s MB each, %(together)s MB together. If this page comes back to be mended, "
        "choose them again: browsers do not hand files back."
    )
    return words % caps.words


class RequestForm(forms.Form):
    """A new request. Who is signed in gives no address, and says for which organization if there are several.

    What the policy has it ask besides stands before the files.
    """

    email = forms.EmailField(
        label=_("Your e-mail address"),
        max_length=254,
        help_text=_("The answer goes there."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    name = forms.CharField(
        label=_("Your name"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
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
    # See guard.py.
    website = forms.CharField(required=False, widget=TrapInput())
    stamp = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, person: Person | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked = questions(signed_in=person is not None)
        self.fields |= question_fields(self.asked)
        caps = STRANGERS if person is None else CAPS
        self.fields["attachments"] = MultipleFileField(
            caps=caps, label=_("Files"), required=False, help_text=_told(caps)
        )
        if person is None:
            return
        for name in ("email", "name", guard.TRAP, guard.STAMP):
            del self.fields[name]
        theirs = organizations_of(person)
        if theirs.count() > 1:
            self.fields["organization"] = forms.ModelChoiceField(theirs, label=_("Organization"), empty_label=None)
            self.order_fields(["organization"])

    def clean(self) -> dict[str, Any]:
        """What is asked for some severities alone, of who states one of them."""
        found = super().clean() or {}
        for one in self.asked:
            if not one.concerns(found.get("severity", "")):
                found[one.name] = None
                self.errors.pop(one.name, None)
            elif one.asked_for and one.required and not found.get(one.name) and one.name not in self.errors:
                words = gettext("We need this for a %(severity)s, so that it reaches the right people at once.")
                self.add_error(one.name, words % {"severity": found["severity"]})
        return found

    def give_back(self, now: datetime) -> None:
        """Make ready to be shown again: as it was filled in, but for the files."""
        if guard.STAMP in self.fields:
            assert isinstance(self.data, QueryDict)
            self.data = guard.renewed(self.data, now, spent=self.has_error(NON_FIELD_ERRORS, guard.SPENT))
        if self.files and "attachments" not in self.errors:
            self.add_error("attachments", gettext("Browsers do not hand files back: please choose them again."))
