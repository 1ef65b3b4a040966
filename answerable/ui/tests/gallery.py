"""Every page's template with made-up people, for the browser tests and for looking at (never shipped in a page).

pictures.py beside it writes a picture of each page, wide and narrow, light and dark.
"""

import mimetypes
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import django_htmx
from django import forms
from django.core.files.storage import FileSystemStorage
from django.utils import timezone
from django.utils.safestring import mark_safe
from jinja2 import Environment, FileSystemLoader
from playwright.sync_api import Browser, Page, sync_playwright

from answerable.casework.questions import Question
from answerable.casework.questions import fields as question_fields
from answerable.casework.request_form import TrapInput
from answerable.desk.notices import Item
from answerable.desk.policy import asked, hours, levels, plans, uptime, warnings
from answerable.desk.snoozing import presets
from answerable.escalation.alert_queries import Unanswered
from answerable.lib.textdiff import hunks
from answerable.lib.uploads import MultipleFileField
from answerable.notify.notice_queries import Unread
from answerable.people.queries import SecondSteps, Session
from answerable.people.sso_queries import Check
from answerable.policy.read import SHIPPED, parse
from answerable.portal.people import OnIt
from answerable.portal.seeing import Seeing
from answerable.tickets.link_queries import Opening
from answerable.tickets.presence import Here
from answerable.tickets.reason_queries import Reason
from answerable.ui.jinja import environment
from answerable.ui.middleware import HEADERS
from answerable.ui.storage import SHEET, Paths, joined
from answerable.ui.tests import (
    articles,
    bulk,
    canned,
    drills,
    helping,
    ladders,
    leaving,
    linking,
    made_up_figures,
    mailroom,
    mails,
    on_call,
    organizations,
    outbox,
    outside,
    paging,
    people,
    policies,
    queues,
    redacting,
    searching,
    setting_up,
    shifts,
    support,
    telling,
    ticket_page,
    widgets,
)
from answerable.ui.tests.people import ELIN, NOBODY, NOW, ROWS, TOMAS, Row
from tests.chromium import CHROMIUM

PACKAGE = Path(__file__).resolve().parents[2]
ZONE = ZoneInfo("Europe/Stockholm")
WIDE, NARROW = 1440, 390
# Not a code that anything reads; as many squares.
QR = (
    "data:image/svg+xml;utf8,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'>"
    "<path d='M0 0h3v3h-3zM6 0h3v3h-3zM0 6h3v3h-3zM4 4h1v2h2v3h-2v-2h-1z'/></svg>"
)


class ListForm(forms.Form):
    """Stands in for the filter of the portal's lists."""

    q = forms.CharField(
        label="Search", required=False, widget=forms.TextInput(attrs={"placeholder": "Number, name or words"})
    )
    status = forms.ChoiceField(label="Status", required=False, choices=[("", "All"), ("waiting", "Waiting for you")])
    severity = forms.ChoiceField(label="Severity", required=False, choices=[("", "All"), ("P0", "P0")])
    sort = forms.ChoiceField(label="Sort by", required=False, choices=[("", "Last activity")])


class RequestForm(forms.Form):
    """Stands in for the portal's form, with a field of each kind."""

    email = forms.EmailField(label="Your e-mail address", help_text="We answer to this address.")
    subject = forms.CharField(label="Subject", max_length=200)
    text = forms.CharField(label="What happened?", widget=forms.Textarea(attrs={"rows": 5, "data-autosize": ""}))
    severity = forms.ChoiceField(
        label="How bad is it?",
        widget=forms.RadioSelect,
        choices=[(key, f"{key} {name}: {meaning}") for key, name, meaning, *_ in people.SEVERITIES],
    )
    website = forms.CharField(required=False, widget=TrapInput())
    stamp = forms.CharField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields |= question_fields(QUESTIONS)
        words = "Up to 10 files of 10 MB each. If this page comes back to be mended, choose them again."
        self.fields["enclosed"] = MultipleFileField(label="Files", required=False, help_text=words)


QUESTIONS = [
    Question("version", "Version", "It stands in the footer.", required=True),
    Question("area", "What is it about?", kind="choice", options=("Loading", "Searching")),
    Question("since", "Since when?", kind="date"),
    Question("tables", "How many tables?", kind="number"),
    Question("steps", "How do we see it too?", "Step by step.", kind="paragraph"),
    Question("agreed", "You may look at our data to find the cause", kind="checkbox"),
]


class LoginForm(forms.Form):
    """Stands in for allauth's."""

    login = forms.EmailField(label="Email", widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label="Password",
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=mark_safe('<a href="/reset">Forgot your password?</a>'),
    )
    remember = forms.BooleanField(label="Remember me", required=False)


@dataclass(frozen=True)
class Shown:
    """A page of the gallery: its template, and what is given to it."""

    template: str
    context: dict[str, object] = field(default_factory=dict)
    user: SimpleNamespace = field(default_factory=lambda: TOMAS)


