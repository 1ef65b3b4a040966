"""Made-up reports and comparisons, in the shapes that the views hand to templates."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from django import forms

from answerable.desk import chart
from answerable.desk.report_forms import PolicyForm
from answerable.policy.read import Problem
from answerable.reports.figures import Figures, total
from answerable.reports.late import Late
from answerable.reports.periods import last_months
from answerable.reports.queries import Broken
from answerable.reports.replay import Comparison
from answerable.reports.what_if import Outcome
from answerable.ui.tests.people import KIVU, LONG_WORD, NORRLAND, NOW, RAIL

ALL = [("", "All")]


class ReportForm(forms.Form):
    """Stands in for the desk's, which asks the database for teams and agents."""

    by = forms.ChoiceField(label="One line for each", choices=[("month", "Month")])
    period = forms.ChoiceField(label="Period", choices=[("12", "Last 12 months")])
    metric = forms.ChoiceField(label="Promise", choices=ALL)
    severity = forms.ChoiceField(label="Severity", choices=ALL)
    team = forms.ChoiceField(label="Team", choices=ALL)
    agent = forms.ChoiceField(label="Agent", choices=ALL)
    organization = forms.CharField(label="Organization", widget=forms.TextInput(attrs={"placeholder": "Its name"}))


COUNTS = [(40, 0), (52, 2), (61, 1), (38, 9), (0, 0), (44, 1), (70, 0), (66, 3), (59, 1), (48, 0), (80, 2), (1203, 1)]
MONTHS = [Figures(kept, broken, kept % 3, 60 * (kept + 5)) for kept, broken in COUNTS]


def report(*, by_agent: bool = False, empty: bool = False) -> dict[str, object]:
    """A year of promises."""
    months = list(last_months(12, ZoneInfo("UTC"), NOW).months())
    found = {} if empty else {(at.year, at.month): one for at, one in zip(months, MONTHS, strict=True)}
    lines = [_line(f"{at:%b %Y}", found.get((at.year, at.month), Figures())) for at in months]
    agents = [_line(name, one) for name, one in zip(("Tomas Klein", "Priya Nair", LONG_WORD), MONTHS, strict=False)]
    return {
        "view_title": "Promises kept",
        "rail": RAIL,
        "form": ReportForm(),
        "whole": total(list(found.values())),
        "bars": chart.bars(months, found),
        "months": lines,
        "by": "agent" if by_agent else "month",
        "by_word": "Agent" if by_agent else "Month",
        "rows": agents if by_agent else lines,
        "left_out": 3 if by_agent else 0,
        "has_median": by_agent,
        "unsettled": {"cancelled": 12, "carried": 1},
        "broken_url": "/broken",
        "csv_url": "/csv",
        "may_compare": True,
    }


def _line(label: str, figures: Figures) -> dict[str, object]:
    return {"label": label, "figures": figures, "broken_url": "/broken"}


def broken() -> dict[str, object]:
    """Answered late, excused, solved without, and not yet answered."""
    due = NOW - timedelta(hours=5)
    rows = [
        Broken(20418, "Warehouse sync stopped for all tenants", "first_response", "P0", NORRLAND, due, NOW, "running",
               Late(18_000, 18_000), ""),
        Broken(20417, f"A long word: {LONG_WORD}", "next_response", "P1", KIVU, due - timedelta(days=3), due,
               "fulfilled", Late(0, 259_200), "Their own firewall refused our mail"),
        Broken(20401, "", "resolution", "", "", due - timedelta(days=40), None, "cancelled", Late(60, 60), ""),
        Broken(20400, "How do I tag assets in bulk?", "periodic_update", "P3", "", due, None, "running",
               Late(600, 18_000), ""),
    ]  # fmt: skip
    return {
        "view_title": "Broken promises",
        "rail": RAIL,
        "form": ReportForm(),
        "rows": rows,
        "back_url": "/reports",
        "first_url": "",
        "next_url": "/next",
    }


VERDICTS = {"kept": "kept", "broken": "broken", "excused": "excused", "open": "undecided", "none": "no promise"}


def what_if(*, compared: bool = False, wrong: bool = False) -> dict[str, object]:
    """Before asking, with an answer, or with what is wrong in the policy."""
    text = 'default_severity = "P2"\n\n[severities.P1]\nfirst_response = "2 hrs"\n'
    problem = Problem("support.toml", 4, "severities.P1.first_response", 'a duration such as "30 min"', '"2 hrs"')
    return {
        "view_title": "What if",
        "rail": RAIL,
        "form": PolicyForm({"text": "", "days": "90"}) if wrong else PolicyForm(initial={"text": text, "days": 90}),
        "problems": [problem, problem] if wrong else [],
        "found": _comparison() if compared else None,
        "verdicts": VERDICTS,
    }


def _comparison() -> Comparison:
    found = Comparison(NOW, 31_400, plan_names={"premium": "Premium, 24×7", "standard": "Standard"})
    changes = [("kept", "broken"), ("broken", "kept"), ("kept", "kept"), ("open", "broken"), ("broken", "open")]
    for number in range(40):
        was, would_be = changes[number % len(changes)]
        found.add([Outcome(20_000 + number, "first_response", 0, f"P{number % 4}", "premium", was, would_be)])
    found.add([Outcome(19_000, "periodic_update", 0, "P2", "standard", "excused", "kept")])
    found.more = 1234
    return found
