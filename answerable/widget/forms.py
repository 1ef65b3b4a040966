"""What the widget's posts may hold."""

from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from answerable.casework import guard
from answerable.casework.request_form import MOST_TEXT, RequestForm
from answerable.lib.uploads import MultipleFileField
from answerable.tickets.answers import Answer, stored

# Behind what the policy has the form ask.
_PLACE = 100


class AskForm(RequestForm):
    """The request form, and what somebody agrees to send along: the page they are on, and their browser."""

    share = forms.BooleanField(label=_("Send along where I am"), required=False)
    page = forms.CharField(max_length=2_000, required=False, widget=forms.HiddenInput)
    browser = forms.CharField(max_length=500, required=False, widget=forms.HiddenInput)
    window = forms.CharField(max_length=100, required=False, widget=forms.HiddenInput)

    FACTS = ("page", "browser", "window")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Whoever looks at what is suggested comes back to what they wrote.
        for name in ("subject", "text"):
            self.fields[name].widget.attrs["data-kept"] = f"ask-{name}"
        files = self.fields["attachments"]
        assert isinstance(files, MultipleFileField)
        words = gettext("Up to %(files)s files of %(each)s MB each, %(together)s MB together. Pictures can be pasted.")
        files.help_text = words % files.caps.words

    def give_back(self, now: datetime) -> None:
        """The widget's own script keeps the files that were chosen, so that they need not be chosen again."""
        if guard.STAMP in self.fields:
            assert isinstance(self.data, QueryDict)
            self.data = guard.renewed(self.data, now, spent=self.has_error(NON_FIELD_ERRORS, guard.SPENT))

    def facts(self) -> dict[str, dict[str, Any]]:
        """As answers beside the request, if their person agreed; the customer sees them there too."""
        if not self.cleaned_data["share"]:
            return {}
        words = {"page": gettext("Page"), "browser": gettext("Browser"), "window": gettext("Window")}
        said = [(name, " ".join(self.cleaned_data[name].split())) for name in self.FACTS]
        kept = stored(Answer(f"@{name}", words[name], "text", value) for name, value in said if value)
        return {key: row | {"place": _PLACE + row["place"]} for key, row in kept.items()}


class ReplyForm(forms.Form):
    """A customer's reply."""

    text = forms.CharField(max_length=MOST_TEXT, required=False, strip=False)
