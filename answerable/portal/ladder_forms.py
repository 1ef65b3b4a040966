"""What the customer's ladder may hold. Blanks are the verbs' to refuse, so that each door says the same."""

from django import forms

MOST = 2_000


class AskForm(forms.Form):
    """Step 0."""

    stake = forms.CharField(max_length=MOST, required=False)
    by_when = forms.CharField(max_length=200, required=False)
    spoke_when = forms.CharField(max_length=200, required=False)
    spoke_what = forms.CharField(max_length=MOST, required=False)


class WhyForm(forms.Form):
    """Another level."""

    why = forms.CharField(max_length=MOST, required=False)
