"""Made-up drills for the gallery: (template, context) by name."""

from datetime import timedelta

from answerable.desk.drill_words import Leg, Run, Step
from answerable.ui.tests.people import NOW, RAIL

DAY = timedelta(days=1)


def _steps(*said: tuple[str, str]) -> tuple[Step, ...]:
    names = ("Accepted", "Alert", "First page", "Answer")
    return tuple(Step(name, words, look) for name, (words, look) in zip(names, said, strict=True))


DONE = _steps(("10:00:03", "is-done"), ("0 s", "is-done"), ("2 s", "is-done"), ("41 s, Ana Lund", "is-done"))
SHUT = _steps(("no", "is-broken"), ("–", ""), ("–", ""), ("–", ""))
WAITS = _steps(("10:00:03", "is-done"), ("1 s", "is-done"), ("23 s", "is-late"), ("–", ""))
TEXT = "The intake did not take it: mail.norrland-energi-and-daughters.example:2525: Connection refused."
RUNS = [
    Run(
        4, NOW, "Running", "is-risk", "Begun by Priya Nair · Cloud support",
        (Leg("By mail", "Under way", "is-risk", WAITS, alert=8), Leg("By the portal", "Paged in time, answered", "is-kept", DONE)),
        runs=True,
    ),
    Run(3, NOW - 7 * DAY, "Skipped", "", "Weekly · P0 without a team", (), "A real P0 was waiting for an answer."),
    Run(
        2, NOW - 14 * DAY, "Failed", "is-broken", "Weekly · P0 without a team",
        (Leg("By mail", "Did not page", "is-broken", SHUT, TEXT), Leg("By the portal", "Paged in time, answered", "is-kept", DONE)),
    ),
]  # fmt: skip
CHOICES = [
    ("", "P0 without a team: pages Ana Lund first"),
    ("cloud", "Cloud support: pages Tomas Kral, Priya Nair first"),
]


def _list(rows: list[Run]) -> dict[str, object]:
    return {
        "view_title": "Drills", "rail": RAIL, "rows": rows, "may_run": True, "rows_url": "/drills", "first_url": "",
        "plan": "Tuesdays at 10:00 (Europe/Stockholm)" if rows else "", "next_at": NOW + 3 * DAY if rows else None,
        "next_url": "/next" if rows else "",
    }  # fmt: skip


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    return {
        "drills": ("desk/drills.html", _list(RUNS)),
        "drills-empty": ("desk/drills.html", _list([])),
        "drill-new": ("desk/drill_new.html", {"view_title": "Run a drill", "rail": RAIL, "choices": CHOICES}),
    }