def _ticket(**more: object) -> dict[str, object]:
    return {
        "ticket": people.TICKET,
        "entries": people.ENTRIES,
        "stream": "ticket:5:staff",
        "queue_url": "/",
        "to_name": "Elin",
        "others": 2,
        "recipients": leaving.RECIPIENTS,
        **leaving.SENDING,
        "may_reply": True,
        "may_work": True,
        "may_set_status": True,
        "may_approve_cc": True,
        "may_mark_sensitive": True,
        "stopped": {3: 30},
        "may_read_raw": True,
        "pending": [
            (9, "Consultant", "c@outside.example", False),
            (10, "J. Holm", "holm@norrland.example", True),
        ],
        "acts": ticket_page.acts(),
        "editable": ticket_page.FIELDS,
        "snoozes": presets(NOW),
        "follows": True,
        "followers": ["Tomas Klein", "Priya Nair"],
        "promises": people.PROMISES,
        "determined": people.ENTRIES[-1].text,
        "answers": people.ANSWERS,
        "rating": None,
        "organization": {
            "name": "Norrland Energi",
            "slug": "norrland",
            "plan": "Enterprise, 24×7",
            "csm": "Maria Costa",
            "open_count": 3,
        },
        "people": [
            (1, "Elin Berg", "elin@norrland.example", "requester"),
            (2, "A. Lund", "a.lund@norrland.example", "cc"),
            (3, "ops@norrland.example", "ops@norrland.example", "cc"),
        ],
        "agents": [(1, "Tomas Klein"), (2, "Priya Nair"), (3, "Ana Lund")],
        "teams": [(2, "Cloud support"), (3, "SRE")],
        "severities": [(key, name) for key, name, *_ in people.SEVERITIES],
        "statuses": [("open", "Open"), ("pending", "Waiting for customer"), ("hold", "On hold"), ("solved", "Solved")],
        **more,
    }


def _notices(items: list[Item], show: str = "") -> dict[str, object]:
    tabs = {"": "All", "unread": "Unread", "mentions": "Mentions"}
    return {
        "view_title": "Notices",
        "rail": people.RAIL,
        "items": items,
        "tabs": [(title, f"/notices?show={key}", key == show) for key, title in tabs.items()],
        "show": show,
        "newest": 9,
        "may_mark": bool(items),
        "rows_url": "/rows",
        "first_url": "",
        "next_url": "/next" if items else "",
    }


def _policy() -> dict[str, object]:
    text = SHIPPED.read_text()
    office = text[text.index("# [calendars.office]") : text.index("# -----", text.index("# [calendars.office]"))]
    text = text.replace(office, "\n".join(line.removeprefix("# ") for line in office.splitlines()))
    fields = text[text.index("# [form.fields.version]") : text.index("\n\n", text.index("# [form.fields.area]"))]
    text = text.replace(fields, "\n".join(line.removeprefix("# ").removeprefix("#") for line in fields.splitlines()))
    mailboxes = text[text.index("# [mailbox.support]") : text.index("\n\n", text.index("# [mailbox.sales]"))]
    text = text.replace(
        mailboxes, "\n".join(line.removeprefix("#").removeprefix(" ") for line in mailboxes.splitlines())
    )
    policy = parse(text.replace('first_response = "4 h"', 'calendar = "office"'), "support.toml")
    return {
        "view_title": "Policy",
        "rail": people.RAIL,
        "policy": policy,
        "applied": people.APPLIED,
        "levels": levels(policy),
        "plans": plans(policy),
        "hours": hours(policy, NOW),
        "warnings": warnings(policy),
        "uptime": uptime(policy),
        "asked": asked(policy),
        "walks": people.WALKS,
    }


def _versions(calendars: list[SimpleNamespace]) -> dict[str, object]:
    rows = [people.APPLIED] if calendars else []
    return {
        "view_title": "Versions of the policy",
        "rail": people.RAIL,
        "rows": rows,
        "calendars": calendars,
        "first_url": "",
        "next_url": "/next" if rows else "",
    }


def _version(earlier: int | None) -> dict[str, object]:
    text = SHIPPED.read_text()
    old = text.replace('first_response = "2 h"\nnext', 'first_response = "3 h"\n# A long one: xyz\nnext') + "# last\n"
    return {
        "view_title": "Version 3 of the policy",
        "rail": people.RAIL,
        "row": people.APPLIED,
        "in_force": earlier is not None,
        "earlier": earlier,
        "hunks": hunks(old, text) if earlier else [],
        "lines": text.splitlines(),
    }


