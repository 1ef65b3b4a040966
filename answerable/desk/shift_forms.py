"""What the posts about shifts may hold."""

from django import forms
from django.utils.translation import gettext_lazy as _

LOCAL = "%Y-%m-%dT%H:%M"


class AwayForm(forms.Form):
    """Until when somebody is away, in their own time zone."""

    until = forms.DateTimeField(
        input_formats=[LOCAL, "%Y-%m-%d %H:%M"],
        label=_("Away until"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=LOCAL),
        error_messages={"required": _("Say until when."), "invalid": _("Say until when, as date and time.")},
    )
