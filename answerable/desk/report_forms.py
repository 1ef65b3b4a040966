"""What a reader asks of the reports, and what a policy is compared with."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from answerable.lib.zones import zone
from answerable.people.queries import assignable
from answerable.reports.periods import Period, read_period
from answerable.reports.queries import NOBODY, Question, organizations_named
from answerable.sla.queries import severities
from answerable.sla.vocabulary import METRICS
from answerable.ui.words import metric_word

NONE = "none"
DEFAULTS = {"period": "12", "by": "month"}

Choices = list[tuple[str, str]]


def group_words() -> dict[str, str]:
    """What a table may go by."""
    return {
        "month": _("Month"),
        "severity": _("Severity"),
        "metric": _("Promise"),
        "team": _("Team"),
        "organization": _("Organization"),
        "agent": _("Agent"),
    }


def month_word(at: datetime) -> str:
    """ "Mar 2026"."""
    return date_format(at, "M Y")


class ReportForm(forms.Form):
    """The filter. What is wrong or left out leaves that part open, so a mangled address still shows a report."""

    by = forms.ChoiceField(label=gettext_lazy("One line for each"))
    period = forms.ChoiceField(label=gettext_lazy("Period"))
    metric = forms.ChoiceField(label=gettext_lazy("Promise"), required=False)
    severity = forms.ChoiceField(label=gettext_lazy("Severity"), required=False)
    team = forms.ChoiceField(label=gettext_lazy("Team"), required=False)
    agent = forms.ChoiceField(label=gettext_lazy("Agent"), required=False)
    organization = forms.CharField(label=gettext_lazy("Organization"), required=False, max_length=200)

    def __init__(self, given: dict[str, str], now: datetime) -> None:
        super().__init__(DEFAULTS | {name: value for name, value in given.items() if value})
        # Through the name: what the middleware activates may be any tzinfo.
        self.zone = zone(timezone.get_current_timezone_name())
        self._now = now
        agents, teams = assignable()
        choices: dict[str, Choices] = {
            "by": list(group_words().items()),
            "period": self._periods(given.get("period", "")),
            "metric": [("", _("All")), *((metric, metric_word(metric)) for metric in METRICS)],
            "severity": [("", _("All")), *((key, key) for key in severities())],
            "team": [("", _("All")), *((str(pk), name) for pk, name in teams), (NONE, _("No team"))],
            "agent": [("", _("All")), *((str(pk), name) for pk, name in agents), (NONE, _("Nobody"))],
        }
        for name, found in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = found
        self.fields["organization"].widget.attrs["placeholder"] = _("Its name, or a part")
        self.full_clean()

    def _periods(self, given: str) -> Choices:
        counts = [1, 3, 6, 12, 24, 36]
        months = [(str(n), ngettext("This month", "Last %(n)s months", n) % {"n": n}) for n in counts]
        period = read_period(given, self.zone, self._now)
        # One month alone comes from a line of the table.
        one = [(given, month_word(next(period.months())))] if "-" in given and period.count == 1 else []
        return [*months, *one]

    def value(self, name: str) -> str:
        """What was asked, "" where it is open."""
        return str(self.cleaned_data.get(name) or DEFAULTS.get(name, ""))

    @property
    def period_asked(self) -> Period:
        """The months."""
        return read_period(self.value("period"), self.zone, self._now)

    def question(self) -> Question:
        """For the queries."""
        period = self.period_asked
        name = self.value("organization")
        return Question(
            since=period.since,
            until=period.until,
            zone=self.zone,
            metric=self.value("metric"),
            severity=self.value("severity"),
            team=_id(self.value("team")),
            agent=_id(self.value("agent")),
            organizations=organizations_named(name) if name else None,
        )

    def asked(self, **other: str) -> dict[str, str]:
        """The same question as values of an address, with some of it put otherwise."""
        values = {name: self.value(name) for name in self.fields} | other
        return {name: value for name, value in values.items() if value and value != DEFAULTS.get(name)}


def _id(value: str) -> int | None:
    return (NOBODY if value == NONE else int(value)) if value else None


MOST_POLICY = 200_000


class PolicyForm(forms.Form):
    """A policy to think of: as text, or as a file, which wins."""

    text = forms.CharField(
        label=gettext_lazy("support.toml, as you think of it"),
        required=False,
        strip=False,
        max_length=MOST_POLICY,
        widget=forms.Textarea(attrs={"rows": 18, "spellcheck": "false"}),
    )
    file = forms.FileField(label=gettext_lazy("Or a file"), required=False)
    days = forms.TypedChoiceField(
        label=gettext_lazy("Requests opened in"),
        coerce=int,
        choices=[(7, gettext_lazy("the last 7 days")), (30, gettext_lazy("the last 30 days")),
                 (90, gettext_lazy("the last 90 days")), (365, gettext_lazy("the last year"))],
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        upload = values.get("file")
        if upload is not None:
            if upload.size > MOST_POLICY:
                raise forms.ValidationError(_("This file is too large for a policy."))
            try:
                values["text"] = upload.read().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise forms.ValidationError(_("This file is no text in UTF-8.")) from None
        if not (values.get("text") or "").strip():
            raise forms.ValidationError(_("Write a policy, or choose a file."))
        values["text"] = values["text"].replace("\r\n", "\n")
        return values