def _requests(rows: list[Row]) -> dict[str, object]:
    return {
        "tabs": [
            ("My requests", "/m", "3", False),
            ("Requests I'm CC'd on", "/m", "0", False),
            ("Organization requests", "/m", "99+", True),
        ],
        "why": [
            ("You can read every request of Norrland Energi. Granted by Maria Costa", NOW + timedelta(days=20)),
            ("To comment on one, ask to be CC'd.", None),
        ],
        "form": ListForm({}),
        "list_url": "/m",
        "is_narrow": False,
        "rows": rows,
        "rows_url": "/rows",
        "first_url": "/first" if rows else "",
        "next_url": "",
        "stream": "person:7",
    }


ON_IT = [
    OnIt(1, "Elin Berg", "requester", "", is_me=True, may_remove=False, may_answer=False),
    OnIt(2, "A. Lund", "cc", "", is_me=False, may_remove=True, may_answer=False),
    OnIt(3, "I. Rask", "cc", "asked", is_me=False, may_remove=False, may_answer=True),
    OnIt(4, "consultant@outside.example", "cc", "named", is_me=False, may_remove=True, may_answer=False),
]


def _request(**more: object) -> dict[str, object]:
    return {
        "ticket": people.TICKET,
        "promises": people.PROMISES,
        "determined": people.ENTRIES[-1].text,
        "answers": people.ANSWERS,
        "people": ON_IT,
        "openings": [Opening(7, "Elin Berg", NOW - timedelta(hours=2), "Firefox, Linux")],
        "has_asked": False,
        "is_closed": False,
        "may_ask": False,
        "may_add": True,
        "may_hide": True,
        "may_reply": True,
        "may_close": True,
        "may_reopen": False,
        "may_state": True,
        "read_only_why": "",
        "entries": [entry for entry in people.ENTRIES if entry.kind in {"reply", "event"}],
        "stream": "ticket:5:customer",
        "reason": Reason("requester"),
        "severities": [(key, name, meaning) for key, name, meaning, *_ in people.SEVERITIES],
        "ladder": ladders.waiting("add", "withdraw"),
        **more,
    }


def _severities() -> list[dict[str, object]]:
    names = ["key", "name", "meaning", "first_response", "hours"]
    return [dict(zip(names, row, strict=True)) for row in people.SEVERITIES]


def _reader(why: str = "You can read this request. To comment, ask to be CC'd.", **more: object) -> dict[str, object]:
    by_grant = Reason("grant", by="Maria Costa", organization="Norrland Energi", until=NOW + timedelta(days=12))
    on_it = [replace(one, is_me=False, may_remove=False, may_answer=False) for one in ON_IT if not one.waits]
    may = {f"may_{verb}": verb == "ask" for verb in ("reply", "close", "state", "add", "hide", "ask")}
    rest: dict[str, object] = {
        "people": on_it,
        "openings": [],
        "read_only_why": why,
        "ladder": ladders.waiting(),
        "reason": by_grant,
    }
    return _request(**{**may, **rest, **more})


def _copied(kind: str) -> dict[str, object]:
    since = NOW - timedelta(days=2)
    why = Reason(kind, by="Maria Costa", organization="Norrland Energi", since=since, until=NOW + timedelta(days=9))
    return _request(reason=why, ladder=ladders.CALM)


# Staff look with a customer's eyes.
SEEING: dict[str, object] = {
    "request": SimpleNamespace(COOKIES={}, seeing=Seeing(ELIN.label, 26 * 60, "/people/7/see/stop"))
}


def _ungranted() -> dict[str, object]:
    return _ticket(
        ticket=people.NEWCOMER,
        promises=people.OTHER_PROMISES,
        organization=None,
        determined="",
        answers=[],
        editable=[],
        snoozes=[],
        follows=False,
        followers=[],
        pending=[],
        may_reply=False,
        may_work=False,
        may_set_status=False,
        may_mark_sensitive=False,
    )


def _form(form: forms.Form) -> dict[str, object]:
    return {"form": form, "redirect_field": None, "action_url": "/", "promise_note": "", "asking": "x"}


def _explain(**more: object) -> dict[str, object]:
    return {"ticket": people.TICKET, "told": people.told(), "customer": False, "may_excuse": True, **more}


