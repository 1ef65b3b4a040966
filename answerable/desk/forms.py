"""What the desk's posts may hold, checked before a verb sees it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from answerable.people.queries import staff, teams
from answerable.sla.queries import severities
from answerable.sla.vocabulary import METRICS
from answerable.tickets.models import Status

MOST_TEXT = 100_000


class ReplyForm(forms.Form):
    """A public answer, with the status that it leaves ("" leaves it).

    `draft`: what it was before, put aside; `ack`: the warning that it is sent in spite of; `cc`:
    addresses; `tags`: with commas.
    """

    text = forms.CharField(max_length=MOST_TEXT, required=False, strip=False)
    status = forms.ChoiceField(choices=[("", ""), *[(s.value, s.label) for s in Status]], required=False)
    draft = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    ack = forms.CharField(max_length=64, required=False)
    cc = forms.CharField(max_length=2_000, required=False)
    tags = forms.CharField(max_length=2_000, required=False)


class NoteForm(forms.Form):
    """A note; without words it may have files."""

    text = forms.CharField(max_length=MOST_TEXT, required=False, strip=False)


class StatusForm(forms.Form):
    """A new status; hold needs a reason."""

    status = forms.ChoiceField(choices=Status.choices)
    reason = forms.CharField(max_length=500, required=False)


class AssignForm(forms.Form):
    """To whom, and to which team; empty for nobody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["assignee"] = forms.ModelChoiceField(staff(), required=False)
        self.fields["team"] = forms.ModelChoiceField(teams(), required=False)


class ExcuseForm(forms.Form):
    """A broken promise that shall not count, and why."""

    metric = forms.ChoiceField(choices=[(metric, metric) for metric in METRICS])
    index = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    why = forms.CharField(max_length=500, error_messages={"required": _("Say why it shall not count.")})


def _severity_keys() -> list[tuple[str, str]]:
    return [(key, key) for key in severities()]


class SeverityForm(forms.Form):
    """Staff's determination with its reason."""

    severity = forms.ChoiceField(choices=_severity_keys)
    reason = forms.CharField(
        max_length=500, error_messages={"required": _("Say why, in a few words: the customer sees it.")}
    )


class WallLinkForm(forms.Form):
    """An address of the wall page for one screen."""

    name = forms.CharField(label=_("Where the screen hangs"), max_length=100)
    initials = forms.BooleanField(
        label=_("Initials only: no subjects, and no names of customers"), required=False, initial=True
    )
    theme = forms.ChoiceField(
        label=_("Colours"),
        required=False,
        choices=[("", _("As the screen asks for")), ("light", _("Light")), ("dark", _("Dark"))],
    )
