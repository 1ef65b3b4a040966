"""The link in a mail: one request to read, as the person whose mail it is, without logging anybody in."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from answerable.casework.link_actions import find_by_link, note_opening
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.downloads import download
from answerable.lib.errors import Refused
from answerable.people.access import anyone
from answerable.people.models import Person
from answerable.portal.conversation import conversation, determined
from answerable.sla.queries import promises
from answerable.tickets.access import standing
from answerable.tickets.answers import told
from answerable.tickets.files import path_of
from answerable.tickets.models import Ticket
from answerable.tickets.queries import find_attachment


@require_safe
@anyone
def show(request: HttpRequest, token: str) -> HttpResponse:
    """The request, with nothing to do but read it; who is logged in as that person gets the page itself."""
    now = clock.now()
    ticket, person = find_by_link(token, now)
    if request.user.pk == person.pk:
        return redirect("portal:request", number=ticket.number)
    _note(request, ticket, person, now)
    takes_part = standing(person, ticket, now).takes_part

    def file_url(pk: int) -> str:
        return url("portal:link_file", token=token, pk=pk)

    entries = conversation(ticket, insider=takes_part, file_url=file_url)
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
def file(request: HttpRequest, token: str, pk: int) -> HttpResponse:
    """An attachment of that request."""
    now = clock.now()
    ticket, person = find_by_link(token, now)
    row = find_attachment(ticket, pk)
    if row is None:
        raise Refused("not_found", "There is no such file.")
    _note(request, ticket, person, now)
    return _private(download(path_of(row.file.sha256), row.name, row.content_type))


def _note(request: HttpRequest, ticket: Ticket, person: Person, now: datetime) -> None:
    """List it on the request. A HEAD has shown nothing."""
    if request.method == "GET":
        note_opening(ticket, person, request.headers.get("User-Agent", "")[:500], now)


def _private(response: HttpResponse) -> HttpResponse:
    """The address is the key: it goes to no other site, into no cache and no search engine."""
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