def _desk_pages() -> dict[str, Shown]:
    return {
        "explain": Shown("desk/explain.html", _explain()),
        **{name: Shown(*one) for name, one in queues.shown().items()},
        "ticket": Shown("desk/ticket.html", _ticket()),
        "ticket-writing": Shown("desk/ticket.html", _ticket(**leaving.BEGUN)),
        "canned": Shown("desk/canned.html", canned.listed()),
        "canned-none": Shown("desk/canned.html", canned.listed(empty=True)),
        "canned-deleted": Shown("desk/canned.html", canned.listed(empty=True) | {"is_deleted": True}),
        "canned-one": Shown("desk/canned_one.html", canned.one()),
        "canned-wrong": Shown("desk/canned_one.html", canned.wrong()),
        "canned-new": Shown("desk/canned_one.html", canned.new()),
        "ticket-sending": Shown("desk/ticket.html", _ticket(drafts=leaving.ON_ITS_WAY, recipients=leaving.MANY)),
        "ticket-warned": Shown(
            "desk/ticket.html",
            _ticket(
                restored=leaving.RESTORED, warning=leaving.WARNED, recipients=leaving.MANY, begun_reply=leaving.BACK
            ),
        ),
        "ticket-failed": Shown(
            "desk/ticket.html", _ticket(restored=leaving.FAILED, recipients=[], begun_reply=leaving.BACK)
        ),
        "wordings": Shown("desk/wordings.html", leaving.wordings()),
        "wording": Shown("desk/wording.html", leaving.wording()),
        "wording-wrong": Shown("desk/wording.html", leaving.wording("Hello {{nam}},\n{% if due %}\n")),
        "wording-unseen": Shown("desk/wording.html", leaving.wording() | {"shown": None}),
        "wordings-owned": Shown("desk/wordings.html", leaving.wordings() | {"is_owned": True, "line": 96}),
        "wording-owned": Shown("desk/wording.html", leaving.wording() | {"is_owned": True, "line": 97}),
        "unsent": Shown("desk/unsent.html", leaving.unsent()),
        "unsent-none": Shown("desk/unsent.html", leaving.unsent(empty=True)),
        "links": Shown("desk/links.html", _links(OPENINGS)),
        "links-none": Shown("desk/links.html", _links([])),
        **{name: Shown("desk/redact.html", context) for name, context in redacting.pages().items()},
        "satisfaction": Shown("desk/satisfaction.html", redacting.satisfaction()),
        "satisfaction-empty": Shown("desk/satisfaction.html", redacting.satisfaction(empty=True)),
        "ticket-rated": Shown("desk/ticket.html", _ticket(rating=redacting.SAID_OF_US)),
        "ticket-redacted": Shown("desk/ticket.html", _ticket(entries=redacting.ENTRIES)),
        "ticket-mails": Shown("desk/ticket.html", _ticket(entries=mails.entries(staff=True))),
        "ticket-other": Shown("desk/ticket.html", _ungranted()),
        "ticket-merged": Shown("desk/ticket.html", _ticket(acts=ticket_page.acts(ticket_page.MERGED))),
        "ticket-deleted": Shown("desk/ticket.html", _ticket(acts=ticket_page.acts(ticket_page.DELETED))),
        "new-whom": Shown("desk/new_whom.html", ticket_page.new_whom()),
        "new-whom-none": Shown("desk/new_whom.html", ticket_page.new_whom(empty=True)),
        "new": Shown("desk/new.html", ticket_page.new()),
        "new-wrong": Shown("desk/new.html", ticket_page.new(wrong=True)),
        "entry-move": Shown("desk/entry_move.html", ticket_page.entry_move()),
        "merge": Shown("desk/ticket_merge.html", ticket_page.merge()),
        "merge-find": Shown("desk/ticket_merge.html", ticket_page.merge(both=False)),
        "merge-none": Shown("desk/ticket_merge.html", ticket_page.merge(both=False, empty=True)),
        "aside": Shown("desk/aside.html", ticket_page.aside("spam")),
        "set-aside": Shown("desk/set_aside.html", ticket_page.set_aside()),
        "set-aside-none": Shown("desk/set_aside.html", ticket_page.set_aside(empty=True)),
        "notices": Shown("desk/notices.html", _notices(people.NOTICES)),
        "notices-empty": Shown("desk/notices.html", _notices([])),
        "notices-all-read": Shown("desk/notices.html", _notices([], "unread")),
        "notices-no-mentions": Shown("desk/notices.html", _notices([], "mentions")),
        "wishes": Shown("desk/wishes.html", telling.wishes()),
        "wall": Shown("desk/wall.html", telling.wall()),
        "wall-initials": Shown("desk/wall.html", telling.wall(initials=True, look="dark", is_desk=False)),
        "wall-quiet": Shown("desk/wall.html", telling.wall(quiet=True)),
        "wall-screens": Shown("desk/wall_links.html", telling.screens()),
        "wall-no-screens": Shown("desk/wall_links.html", telling.screens(none=True)),
        "wishes-wrong": Shown("desk/wishes.html", telling.wishes(wrong=True)),
        "desk-sso": Shown("desk/sso.html", _sso(ATTEMPTS)),
        "desk-sso-empty": Shown("desk/sso.html", _sso([])),
        "policy": Shown("desk/policy.html", _policy()),
        "policy-done": Shown("desk/policy.html", _policy() | {"walks": []}),
        "policy-versions": Shown("desk/policy_versions.html", _versions(people.CALENDARS)),
        "policy-versions-empty": Shown("desk/policy_versions.html", _versions([])),
        "policy-version": Shown("desk/policy_version.html", _version(2)),
        "policy-version-first": Shown("desk/policy_version.html", _version(None)),
        "reports": Shown("desk/reports.html", made_up_figures.report()),
        "reports-agent": Shown("desk/reports.html", made_up_figures.report(by_agent=True)),
        "reports-empty": Shown("desk/reports.html", made_up_figures.report(empty=True)),
        "broken": Shown("desk/broken.html", made_up_figures.broken()),
        "broken-none": Shown("desk/broken.html", made_up_figures.broken() | {"rows": [], "next_url": ""}),
        "what-if": Shown("desk/what_if.html", made_up_figures.what_if()),
        "what-if-wrong": Shown("desk/what_if.html", made_up_figures.what_if(wrong=True)),
        "compared": Shown("desk/what_if.html", made_up_figures.what_if(compared=True)),
    }


