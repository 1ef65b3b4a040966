"""What the mail room's posts may hold, checked before a verb sees it."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ReleaseForm(forms.Form):
    """Whose request it is, where the message does not say; and whether they hear of it."""

    requester = forms.CharField(label=_("Requester's address"), max_length=254, required=False)
    acknowledge = forms.BooleanField(required=False)


class NumberForm(forms.Form):
    """A request by its number, with or without the sign in front."""

    number = forms.RegexField(
        r"^\s*#?\s*\d{1,15}\s*$",
        label=_("Request"),
        error_messages={"required": _("name it by its number"), "invalid": _("name it by its number, such as 1042")},
    )
    join = forms.BooleanField(required=False)

    def clean_number(self) -> int:
        return int(self.cleaned_data["number"].strip().lstrip("#"))


class MoveForm(forms.Form):
    """To a request, or to a new one."""

    where = forms.ChoiceField(choices=[("ticket", ""), ("new", "")])
    acknowledge = forms.BooleanField(required=False)
