"""Linked requests and updates to incidents, for the gallery."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from answerable.desk.linked import Candidates, Card, Choice, Group, title_of
from answerable.desk.quoting import Slip, Warned
from answerable.desk.updating import Letter, UpdateForm, effects, html_of
from answerable.tickets.linked_queries import Linked
from answerable.tickets.placeholders import PLACES
from answerable.tickets.queries import Row
from answerable.tickets.run_queries import Run
from answerable.tickets.update_queries import Item
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL, TICKET
from answerable.ui.tests.ticket_page import side

HOUR = timedelta(hours=1)
TEXT = "Hello {{requester.first_name}},\n\nwe have found the cause. It is mended by **noon**."
ARGS = {"text": TEXT, "status": "pending", "solved_too": False, "itself": False, "label": "", "latest": 4}


def one(number: int, subject: str, status: str = "open", how: str = "has_incident", **more: Any) -> Linked:
    due = NOW + HOUR / 2 if status == "open" else None
    found = Linked(
        number, how, number, number, subject, status, "", "P1", "Kivu Bank", "J. Mbeki", due, due and NOW - HOUR
    )
    return found._replace(**more)


INCIDENTS = [
    one(20431, "Cannot log in since the update"),
    one(20425, "", "new"),
    one(20422, f"Export of {LONG_WORD}", "solved", organization=""),
    one(20377, "Nothing loads", "closed", set_aside="merged"),
]


def cards() -> list[Group]:
    return [
        Group("has_incident", title_of("has_incident", "1000+"), INCIDENTS, more=True),
        Group("duplicate_of", title_of("duplicate_of"), [one(19982, "Loader hangs", "solved")], more=False),
        Group("related", title_of("related"), [one(20011, "Slow since Monday")], more=False),
    ]


def card(*, empty: bool = False) -> dict[str, object]:
    """As it is put into a ticket's page."""
    return {
        "ticket": TICKET,
        "card": Card([]) if empty else Card(cards(), is_problem=True, every="1000+", open="12"),
        "may_link": True,
        "may_add": True,
        "unlinked": None,
    }


def _row(number: int, subject: str) -> Row:
    return Row(
        number, number, subject, "It is still so.", "P1", False, "open", "Kivu Bank", "J. Mbeki", "", "us", None, "", None,
        NOW - HOUR, NOW - 3 * HOUR,
    )  # fmt: skip


FOUND = Candidates([_row(20301, "The loader of eu-north hangs")], [_row(20431, LONG_WORD), _row(20425, "")])
WAYS = [
    Choice("related", "They are related", ""),
    Choice("duplicate_of", "#20418 is a duplicate of #20431", ""),
    Choice("has_duplicate", "#20431 is a duplicate of #20418", ""),
    Choice("incident_of", "#20418 is an incident of the problem #20431", ""),
    Choice(
        "has_incident",
        "#20431 is an incident of the problem #20418",
        "#20431 is an incident of #20301 already: unlink it there first.",
    ),
]


def link(both: dict[str, object] | None, found: Candidates = FOUND, words: str = "") -> dict[str, object]:
    return {
        "view_title": "Link #20418 to another request",
        "rail": RAIL,
        "ticket": TICKET,
        "words": words,
        "both": both,
        "found": found,
    }


BOTH: dict[str, object] = {
    "refused": "",
    "number": 20431,
    "side": side(20431, LONG_WORD),
    "ways": WAYS,
    "first": "incident_of",
    "elsewhere": True,
}


def linked_all(*, empty: bool = False) -> dict[str, object]:
    return {
        "view_title": "Incidents",
        "rail": RAIL,
        "ticket": TICKET,
        "rows": [] if empty else INCIDENTS,
        "tabs": [("All", "/all", not empty), ("Open", "/open", empty)],
        "first_url": "/first" if not empty else "",
        "next_url": "/next" if not empty else "",
        "may_link": True,
        "is_problem": True,
    }


WARNED = Warned((Slip("note", "Priya Nair", "the disk of the second controller"),), "key")
EARLIER = SimpleNamespace(pk=3, by=SimpleNamespace(label="Priya Nair"), started_at=NOW - HOUR, state="running")


LETTER = html_of(TEXT.replace("{{requester.first_name}}", "Jean"))


