"""Made-up alerts, and how somebody is paged, for the gallery: (template, context) by name."""

from datetime import timedelta
from types import SimpleNamespace

from answerable.desk.alert_words import Line
from answerable.desk.contact_forms import AFTER, ChannelForm, services
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL

MINUTE = timedelta(minutes=1)
CLOUD = SimpleNamespace(name="Cloud support")
PRIYA = SimpleNamespace(label="Priya Nair")


def alert(pk: int, state: str, **more: object) -> SimpleNamespace:
    values = {
        "pk": pk, "title": f"P0: request {20410 + pk}, Norrland Energi", "team": CLOUD, "state": state,
        "raised_at": NOW - pk * 7 * MINUTE, "due_at": NOW + 3 * MINUTE if state == "open" else None,
        "acked_at": None, "acked_by": None, "resolved_at": None, "severity": "P0", "is_drill": False, "ticket_id": 1,
    }  # fmt: skip
    return SimpleNamespace(**(values | more))


OPEN = alert(1, "open")
SEEN = alert(2, "acked", acked_at=NOW - 9 * MINUTE, acked_by=PRIYA)
OVER = alert(3, "resolved", resolved_at=NOW - 2 * MINUTE, team=None, title=f"P0: request 3, {LONG_WORD}")
RISK, KEPT = ("Nobody has seen it yet", "is-risk"), ("Priya Nair has seen it", "is-kept")
STATES = {1: RISK, 2: KEPT, 3: ("Over", "")}


def page(
    number: int, who: str, way: str, result: str, look: tuple[str, str]
) -> tuple[SimpleNamespace, tuple[str, str]]:
    row = SimpleNamespace(
        number=number, person=SimpleNamespace(label=who), way=way, label="phone bridge", result=result,
        done_at=NOW - (12 - number) * MINUTE, due_at=None, made_at=NOW,
    )  # fmt: skip
    return row, look


PAGES = [
    page(0, "Tomas Kral", "mail", "the mail server took it", ("delivered", "is-kept")),
    page(1, "Tomas Kral", "channel:1", "cannot be reached", ("failed", "is-broken")),
    page(2, "Ana Lund", "channel:2", "", ("on its way", "")),
]
LOG = [
    Line(NOW - 12 * MINUTE, "Raised, to be paged by “night”", "raised"),
    Line(NOW - 12 * MINUTE, "Paged: Tomas Kral", "paged"),
    Line(NOW - 7 * MINUTE, "Nothing ran for a while: what fell due is not made up for", "late", NOW - 9 * MINUTE, NOW),
    Line(NOW - 2 * MINUTE, "Step 1: nobody answered in its time", "passed"),
    Line(NOW - 2 * MINUTE, "Paged: Ana Lund", "paged"),
]


def _list(rows: list[SimpleNamespace]) -> dict[str, object]:
    return {
        "view_title": "Alerts", "rail": RAIL, "rows": [(row, row.title, row.pk != 2) for row in rows], "states": STATES,
        "rows_url": "/alerts", "first_url": "", "next_url": "/next" if rows else "",
    }  # fmt: skip


def _one(row: SimpleNamespace, state: tuple[str, str], **may: bool) -> dict[str, object]:
    can = {"may_ack": False, "may_again": False, "may_end": True} | may
    about: dict[str, object] = {
        "about": "#20411 Warehouse sync stopped for all tenants",
        "about_url": "/ticket",
        "facts": None,
        "calls": [],
    }
    return (
        {"view_title": row.title, "rail": RAIL, "alert": row, "state": state, "log": LOG, "pages": PAGES} | can | about
    )


def slot() -> dict[str, object]:
    """What the page of a P0 says of its alert."""
    return {"ticket": SimpleNamespace(number=20418), "alert": OPEN, "state": RISK, "may_ack": True}


def _channel(pk: int, name: str, shown: str, **more: object) -> SimpleNamespace:
    values = {
        "pk": pk,
        "name": name,
        "shown": shown,
        "asked_at": None,
        "tested_at": None,
        "works": None,
        "test_result": "",
        "mark": "",
    }
    return SimpleNamespace(**(values | more))


CHANNELS = [
    (_channel(1, "My phone", "Pushover", tested_at=NOW - MINUTE, works=True, test_result="Pushover took it"), 0),
    (
        _channel(
            2, "Phone bridge", "hooks.acme.example", tested_at=NOW - MINUTE, works=False, test_result="answered 410"
        ),
        300,
    ),
    (_channel(3, "Night desk", "Telegram", asked_at=NOW), None),
    (_channel(4, LONG_WORD, "ntfy.sh"), 600),
    (_channel(5, "Firefox, Linux", "Push, Mozilla", tested_at=NOW, works=True, test_result="Mozilla took it (201)"), 0),
]
LOST = [_channel(6, "Safari, iPhone", "Push, Apple", lost="Apple knows no such browser any more (410)", removed_at=NOW)]


def _contacts(form: ChannelForm, secret: str = "", *, none: bool = False) -> dict[str, object]:
    return {
        "view_title": "How I am paged", "rail": RAIL, "channels": [] if none else CHANNELS, "mail_after": 0,
        "renewals": {5: "made-up"}, "lost": [] if none else LOST,
        "choices": AFTER, "waits": False, "form": form, "services": services(), "secret": secret,
    }  # fmt: skip


def _link(row: SimpleNamespace, state: tuple[str, str], *, done: bool = False) -> dict[str, object]:
    return {"alert": row, "person": PRIYA, "state": state, "done": done, "outcome": ""}


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    return {
        "alerts": ("desk/alerts.html", _list([OPEN, SEEN, OVER])),
        "alerts-empty": ("desk/alerts.html", _list([])),
        "alert": ("desk/alert.html", _one(OPEN, RISK, may_ack=True)),
        "alert-seen": ("desk/alert.html", _one(SEEN, KEPT, may_again=True)),
        "contacts": ("desk/contacts.html", _contacts(ChannelForm())),
        "contacts-new": ("desk/contacts.html", _contacts(ChannelForm(), "k3v9-made-up-secret", none=True)),
        "contacts-wrong": ("desk/contacts.html", _contacts(ChannelForm({"kind": "webhook"}))),
        "page-link": ("desk/page_link.html", _link(OPEN, RISK)),
        "page-link-seen": ("desk/page_link.html", _link(SEEN, KEPT, done=True)),
        "page-link-over": ("desk/page_link.html", _link(OVER, STATES[3])),
    }
