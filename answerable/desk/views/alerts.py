"""Alerts: the list, each with every try to reach somebody, and the words "I have it"; also by the link in a page."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from answerable.casework import paging_actions as paging
from answerable.casework.paging_people import find as who
from answerable.desk.alert_words import line_of, page_words, state_words
from answerable.desk.frame import frame, live
from answerable.desk.outside_words import action_words, call_words, facts_in
from answerable.desk.views.ticket import find
from answerable.escalation import alert_queries as queries
from answerable.escalation.alert_access import sees
from answerable.escalation.alert_queries import Alert
from answerable.escalation.outside_calls import calls_of
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, anyone, staff_only
from answerable.people.models import Person
from answerable.tickets.queries import worked_titles

PAGE = 50


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The list: what runs first; as a fragment, its rows."""
    now = clock.now()
    after = queries.read_place(request.GET.get("after", ""))
    rows, end = queries.alerts(after, PAGE)
    titles = worked_titles(request.user, [row.ticket_id for row in rows if row.ticket_id is not None], now)
    here = url("desk:alerts")
    context = {
        "now": now,
        "view_title": _("Alerts"),
        "rows": [(row, _title(request.user, row, titles), _knows(request.user, row, titles)) for row in rows],
        "states": {row.pk: state_words(row) for row in rows},
        "rows_url": f"{here}?after={after}" if after else here,
        "first_url": here if after else "",
        "next_url": f"{here}?after={end}" if end else "",
    }
    if request.htmx:
        return render(request, "desk/_alerts.html", context)
    return render(request, "desk/alerts.html", context | _framed(request.user, now))


def _framed(person: Person, now: datetime) -> dict[str, object]:
    """Pages of alerts hear of every page that leaves; the rest of the desk only of requests."""
    return frame(person, "alerts", now) | live(person, ["desk", "alerts"])


def _knows(person: Person, row: Alert, titles: dict[int, tuple[int, str]]) -> bool:
    return sees(person, row) if row.ticket_id is None else row.ticket_id in titles


def _title(person: Person, row: Alert, titles: dict[int, tuple[int, str]]) -> str:
    """Who may not see the request reads no more than that there is an alert."""
    if _knows(person, row, titles):
        return row.title
    return _("%(severity)s of another team") % {"severity": row.severity}


@require_safe
@staff_only
def one(request: PersonRequest, pk: int) -> HttpResponse:
    """Everything about one; as a fragment, without the frame."""
    now = clock.now()
    row = _find(request.user, pk, now)
    context = _context(request.user, row, now)
    if request.htmx:
        return render(request, "desk/_alert.html", context)
    return render(request, "desk/alert.html", context | _framed(request.user, now))


def _find(person: Person, pk: int, now: datetime) -> Alert:
    row = queries.alert(pk)
    if row is not None and (
        (row.ticket_id is None and sees(person, row))
        or (row.ticket_id is not None and worked_titles(person, [row.ticket_id], now))
        or queries.may_acknowledge(person, row, who, now)
    ):
        return row
    raise Refused("not_found", _("There is no such alert, or it is not yours to see."))


def _context(person: Person, row: Alert, now: datetime) -> dict[str, object]:
    log, pages = queries.log(row), queries.pages(row)
    names = queries.names_of({pk for entry in log for pk in entry.data.get("people", ())})
    may_ack = queries.may_acknowledge(person, row, who, now)
    titles = worked_titles(person, [row.ticket_id], now) if row.ticket_id is not None else {}
    ticket = titles.get(row.ticket_id or 0)
    return {
        "now": now,
        "view_title": row.title,
        "alert": row,
        "state": state_words(row),
        "about": f"#{ticket[0]} {ticket[1]}" if ticket else "",
        "about_url": url("desk:ticket", number=ticket[0]) if ticket else "",
        "log": [line_of(entry, row.plan, names) for entry in log],
        "pages": [(one, page_words(one)) for one in pages],
        "facts": facts_in(log),
        "calls": [(one, action_words(one), call_words(one)) for one in calls_of(row)],
        "may_ack": may_ack and row.state == "open",
        "may_again": row.level is None and row.state == "acked" and queries.may_resolve(person, may_ack=may_ack),
        "may_end": row.level is None and row.state != "resolved" and queries.may_resolve(person, may_ack=may_ack),
    }


@require_POST
@staff_only
def acknowledge(request: PersonRequest, pk: int) -> HttpResponse:
    """I have it. Pressed again, or by a second person, it stays as it is."""
    now = clock.now()
    _find(request.user, pk, now)
    seen = paging.acknowledge_at_desk(request.user, pk, now)
    messages.success(request, _said(seen))
    return _back(request, pk)


def _said(seen: paging.Seen) -> str:
    if seen.outcome == "over":
        return _("This alert is over.")
    if seen.outcome == "seen" and seen.alert is not None:
        name = seen.alert.acked_by.label if seen.alert.acked_by else seen.alert.acked_label
        return _("%(who)s has it already.") % {"who": name}
    return _("You have it: nobody is paged any more.")


def _back(request: PersonRequest, pk: int) -> HttpResponse:
    number = request.POST.get("ticket", "")
    if number.isascii() and number.isdecimal() and len(number) < 18:
        return redirect("desk:ticket", number=int(number))
    return redirect("desk:alert", pk=pk)


@require_POST
@staff_only
def again(request: PersonRequest, pk: int) -> HttpResponse:
    """Nobody has it after all."""
    now = clock.now()
    _find(request.user, pk, now)
    paging.page_again(request.user, pk, now)
    messages.success(request, _("Whoever is next is paged."))
    return _back(request, pk)


@require_POST
@staff_only
def resolve(request: PersonRequest, pk: int) -> HttpResponse:
    """It is over."""
    now = clock.now()
    _find(request.user, pk, now)
    paging.resolve(request.user, pk, now)
    messages.success(request, _("This alert is over: it pages nobody any more."))
    return _back(request, pk)


@require_safe
@staff_only
def of_ticket(request: PersonRequest, number: int) -> HttpResponse:
    """What the page of a P0 says above its conversation: fetched, so that no other request waits for it."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    row = queries.of_ticket(ticket.pk)
    context = {
        "now": now,
        "ticket": ticket,
        "alert": row,
        "state": state_words(row) if row else None,
        "may_ack": bool(row and row.state == "open" and queries.may_acknowledge(request.user, row, who, now)),
    }
    return render(request, "desk/_alert_slot.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def link(request: HttpRequest, token: str) -> HttpResponse:
    """The link in a page: one button, no log-in, no scripts. GET changes nothing: scanners follow links."""
    now = clock.now()
    if request.method == "POST":
        seen = paging.acknowledge_by_link(token, now)
        outcome = seen.outcome
    else:
        outcome = ""
    person, row = paging.read_link(token, now)
    context = {
        "now": now,
        "alert": row,
        "person": person,
        "state": state_words(row),
        "done": request.method == "POST",
        "outcome": outcome,
    }
    answer = render(request, "desk/page_link.html", context)
    # The address is the key: it is told to nobody else, and no machine lists the page.
    answer.headers["Referrer-Policy"] = "same-origin"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
