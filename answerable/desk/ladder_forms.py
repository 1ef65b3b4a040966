"""What the desk's ladder may hold. Blanks are the verbs' to refuse, so that each door says the same."""

from django import forms

MOST = 2_000


class ConfirmForm(forms.Form):
    """The representative's answer."""

    understood = forms.BooleanField(required=False)
    why = forms.CharField(max_length=MOST, required=False)


class WhyForm(forms.Form):
    """A reason, or a summary."""

    why = forms.CharField(max_length=MOST, required=False)


class ClimbForm(WhyForm):
    """Up. `last`: the newest row of its log, as the page showed it; none where nobody had escalated it."""

    last = forms.IntegerField(min_value=0, max_value=2**62, required=False)


class LowerForm(forms.Form):
    """Down to a level."""

    level = forms.IntegerField(min_value=0, max_value=9)
    why = forms.CharField(max_length=MOST, required=False)
