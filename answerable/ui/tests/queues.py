"""The queue with its filter, grouped, empty, broken, and the page of a view, for the gallery."""

from dataclasses import replace

from answerable.desk.view_filter import Fields
from answerable.desk.view_page import Head, Panel
from answerable.desk.view_words import Section, channels, columns, groups, orders, scopes, states, statuses
from answerable.tickets.view_queries import Line
from answerable.tickets.viewing import COLUMNS, USUAL, View
from answerable.ui.tests import people
from answerable.ui.tests.bulk import CHOICES
from answerable.ui.tests.people import ROWS, Row

VIEW = View("12", "Burning at Norrland", (), scope="shared", pk=12, version=3)
PEOPLE = [("me", "Me"), ("nobody", "Nobody"), ("1", "Ana Lund"), ("2", "Priya Nair"), ("3", "Tomas Klein")]


def lines(rows: list[Row]) -> list[Line]:
    """As the desk's query gives them."""
    return [
        Line(
            row.number, row.number, row.subject, row.preview, row.severity, row.provisional, row.status, row.organization,
            row.requester, row.assignee, row.waits, row.next_due_at, row.promise_metric, row.promise_start_at,
            row.updated_at, row.updated_at, "Cloud support", "sync, glossary", "mail", 1, 2, 3,
        )
        for row in rows
    ]  # fmt: skip


def panel(*errors: str, view: View = VIEW) -> Panel:
    """With something in each kind of field."""
    chosen = {
        "status": ["new", "open"],
        "severity": ["P0", "P1"],
        "organization": ["norrland"],
        "created.after": ["7d"],
    }
    return Panel(
        fields=Fields(chosen, {"severity": "any"}, []),
        options={
            "status": [(key, label) for key, label in statuses().items() if not key.startswith("any")],
            "severity": [(key, key) for key in ("P0", "P1", "P2", "P3")],
            "is": [(key, label) for key, label in states().items() if key != "waiting"],
            "channel": list(channels().items()),
            "team": [("mine", "My teams"), ("none", "No team"), ("1", "Cloud support")],
            "assignee": PEOPLE,
            "csm": PEOPLE,
        },
        own=[{"key": "product", "label": "Which product?", "options": ["Cloud", "Server"]}, {"key": "build", "label": "Build", "options": []}],
        orders=orders(), groups=groups(), columns=columns(), view=view, errors=list(errors),
    )  # fmt: skip


HEAD = Head(
    chips=[],
    is_changed=False,
    reset_url="/v",
    keep_url="/v/new",
    change_url="",
    edit_url="",
    copy_url="/v/new",
    delete_url="",
    pairs=[],
)
CHANGED = replace(
    HEAD,
    chips=[("Status: New, Open", "/w"), ("Severity: P0, P1", "/w"), ("Organization: Norrland Energi", "/w"), ("Opened since 7 days ago", "/w")],
    is_changed=True, change_url="/v/change", edit_url="/v/edit", delete_url="/v/delete", pairs=[("f", "1")],
)  # fmt: skip


def queue(rows: list[Row], **more: object) -> dict[str, object]:
    """The queue's page."""
    return {
        "view_title": "Promises at risk",
        "rail": people.RAIL,
        "sections": [Section("", lines(rows))] if rows else [],
        "columns": USUAL,
        "head": HEAD,
        "panel": panel(),
        "panel_open": False,
        "bulk": CHOICES,
        "rows_url": "/rows",
        "reset_url": "/v",
        "first_url": "",
        "next_url": "/next" if rows else "",
        "stopped": False,
        "is_filtered": False,
        "view_key": "risk",
        "live_counts": [],
        "broken": "1" if rows else "",
        "at_risk": "2" if rows else "",
        "take_next_url": "/take",
        **more,
    }


def _edit(*errors: str, **more: object) -> dict[str, object]:
    return {
        "view_title": "Change the view", "rail": people.RAIL, "view": VIEW, "panel": panel(*errors),
        "scopes": list(scopes().items()), "teams": [(1, "Cloud support")], "post_url": "/v/change", "back_url": "/v",
        "longest": 80, **more,
    }  # fmt: skip


def _broken(fault: str, *, is_ended: bool, may_edit: bool) -> dict[str, object]:
    return {
        "view_title": VIEW.name, "rail": people.RAIL, "view": replace(VIEW, is_ended=is_ended), "faults": [fault],
        "may_edit": may_edit,
    }  # fmt: skip


GONE = "It asks for a team that no longer exists."


def shown() -> dict[str, tuple[str, dict[str, object]]]:
    """Template and context of each page, by name."""
    grouped = [Section("Ana Lund", lines(ROWS[4:5])), Section("Priya Nair", lines(ROWS[1:2])), Section("Nobody", lines(ROWS[2:4]))]  # fmt: skip
    named = {"view_title": VIEW.name, "head": CHANGED, "is_filtered": True}
    return {
        "queue": ("desk/queue.html", queue(ROWS)),
        "queue-empty": ("desk/queue.html", queue([])),
        "queue-done": ("desk/queue.html", queue([], view_key="all")),
        "queue-filter": ("desk/queue.html", queue(ROWS, **named, panel_open=True)),
        "queue-wrong": ("desk/queue.html", queue([], **named, panel_open=True, panel=panel("“soon” is no value of “created”."))),
        "queue-filtered": ("desk/queue.html", queue([], **named)),
        "queue-grouped": ("desk/queue.html", queue(ROWS, **named, sections=grouped)),
        "queue-columns": ("desk/queue.html", queue(ROWS, columns=COLUMNS)),
        "queue-stopped": ("desk/queue.html", queue(ROWS[:2], **named, stopped=True, first_url="/v")),
        "queue-not-yet": ("desk/queue.html", queue([], **named, stopped=True, next_url="/next")),
        "view-edit": ("desk/view_edit.html", _edit()),
        "view-wrong": ("desk/view_edit.html", _edit("Give it a name of at most 80 letters.", teams=[], scopes=list(scopes().items())[:1])),
        "view-broken": ("desk/view_broken.html", _broken(GONE, is_ended=False, may_edit=True)),
        "view-broken-theirs": ("desk/view_broken.html", _broken(GONE, is_ended=False, may_edit=False)),
        "view-deleted": ("desk/view_broken.html", _broken("This view was deleted.", is_ended=True, may_edit=True)),
    }  # fmt: skip
