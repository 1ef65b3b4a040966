"""Changes of many requests, and a request's history, for the gallery: (template, context) by name."""

from datetime import timedelta
from typing import Any

from answerable.desk.bulk import Choices, effects, title
from answerable.desk.history_words import told
from answerable.tickets.history_queries import Change
from answerable.tickets.run_queries import Item, Run
from answerable.ui.tests.people import KIVU, LONG_WORD, NORRLAND, NOW, RAIL, ROCHE, TICKET

MINUTE = timedelta(minutes=1)
CHOICES = Choices(
    verbs=[
        ("assign", "Assign to somebody"),
        ("team", "Give to a team"),
        ("status", "Set the status"),
        ("severity", "Determine the severity"),
        ("add_tags", "Add tags"),
        ("spam", "Mark as spam"),
    ],
    agents=[(1, "Tomas Klein"), (2, "Priya Nair")],
    teams=[(1, "Cloud support"), (2, "Product support")],
    severities=[("P1", "P1 · Urgent"), ("P2", "P2 · Normal")],
    statuses=[("solved", "Solved"), ("pending", "Waiting for customer"), ("hold", "On hold"), ("open", "Open")],
)
SOLVE = {"status": "solved", "reason": ""}
CHANGED = "It was changed since the preview: it was Open and is On hold."


def run(state: str, verb: str = "status", args: dict[str, Any] | None = None, **more: Any) -> Run:
    figures: dict[str, Any] = {"preview": {"todo": 3}, "running": {"todo": 212, "done": 96}, "done": {"done": 3}}
    started = None if state == "preview" else NOW - 2 * MINUTE
    values: dict[str, Any] = {
        "id": 4, "by_id": 1, "by": "Tomas Klein", "verb": verb, "args": SOLVE if args is None else args, "undoes": None,
        "undoes_verb": "", "undoes_args": {}, "state": state, "left_out": 0, "created_at": NOW - 3 * MINUTE,
        "started_at": started, "done_at": NOW if state == "done" else None, "left": 2,
    }  # fmt: skip
    return Run(**(values | figures[state] | more))


def rows(state: str) -> list[Item]:
    why = CHANGED if state == "done" else "The customer waits for an answer: reply first, then the clock may pause."
    return [
        Item(20431, "Cannot log in since the update", KIVU, "On hold", "left", why, 0),
        Item(20377, LONG_WORD, NORRLAND, "Closed", "left", "This request was merged into another one.", 0),
        Item(20418, "Warehouse sync stopped for all tenants", NORRLAND, "Open", state, "", 1),
        Item(20422, "Export of the ledger is empty", ROCHE, "Open", state, "", 0),
        Item(20425, "", "", "New", state, "", 0),
    ]


def page(one: Run, **more: object) -> dict[str, object]:
    state = "todo" if one.state == "preview" else "done"
    found = rows(state)
    return {
        "view_title": title(one),
        "rail": RAIL,
        "run": one,
        "rows": found,
        "hidden": 0,
        "effects": effects(one, found, asks=True),
        "undone_by": None,
        "may_undo": one.state == "done",
        **more,
    }


def change(pk: int, kind: str, data: dict[str, Any], **more: Any) -> Change:
    values: dict[str, Any] = {
        "id": pk, "kind": kind, "at": NOW - (20 - pk) * MINUTE, "who": "Tomas Klein", "actor_kind": "staff",
        "data": data, "door": "desk", "run": None, "undoes": None, "why_not": "",
    }  # fmt: skip
    return Change(**(values | more))


def given(assignee: str, team: str) -> dict[str, object]:
    return {"assignee": assignee or None, "assignee_label": assignee, "team": team or None, "team_label": team}


HISTORY = [
    change(1, "opened", {"channel": "mail"}, who="Elin Berg", door="mail", why_not=None),
    change(2, "customer_message", {"reply": 1}, who="Elin Berg", door="mail", why_not=None),
    change(3, "assigned", given("Tomas Klein", "Cloud support") | {"before": given("", "Product support")}),
    change(
        4, "severity",
        {"before": "P2", "before_determined": False, "after": "P1", "why": "All tenants of a region", "stated": "P0"},
        why_not="Overtaken: it was changed again since.",
    ),
    change(5, "tags", {"before": ["sync"], "after": ["eu-north", "sync"]}),
    change(6, "pause", {"reason": "on_hold", "why": "a fix of the database vendor", "before": "open"}, why_not="It was undone."),
    change(7, "resume", {"before": "hold"}, who="Priya Nair", undoes=6),
    change(8, "breach", {"metric": "resolution"}, who="clock", door="job", why_not=None),
    change(9, "fields", {"before": {"region": None}, "after": {"region": LONG_WORD}, "labels": {"region": "Region"}}),
    change(10, "resolve", {"before": "open"}, who="Priya Nair", door="bulk", run=4),
    change(11, "sensitive", {}),
    change(12, "cc_removed", {"person": 4, "label": "j.holm@norrland.example"}),
    change(13, "cc_added", {"person": 3, "label": "a.lund@norrland.example"}),
]  # fmt: skip


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    runs = [
        (one, title(one))
        for one in (
            run("running"),
            run("done", "undo", {}, undoes=3, undoes_verb="spam"),
            run("done", "severity", {"severity": "P1", "label": "P1", "reason": LONG_WORD}, left=0),
        )
    ]
    listed: dict[str, object] = {"view_title": "Bulk changes", "rail": RAIL, "first_url": "", "next_url": "/next"}
    history: dict[str, object] = {"ticket": TICKET, "stream": "ticket:5:staff", "may_undo": True}
    return {
        "bulk-preview": ("desk/bulk_run.html", page(run("preview", left_out=12))),
        "bulk-nothing": ("desk/bulk_run.html", page(run("preview", todo=0, left=5))),
        "bulk-running": ("desk/bulk_run.html", page(run("running"), hidden=3)),
        "bulk-done": ("desk/bulk_run.html", page(run("done"))),
        "bulk-runs": ("desk/bulk_runs.html", {**listed, "rows": runs}),
        "bulk-runs-empty": ("desk/bulk_runs.html", {**listed, "rows": [], "next_url": ""}),
        "history": ("desk/history.html", {**history, "rows": told(HISTORY)}),
    }