def _sso(attempts: list[SimpleNamespace]) -> dict[str, object]:
    address = "https://support.acme.example/accounts/saml/org-norrland/acs/"
    return {
        "view_title": "Single sign-on of Norrland Energi",
        "rail": people.RAIL,
        "set_up_slug": "norrland",
        "start_url": "/go",
        "attempts": attempts,
        "checks": [
            Check("Domains verified or claimed", "norrland.example", is_right=True),
            Check("Identity provider (SAML)", "https://idp.norrland.example/metadata", is_right=True),
            Check("Its certificate", "missing", is_right=False),
            Check("Where answers go, to enter there", address, is_right=True),
        ],
    }


ATTEMPTS = [
    SimpleNamespace(outcome="let_in", email="elin@norrland.example", detail="", at=NOW - timedelta(minutes=4)),
    SimpleNamespace(outcome="not_valid", email="", detail="Timing issues (clock)", at=NOW - timedelta(hours=30)),
]


def _links(openings: list[Opening]) -> dict[str, object]:
    return {
        "view_title": "Links to #20418 in mails",
        "rail": people.RAIL,
        "ticket": people.TICKET,
        "openings": openings,
        "people": [(7, "Elin Berg"), (8, "A. Lund")],
    }


OPENINGS = [
    Opening(7, "Elin Berg", NOW - timedelta(hours=2), "Firefox, Linux"),
    Opening(8, "A. Lund", NOW - timedelta(days=2), ""),
]


def _portal_pages() -> dict[str, Shown]:
    wrong = RequestForm({"email": "elin@", "subject": "Warehouse sync", "text": "", "ask-tables": "many"})
    wrong.add_error(None, "Several requests came from here within the hour. Nothing is lost.")
    wrong.add_error("enclosed", "Browsers do not hand files back: please choose them again.")
    sent = {"number": 20419, "due_at": NOW + timedelta(hours=8), "waits": "P0", "address": "", "request_url": ""}
    sent_by_elin = sent | {"address": ELIN.email, "request_url": "/requests/20419"}
    confirm = {"number": 20419, "waits": "P0", "counts": "", "done": False}
    solved = SimpleNamespace(**{**vars(people.NEWCOMER), "status": "solved"})
    return {
        "home": Shown("portal/home.html", {"severities": _severities(), **helping.front()}, NOBODY),
        "my-requests": Shown("portal/my_requests.html", _requests(ROWS[:2] + ROWS[6:]), ELIN),
        "my-requests-empty": Shown("portal/my_requests.html", {**_requests([]), "why": []}, ELIN),
        "request": Shown("portal/request.html", _request(), ELIN),
        "my-requests-none": Shown("portal/my_requests.html", {**_requests([]), "is_narrow": True}, ELIN),
        "by-link": Shown("portal/by_link.html", {**_request(), "person": ELIN, "log_in_url": "/log-in"}, NOBODY),
        "request-explain": Shown("portal/explain.html", _explain(customer=True, may_excuse=False), ELIN),
        "request-solved": Shown(
            "portal/request.html",
            _request(
                ticket=solved,
                promises=people.OTHER_PROMISES,
                determined="",
                answers=[],
                may_close=False,
                may_reopen=True,
                may_state=False,
            ),
            ELIN,
        ),
        "request-asked": Shown("portal/request.html", _request(ladder=ladders.asked("speak", "withdraw")), ELIN),
        "request-settling": Shown("portal/request.html", _request(ladder=ladders.settling("raise", "accept")), ELIN),
        "ladder-answer": Shown("portal/ladder_answer.html", ladders.by_mail("")),
        "ladder-answered": Shown("portal/ladder_answer.html", ladders.by_mail("accept")),
        "rate": Shown("portal/rate.html", redacting.rate()),
        "rated": Shown("portal/rate.html", redacting.rate(said="bad", done=True, comment="Two days.")),
        "rated-long-ago": Shown("portal/rate.html", redacting.rate(may_change=False)),
        "request-redacted": Shown("portal/request.html", _request(entries=redacting.PUBLIC), ELIN),
        "request-mails": Shown("portal/request.html", _request(entries=mails.entries(staff=False)), ELIN),
        "file-asked": Shown("ui/file_asked.html", {"name": "setup.exe", "sure_url": "/f?sure=1"}, ELIN),
        "request-read-only": Shown("portal/request.html", _reader(), ELIN),
        "request-copied": Shown("portal/request.html", _copied("cc"), ELIN),
        "request-standing": Shown("portal/request.html", _copied("standing"), ELIN),
        "seen-requests": Shown("portal/my_requests.html", _requests(ROWS[:2] + ROWS[6:]) | SEEING, ELIN),
        "seen-requests-empty": Shown("portal/my_requests.html", _requests([]) | SEEING | {"why": ""}, ELIN),
        "seen-request": Shown(
            "portal/request.html",
            _reader(
                "Here they can reply, CC somebody, state severity and impact, close and reopen. You only look.",
                may_ask=False,
                openings=[Opening(7, "Elin Berg", NOW - timedelta(hours=2), "Firefox, Linux")],
            )
            | SEEING,
            ELIN,
        ),
        "seen-refused": Shown(
            "ui/refused.html",
            SEEING | {"code": "not_allowed", "message": "This page is for Elin Berg alone.", "back": "/"},
            TOMAS,
        ),
        "form": Shown("portal/form.html", _form(RequestForm()), NOBODY),
        "form-wrong": Shown("portal/form.html", _form(wrong), ELIN),
        "sent": Shown("portal/sent.html", sent, NOBODY),
        "sent-known": Shown("portal/sent.html", sent_by_elin, ELIN),
        "confirm": Shown("portal/confirm.html", confirm, NOBODY),
        "confirmed": Shown("portal/confirm.html", confirm | {"waits": "", "counts": "P0", "done": True}, NOBODY),
        "refused": Shown(
            "ui/refused.html",
            {
                "code": "not_allowed",
                "message": "You can read this request. To reply, ask to be CC'd on it.",
                "back": "/",
            },
            ELIN,
        ),
    }