def compose(*, none: bool = False, wrong: bool = False) -> dict[str, object]:
    return {
        "view_title": "Update all incidents of #20418",
        "rail": RAIL,
        "ticket": TICKET,
        "form": UpdateForm({"text": TEXT, "status": "solved", "itself": "on"} if wrong else {}),
        "every": "1000+",
        "open": "12",
        "none": none,
        "places": list(PLACES.items()),
        "refused": "Line 1: {{requester.nam}} is not known; did you mean {{requester.name}}?" if wrong else "",
        "warning": WARNED if wrong else None,
        "earlier": None if wrong else EARLIER,
    }


def _run(state: str, **more: Any) -> Run:
    values: dict[str, Any] = {
        "id": 4, "by_id": 1, "by": "Tomas Klein", "verb": "update", "args": ARGS, "undoes": None, "undoes_verb": "",
        "undoes_args": {}, "state": state, "left_out": 0, "created_at": NOW, "started_at": NOW, "done_at": None,
        "todo": 2, "done": 0, "left": 2, "problem": 5,
    }  # fmt: skip
    return Run(**(values | more))


GETS = [
    Item(1, 1, 20431, "Cannot log in since the update", "Kivu Bank", "Open", "todo", "", None),
    Item(2, 2, 20422, LONG_WORD, "", "New", "todo", "", None),
]
LEFT = [
    Item(3, 3, 20377, "Nothing loads", "Norrland Energi", "Solved", "left", "It is solved already.", NOW),
    Item(4, 4, 20425, "", "Roche", "New", "left", "Priya Nair is writing a reply on it.", NOW),
]
LETTERS = {
    1: Letter([("J. Mbeki", "mbeki@kivu.example"), ("ops@kivu.example", "ops@kivu.example")], ""),
    2: Letter([], ""),
}


def run(one: Run, *, left: bool = False, **more: object) -> dict[str, object]:
    is_preview = one.state == "preview"
    sent = "Gets it" if is_preview else "Told"
    return {
        "view_title": "Update to the incidents of #20418",
        "rail": RAIL,
        "run": one,
        "problem": (20418, TICKET.subject),
        "html": html_of(TEXT),
        "has_places": True,
        "rows": LEFT if left else GETS,
        "is_left": left,
        "tabs": [(sent, one.todo + one.done, "/sent", not left), ("Left out", one.left, "/left", left)],
        "this_url": "/this",
        "first_url": "",
        "next_url": "/next",
        "letters": LETTERS if is_preview else {},
        "named": ["Kivu Bank", "#20431"] if is_preview else [],
        "effects": effects(ARGS, asks=True, seconds=5) if is_preview else [],
        "earlier": EARLIER if is_preview else None,
        "since": "" if is_preview else "2 incidents were linked after the preview. They are not part of this.",
        "waits": 0,
        "may_stop": True,
        "may_undo": one.state == "done",
        "undone_by": None,
        **more,
    }


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    done = _run("done", todo=0, done=2, args=ARGS | {"status": "solved"})
    hidden: dict[str, Any] = {"problem": None, "html": "", "rows": [], "may_stop": False, "may_undo": False}
    return {
        "link-find": ("desk/ticket_link.html", link(None)),
        "link-none": ("desk/ticket_link.html", link(None, Candidates([], []), "nothing")),
        "link-empty": ("desk/ticket_link.html", link(None, Candidates([], []))),
        "link": ("desk/ticket_link.html", link(BOTH)),
        "link-same-house": ("desk/ticket_link.html", link(BOTH | {"elsewhere": False})),
        "link-wrong": (
            "desk/ticket_link.html",
            link({"refused": "A request cannot be linked to itself.", "number": 20418}),
        ),
        "linked-all": ("desk/linked_all.html", linked_all()),
        "linked-none": ("desk/linked_all.html", linked_all(empty=True)),
        "update": ("desk/incident_update.html", compose()),
        "update-none": ("desk/incident_update.html", compose(none=True)),
        "update-wrong": ("desk/incident_update.html", compose(wrong=True)),
        "update-preview": ("desk/update_run.html", run(_run("preview", left_out=3))),
        "update-nobody": ("desk/update_run.html", run(_run("preview", todo=0), left=True)),
        "update-waiting": ("desk/update_run.html", run(_run("running"), waits=4)),
        "update-running": ("desk/update_run.html", run(_run("running", todo=1, done=1))),
        "update-done": ("desk/update_run.html", run(done)),
        "update-left": ("desk/update_run.html", run(done, left=True, undone_by=8)),
        "update-hidden": ("desk/update_run.html", run(done, **hidden)),
        "update-stopped": ("desk/update_run.html", run(_run("done", todo=0, left=4), left=True)),
    }
