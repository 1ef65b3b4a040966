"""How a person wants to be told, as the page of preferences posts it."""

import zoneinfo
from collections.abc import Mapping
from datetime import time
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from answerable.lib.zones import is_zone
from answerable.notify.kinds import KINDS, MAILS, Wish
from answerable.notify.quiet import Quiet

_DAYS = [(str(day), name) for day, name in WEEKDAYS.items()]


def kinds_of(posted: Mapping[str, str], lines: list[str]) -> dict[str, Wish]:
    """A wish for each of these lines; a box that is not ticked is not posted."""
    return {line: _wish(posted, line) for line in lines}


def _wish(posted: Mapping[str, str], line: str) -> Wish:
    mail = posted.get(f"mail-{line}", "")
    wide = posted.get(f"wide-{line}", "1") == "1" if KINDS[line].wider else KINDS[line].default.wide
    return Wish(f"app-{line}" in posted, f"browser-{line}" in posted, mail if mail in MAILS else "", wide)


def _clock() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class QuietForm(forms.Form):
    """Quiet hours: both times and a day at least, or none of them."""

    zone = forms.CharField(
        label=_("Time zone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("Such as Europe/Berlin. Mails name times in it, too."),
    )
    start = forms.TimeField(label=_("From"), required=False, widget=_clock())
    end = forms.TimeField(label=_("Until"), required=False, widget=_clock())
    days = forms.MultipleChoiceField(
        label=_("On the evenings of"), choices=_DAYS, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean_zone(self) -> str:
        """The name of a zone."""
        name = str(self.cleaned_data["zone"])
        if not is_zone(name):
            raise forms.ValidationError(_("No time zone is called so. Choose one of the list."))
        return name

    def clean(self) -> dict[str, Any]:
        """Half of a window is none."""
        found = super().clean() or {}
        start, end = found.get("start"), found.get("end")
        if self.errors or (start is None and end is None):
            return found
        if start is None or end is None:
            words = _("Quiet hours need both times; leave both empty for none.")
            self.add_error("end" if end is None else "start", words)
        elif not found.get("days"):
            self.add_error("days", _("Choose the days on which they begin; empty both times for no quiet hours."))
        elif _quiet(found).never_ends:
            self.add_error("end", _("That would be quiet for ever. Choose “No mail” above instead."))
        return found

    def quiet(self) -> Quiet | None:
        """What was chosen, once it is valid."""
        return _quiet(self.cleaned_data) if self.cleaned_data.get("start") is not None else None


def _quiet(found: Mapping[str, Any]) -> Quiet:
    start, end = found["start"], found["end"]
    assert isinstance(start, time)
    assert isinstance(end, time)
    return Quiet(found["zone"], start, end, frozenset(map(int, found["days"])))


def zones() -> list[str]:
    """What the field offers."""
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name and not name.startswith("Etc/"))
