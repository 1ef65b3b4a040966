"""The link in a mail: one request to read, as the person whose mail it is, without logging anybody in."""

from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from answerable.casework.link_actions import find_by_link, note_opening
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.people.access import anyone
from answerable.people.models import Person
from answerable.portal.conversation import conversation
from answerable.portal.views.entries import found, sheet_on
from answerable.sla.queries import promises
from answerable.tickets.access import standing
from answerable.tickets.answers import told
from answerable.tickets.conversation import determined
from answerable.tickets.files import path_of
from answerable.tickets.models import Ticket
from answerable.ui.files import hand_out


@require_safe
@anyone
def show(request: HttpRequest, token: str) -> HttpResponseBase:
    """The request, with nothing to do but read it; who is logged in as that person gets the page itself."""
    now = clock.now()
    ticket, person = find_by_link(token, now)
    if request.user.pk == person.pk:
        return redirect("portal:request", number=ticket.number)
    _note(request, ticket, person, now)
    takes_part = standing(person, ticket, now).takes_part

    def file_url(pk: int) -> str:
        return url("portal:link_file", token=token, pk=pk)

    def sheet_url(pk: int) -> str:
        return url("portal:link_sheet", token=token, pk=pk)

    entries = conversation(ticket, insider=takes_part, file_url=file_url, sheet_url=sheet_url)
    context = {
        "now": now,
        "ticket": ticket,
        "person": person,
        "entries": entries,
        "determined": determined(entries),
        "answers": told(ticket.fields),
        "promises": promises(ticket.pk),
        "log_in_url": f"{url('account_login')}?next={url('portal:request', number=ticket.number)}",
    }
    return _private(render(request, "portal/by_link.html", context))


@require_safe
@anyone
def file(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """An attachment of that request."""
    now = clock.now()
    ticket, person = find_by_link(token, now)
    row = found(ticket, pk)
    _note(request, ticket, person, now, is_part=row.inline)
    return _private(hand_out(request, path_of(row.file.sha256), row.name, row.file.infected))


@require_safe
@anyone
def sheet(request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
    """A mail of that request as it was laid out."""
    now = clock.now()
    ticket, person = find_by_link(token, now)
    _note(request, ticket, person, now, is_part=True)
    return _private(sheet_on(request, ticket, pk, lambda one: url("portal:link_file", token=token, pk=one)))


def _note(request: HttpRequest, ticket: Ticket, person: Person, now: datetime, *, is_part: bool = False) -> None:
    """List it on the request. A HEAD has shown nothing. `is_part`: what a page shows of its entries by itself."""
    if request.method == "GET":
        note_opening(ticket, person, request.headers.get("User-Agent", "")[:500], now, is_part=is_part)


def _private(response: HttpResponseBase) -> HttpResponseBase:
    """The address is the key: it goes to no other site, into no cache and no search engine."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
