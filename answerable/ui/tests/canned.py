"""Made-up canned replies."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from answerable.desk.canned_forms import CannedForm
from answerable.lib.html import from_markdown, safe
from answerable.tickets.placeholders import PLACES, fill, problems
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL

BODY = (
    "Hello {{requester.first_name}},\n\nthank you, we have **{{ticket.subject}}** (#{{ticket.number}}). "
    "You will have {{promise.next}} by {{promise.due}}.\n\nPlease send us:\n\n- the output of `acmectl status`\n"
    "- the time at which it began\n\n{{agent.first_name}}"
)
VALUES = {
    "requester.first_name": "Elin",
    "ticket.subject": "Warehouse sync stopped",
    "ticket.number": "20418",
    "promise.next": "an answer",
    "agent.first_name": "Tomas",
}
TEAM = SimpleNamespace(name="Cloud support")
ROW = SimpleNamespace(
    pk=1, name="Which logs we need", folder="First answers", scope="shared", team=None, body=BODY, used=412,
    used_at=NOW - timedelta(minutes=12), version=3, deleted_at=None,
)  # fmt: skip
ROWS = [
    ROW,
    SimpleNamespace(
        **(vars(ROW) | {"pk": 2, "name": f"Restart {LONG_WORD}", "scope": "team", "team": TEAM, "used": 1})
    ),
    SimpleNamespace(**(vars(ROW) | {"pk": 3, "name": "My greeting", "scope": "personal", "folder": "", "used": 0})),
]
CHOICES: dict[str, Any] = {"scopes": ["personal", "team", "shared"], "teams": [(2, "Cloud support"), (3, "SRE")]}


def listed(*, empty: bool = False) -> dict[str, object]:
    """All of them."""
    rows = [] if empty else [(row, True) for row in ROWS]
    return {"view_title": "Canned replies", "rail": RAIL, "rows": rows, "is_deleted": False}


def _shown(body: str) -> dict[str, object]:
    filled = fill(body, VALUES)
    wrong = problems(body) if body else []
    html = "" if wrong else safe(from_markdown(filled.text))
    return {"number": 20418, "problems": wrong, "missing": "", "waiting": filled.missing, "html": html}


def one() -> dict[str, object]:
    """One of them with what it was."""
    form = CannedForm(
        initial={"name": ROW.name, "body": BODY, "scope": "shared", "folder": ROW.folder, "tags": "logs, waiting"},
        **CHOICES,
    )
    versions = [
        SimpleNamespace(number=n, by_label="Ada Lind", at=NOW - timedelta(days=9 - n), data={"body": BODY})
        for n in (3, 2, 1)
    ]
    return {
        "view_title": ROW.name,
        "rail": RAIL,
        "row": ROW,
        "form": form,
        "refused": "",
        "may_change": True,
        "places": list(PLACES.items()),
        "versions": versions,
        **_shown(BODY),
    }


def new() -> dict[str, object]:
    """A form for another one."""
    form = CannedForm(initial={"scope": "shared"}, **CHOICES)
    return one() | {"view_title": "New canned reply", "row": None, "form": form, "versions": []} | _shown("")


def wrong() -> dict[str, object]:
    """What comes back where something is wrong."""
    body = "Hello {{requester.firstname}},\n{% if x %}"
    form = CannedForm({"name": "", "body": body, "scope": "shared"}, **CHOICES)
    return one() | {"form": form, "refused": problems(body)[0]} | _shown(body)