class EmailForm(forms.Form):
    """Stands in for sign-up's."""

    email = forms.EmailField(label="Your e-mail address at work")


class ChooseForm(forms.Form):
    """Stands in for the form behind the link in a mail."""

    is_first = True
    user = ELIN
    name = forms.CharField(label="Your name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password1 = forms.CharField(
        label="Password", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}), help_text="At least ten."
    )
    password2 = forms.CharField(
        label="The same again", widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )


def _account(sessions: int) -> dict[str, object]:
    rows = [
        (Session(1, NOW - timedelta(days=1), "192.0.2.7", "", is_this=True), "Firefox, Linux"),
        (Session(2, NOW - timedelta(days=3), "2001:db8::17:4", "", is_this=False), "Safari, iPhone"),
        (Session(3, NOW - timedelta(days=9), "198.51.100.20", "", is_this=False), ""),
    ][:sessions]
    more = {
        "steps": SecondSteps(sessions > 0, sessions > 0, ((1, "Elin's phone"),)[:sessions]),
        "must_set_up": not sessions,
    }
    return more | {"organizations": ["Norrland Energi"], "sessions": rows, "others": max(0, sessions - 1)}


class CodeForm(forms.Form):
    """Stands in for allauth's."""

    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))


class PasskeyForm(forms.Form):
    """Stands in for allauth's."""

    name = forms.CharField(label="Name", required=False, initial="Master key")
    credential = forms.JSONField(widget=forms.HiddenInput)


def _second_step_pages() -> dict[str, Shown]:
    options = {"publicKey": {"challenge": "x"}}
    given: dict[str, object] = {
        "webauthn_form": PasskeyForm(prefix="key"),
        "js_data": {"request_options": options, "creation_options": options},
        "reauthentication_alternatives": [{"url": "/", "description": "Use your password"}],
        "totp_svg_data_uri": QR,
        "unused_codes": [f"{n}1726354{n}" for n in range(9)],
        "unused_code_count": 9,
        "object": SimpleNamespace(wrap=lambda: SimpleNamespace(name="Elin's phone")),
    }
    templates: dict[str, forms.Form] = {
        "authenticate": CodeForm(),
        "reauthenticate": CodeForm(),
        "totp/activate_form": CodeForm(),
        "totp/deactivate_form": forms.Form(),
        "recovery_codes/index": forms.Form(),
        "recovery_codes/generate": forms.Form(),
        "webauthn/add_form": PasskeyForm(),
        "webauthn/reauthenticate": PasskeyForm(),
        "webauthn/authenticator_confirm_delete": forms.Form(),
    }
    return {
        f"mfa-{name.replace('/', '-')}": Shown(f"mfa/{name}.html", _form(form) | given, ELIN)
        for name, form in templates.items()
    }


