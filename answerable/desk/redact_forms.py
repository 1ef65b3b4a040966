"""What is typed on the page that removes something for good."""

from django import forms
from django.utils.translation import gettext_lazy as _

from answerable.lib.blanking import MOST


class LookForm(forms.Form):
    """A text to look for; never shown in an address."""

    text = forms.CharField(label=_("What has to go"), max_length=MOST, strip=True)


class RedactForm(forms.Form):
    """What goes, and why: a text, or an entry, or a file."""

    text = forms.CharField(required=False, max_length=MOST)
    entry = forms.IntegerField(required=False, min_value=1)
    attachment = forms.IntegerField(required=False, min_value=1)
    note_file = forms.IntegerField(required=False, min_value=1)
    reason = forms.CharField(label=_("Reason"), max_length=500)
