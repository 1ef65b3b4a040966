"""A person's requests, and one of them: what the portal shows, in a frame of 400 pixels."""

from datetime import datetime

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import actions as casework
from answerable.casework.written import written
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.lib.limits import allowed
from answerable.lib.paging import Page, read_cursor
from answerable.people.models import Person
from answerable.people.queries import granted_ids
from answerable.sla.queries import promises
from answerable.tickets import access
from answerable.tickets.activity_queries import Wanted, granted, requests_of
from answerable.tickets.answers import told
from answerable.tickets.conversation import conversation
from answerable.tickets.models import Status, Ticket
from answerable.tickets.queries import Row
from answerable.widget import actions
from answerable.widget.access import KnownRequest, known
from answerable.widget.addresses import FILE, SHEET, address
from answerable.widget.forms import ReplyForm
from answerable.widget.queries import unread

# Of one person within the hour.
MOST_REPLIES = 60


@require_safe
@known
def mine(request: KnownRequest) -> HttpResponse:
    """One of the three lists: my own requests, those I am CC'd on, those I was granted to read."""
    now, which = clock.now(), request.GET.get("list", "")
    wanted = Wanted(after=read_cursor(request.GET.get("after", "")))
    page = _list(request.person, which, wanted, now)
    lists = [("", _("Mine")), ("cc", _("CC'd on"))]
    if which == "organization" or granted_ids(request.person, now):
        lists.append(("organization", _("Organization")))
    context = {
        "now": now,
        "rows": page.rows,
        "lists": [(name, title, name == which) for name, title in lists],
        "which": which,
        "after": page.next or "",
        "is_first": wanted.after is None,
        "unread": unread(request.person, now),
    }
    return render(request, "widget/_requests.html", context)


def _list(person: Person, which: str, wanted: Wanted, now: datetime) -> Page[Row]:
    if which == "organization":
        return granted(person, wanted, now)
    return requests_of(person, "cc" if which == "cc" else "requester", wanted, now)


@require_safe
@known
def one(request: KnownRequest, number: int) -> HttpResponse:
    """The conversation with its promises; to be fetched again when something happens on it."""
    now = clock.now()
    ticket, standing = access.find(request.person, number, now)
    return render(request, "widget/_request.html", _page(request, ticket, standing, now))


def _page(request: KnownRequest, ticket: Ticket, standing: access.Standing, now: datetime) -> dict[str, object]:
    row = request.session_of
    may = access.may_reply(standing) and ticket.status != Status.CLOSED
    entries = conversation(
        ticket,
        insider=standing.takes_part,
        file_url=lambda pk: address(row, FILE, ticket.number, pk),
        sheet_url=lambda pk: address(row, SHEET, ticket.number, pk),
    )
    return {
        "now": now,
        "ticket": ticket,
        "entries": entries,
        "last_reply": max((one.id for one in entries if one.kind == "reply"), default=0),
        "promises": promises(ticket.pk),
        "answers": told(ticket.fields),
        "may_reply": may,
        "may_close": may and ticket.is_open,
    }


@require_POST
@known
def reply(request: KnownRequest, number: int) -> HttpResponse:
    """Add to the conversation; a solved request opens again."""
    now = clock.now()
    ticket, _standing = access.find(request.person, number, now)
    text = checked(ReplyForm(request.POST))["text"]
    if not allowed("widget-reply", str(request.person.pk), MOST_REPLIES):
        raise Refused("too_many", _("That is very much within an hour. What you wrote is still here: send it later."))
    message = written(text, request.FILES.getlist("files"), "widget")
    casework.add_reply(request.person, ticket.pk, message, now)
    return _again(request, number)


@require_POST
@known
def close(request: KnownRequest, number: int) -> HttpResponse:
    """Settled: a customer's close is solved, and a reply opens it again."""
    now = clock.now()
    ticket, _standing = access.find(request.person, number, now)
    casework.set_status(request.person, ticket.pk, Status.SOLVED.value, now)
    return _again(request, number)


def _again(request: KnownRequest, number: int) -> HttpResponse:
    now = clock.now()
    ticket, standing = access.find(request.person, number, now)
    return render(request, "widget/_request.html", _page(request, ticket, standing, now))


@require_POST
@known
def seen(request: KnownRequest, number: int) -> HttpResponse:
    """The person has it before them up to the reply with this id; how many requests still have news."""
    now, last = clock.now(), request.POST.get("last", "")
    ticket, _standing = access.find(request.person, number, now)
    actions.looked(request.person, ticket, int(last) if last.isdecimal() and len(last) < 19 else 0, now)
    return JsonResponse({"unread": len(unread(request.person, now))})