def _account_pages() -> dict[str, Shown]:
    names = [
        "login", "logout", "password_reset", "password_reset_done", "account_inactive", "verification_sent",
        "password_reset_from_key_done", "password_change", "reauthenticate", "signup_closed",
    ]  # fmt: skip
    shown = {name: Shown(f"account/{name}.html", _form(LoginForm()), NOBODY) for name in names}
    shown["signup"] = Shown("account/signup.html", _form(EmailForm()), NOBODY)
    sso = {"found": "", "start_url": "", "staff_url": "/staff"}
    shown["sso"] = Shown("account/sso.html", _form(EmailForm()) | sso, NOBODY)
    found = {"found": "Norrland Energi", "start_url": "/go"}
    shown["sso-found"] = Shown("account/sso.html", _form(EmailForm()) | sso | found, NOBODY)
    shown["sso-error"] = Shown("socialaccount/authentication_error.html", {}, NOBODY)
    shown["account"] = Shown("account/account.html", _account(3), ELIN)
    shown["account-empty"] = Shown("account/account.html", _account(0), ELIN)
    again = type("AgainForm", (ChooseForm,), {"is_first": False})
    for name, form in [("password_reset_from_key_first", ChooseForm), ("password_reset_from_key", again)]:
        shown[name] = Shown("account/password_reset_from_key.html", _form(form()), NOBODY)
    shown["password_reset_from_key_fail"] = Shown("account/password_reset_from_key.html", {"token_fail": True}, NOBODY)
    return shown


@cache
def pages() -> dict[str, Shown]:
    """What there is to see, by name."""
    rooms = organizations.pages() | setting_up.pages() | outbox.pages() | mailroom.pages()
    rooms |= bulk.pages() | shifts.pages() | searching.pages() | linking.pages() | on_call.pages() | paging.pages()
    rooms |= policies.pages()
    rooms |= drills.pages()
    rooms |= articles.pages()
    rooms |= outside.pages()
    rooms |= widgets.pages()
    made = {name: Shown(*shown) for name, shown in rooms.items()}
    made |= {name: Shown(*shown) for name, shown in support.pages().items()}
    made |= {name: Shown(*shown) for name, shown in helping.pages().items()}
    return _desk_pages() | made | _portal_pages() | _account_pages() | _second_step_pages()


# What pages fetch as soon as they are there, and what they get.
FRAGMENTS = {
    "desk:policy_replans": Shown("desk/_replans.html", {"walks": people.WALKS[1:]}),
    "desk:notices_badge": Shown("desk/_notices_badge.html", {"unread": Unread(4, 2, (20418, 20417))}),
    "desk:ticket_alert": Shown("desk/_alert_slot.html", paging.slot()),
    "desk:shift_now": Shown(
        "desk/_shift_now.html",
        {
            "shifts": [shifts.SHIFT],
            "on_call": on_call.NOBODY_AND_SOMEBODY,
            "alerts": Unanswered(3, (17,)),
            "most_alerts": 99,
        },
    ),
    **{
        name: Shown("desk/_others.html", {"others": [Here(2, "Priya Nair", "reply"), Here(3, "Ana Lund", "viewing")]})
        for name in ("desk:here", "desk:others")
    },
    "desk:came": Shown("desk/_came.html", {"came": []}),
    "desk:palette": Shown(*searching.palette()),
    "desk:ladder": Shown("desk/_ladder.html", ladders.beside(ladders.waiting("ack", "raise", "lower"))),
    "desk:ticket_articles": Shown("desk/_suggested.html", articles.suggested()),
    "desk:near": Shown("desk/_near.html", ticket_page.around()),
    "desk:linked": Shown("desk/_linked.html", linking.card()),
    **{name: Shown(*one) for name, one in helping.fragments().items()},
    "desk:update_letter": Shown("desk/_update_letter.html", {"html": linking.LETTER}),
}

# Rendered by Django without any context of ours.
BARE = ["400.html", "403.html", "403_csrf.html", "404.html", "429.html", "500.html"]


@cache
def gallery_environment() -> Environment:
    """The real environment over all rooms' templates, with addresses that need no URL map and no collected files."""
    env = environment(loader=FileSystemLoader(sorted(PACKAGE.glob("*/templates"))))
    env.globals |= {
        "static": lambda name: f"/static/{name}",
        "url": lambda name, **_: f"/{name}",
        "htmx_script": lambda: mark_safe('<script src="/static/django_htmx/htmx-2.min.js" defer></script>'),
    }
    return env


@cache
def html(name: str) -> str:
    """A page of the gallery, or a bare error page by its template's name."""
    if name in BARE:
        return gallery_environment().get_template(name).render()
    return rendered(name, FRAGMENTS.get(name) or pages()[name])


