"""What hangs on the entries of a request: files, and mails as they were laid out. Nothing comes from elsewhere."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.html import safe
from answerable.lib.mail_html import in_page, on_sheet
from answerable.lib.paper import needs_sheet
from answerable.people.access import PersonRequest, signed_in
from answerable.tickets import access
from answerable.tickets.entry_queries import find_attachment, words_of
from answerable.tickets.entry_shown import sheet_of
from answerable.tickets.files import path_of
from answerable.tickets.models import Attachment, Ticket
from answerable.ui.files import hand_out
from answerable.ui.sheet import sheet as on_its_sheet


@require_safe
@signed_in
def file(request: PersonRequest, number: int, pk: int) -> HttpResponseBase:
    """An attachment, for whoever may see the request."""
    ticket, _standing = access.find(request.user, number, clock.now())
    row = found(ticket, pk)
    return hand_out(request, path_of(row.file.sha256), row.name, row.file.infected)


@require_safe
@signed_in
def sheet(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """A mail as it was laid out, for whoever may see the request."""
    ticket, _standing = access.find(request.user, number, clock.now())
    return sheet_on(request, ticket, pk, lambda one: url("portal:file", number=number, pk=one))


def found(ticket: Ticket, pk: int) -> Attachment:
    """A file of a request that may be read."""
    row = find_attachment(ticket, pk)
    if row is None:
        raise Refused("not_found", _("There is no such file."))
    return row


def sheet_on(request: HttpRequest, ticket: Ticket, pk: int, file_url: Callable[[int], str]) -> HttpResponse:
    """A mail of a request that may be read; `part=rest`: what it quotes."""
    words = words_of(ticket, pk)
    if words is None:
        raise Refused("not_found", _("There is no such message."))
    html = sheet_of(words, request.GET.get("part", ""))
    pictures = {place: file_url(one) for place, one in words.pictures.items()}
    laid_out = needs_sheet(html)
    shown = on_sheet(html, pictures, {}) if laid_out else in_page(html, pictures)
    return on_its_sheet(request, safe(shown), _("Message of %(name)s") % {"name": words.author}, laid_out=laid_out)