def rendered(name: str, shown: Shown) -> str:
    """That page as given."""
    context = {
        "now": NOW,
        "user": shown.user,
        "vendor": people.VENDOR,
        "messages": ["Assigned to you"] if name == "queue-empty" else [],
        "request": SimpleNamespace(COOKIES={}),
        "csrf_input": mark_safe('<input type="hidden" name="csrfmiddlewaretoken" value="x">'),
    }
    with timezone.override(ZONE):
        return gallery_environment().get_template(shown.template).render(context | shown.context)


@cache
def sheet() -> bytes:
    """The stylesheet as collectstatic joins it."""
    folder = PACKAGE / "ui/static"
    source = FileSystemStorage(location=str(folder))
    paths: Paths = {
        str(path.relative_to(folder)): (source, str(path.relative_to(folder))) for path in folder.rglob("*.css")
    }
    return joined(paths)


def open_page(
    browser: Browser,
    name: str,
    *,
    width: int = WIDE,
    dark: bool = False,
    at: datetime = NOW,
    heard: Callable[[str], object] = str,
    scripts: bool = True,
) -> Page:
    """The page in a browser that is served from memory, under the product's own headers and the gallery's clock.

    `heard` is told what the page says in the console.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width == WIDE else 844},
        color_scheme="dark" if dark else "light",
        has_touch=width == NARROW,
        is_mobile=width == NARROW,
        java_script_enabled=scripts,
    )
    page = context.new_page()
    page.on("console", lambda message: _tell(heard, message.text))
    page.on("pageerror", lambda error: _tell(heard, str(error)))
    page.clock.install(time=at)
    page.goto(address_of(name))
    return page


def _tell(heard: Callable[[str], object], text: str) -> None:
    # The gallery's clock puts a script into every frame, and a mail's sheet runs none.
    if not text.startswith("Blocked script execution in"):
        heard(text)


def on_its_sheet(name: str) -> str:
    """What a frame of the gallery holds."""
    context = {**vars(mails.SHEETS[name]), "title": "Message of Elin Berg", "request": SimpleNamespace(COOKIES={})}
    return gallery_environment().get_template("ui/sheet.html").render(context)


# How a mail's sheet is told from a page: it has headers of its own.
SHEET_OF_MAIL = "text/html; charset=utf-8"


class _Desk(BaseHTTPRequestHandler):
    """Serves the gallery. Files may be kept by the browser: it asks for fifty of them with each page."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        status, kind, body = _answer(urlsplit(self.path).path)
        self.send_response(status)
        sent = {"text/html": HEADERS, SHEET_OF_MAIL: HEADERS | mails.HEADERS}
        for name, value in sent.get(kind, {"Cache-Control": "max-age=3600"}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        """What a page says of itself is answered like a question."""
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.do_GET()

    def log_message(self, *_: Any) -> None:
        """Nothing: the browser's console tells what is missing."""


@cache
def _origin() -> str:
    """Where the gallery is served, from the first time that somebody asks until the process ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Desk)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"


def address_of(name: str) -> str:
    """Where a page of the gallery is."""
    return f"{_origin()}/{name}"


@cache
def _names() -> frozenset[str]:
    return frozenset([*BARE, *FRAGMENTS, *pages()])


# What scripts ask for. Nothing that is begun is kept here: what is written stays in the tab.
DATA = {
    "desk:here_rows": (200, "application/json", b'{"here": {"20418": [["PN", "Priya Nair", "reply"]]}}'),
    "desk:begun_save": (204, "application/json", b""),
    "desk:begun_save/state": (204, "application/json", b""),
}


def _answer(path: str) -> tuple[int, str, bytes]:
    """Status, content type and body."""
    name = path.lstrip("/")
    if path == f"/static/{SHEET}":
        return 200, "text/css", sheet()
    if path.startswith("/static/"):
        room = path.split("/")[2]
        root = Path(django_htmx.__path__[0]) if room == "django_htmx" else PACKAGE / room
        return 200, mimetypes.guess_type(path)[0] or "text/plain", (root / name).read_bytes()
    if name == mails.SHOT:
        return 200, "image/png", mails.png()
    if name in DATA:
        return DATA[name]
    if name in mails.SHEETS:
        return 200, SHEET_OF_MAIL, on_its_sheet(name).encode()
    return (200, "text/html", html(name).encode()) if name in _names() else (404, "text/plain", b"")


def main(folder: Path, only: list[str]) -> None:
    """Write the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM)
        for name in only or [*pages(), "404.html"]:
            for width, dark in [(WIDE, False), (WIDE, True), (NARROW, False), (NARROW, True)]:
                page = open_page(browser, name, width=width, dark=dark)
                picture = f"{name}-{'dark' if dark else 'light'}-{width}.png"
                page.screenshot(path=folder / picture, full_page=width == NARROW)
                page.context.close()
        browser.close()
