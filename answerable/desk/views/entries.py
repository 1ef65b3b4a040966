"""What hangs on the entries of a ticket: files, mails as they were laid out, and their pictures from elsewhere."""

from django.http import HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.conversation import held_words
from answerable.desk.remote import picture
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.html import safe
from answerable.lib.mail_html import in_page, on_sheet
from answerable.lib.paper import needs_sheet, remote_images
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.entry_queries import Words, find_attachment, words_of
from answerable.tickets.entry_shown import sheet_of
from answerable.tickets.files import path_of
from answerable.tickets.models import Ticket
from answerable.ui.files import hand_out
from answerable.ui.sheet import sheet as on_its_sheet


@require_safe
@staff_only
def file(request: PersonRequest, number: int, pk: int) -> HttpResponseBase:
    """An attachment of a public entry."""
    ticket, _standing = find(request.user, number, clock.now())
    row = find_attachment(ticket, pk)
    if row is None:
        raise Refused("not_found", _("There is no such file."))
    return hand_out(request, path_of(row.file.sha256), row.name, row.file.infected)


@require_safe
@staff_only
def sheet(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """A mail as it was laid out; `part=rest`: what it quotes, `images=1`: with pictures from elsewhere."""
    ticket, words = _entry(request, number, pk)
    html = sheet_of(words, request.GET.get("part", ""))
    title = _("Message of %(name)s") % {"name": words.author}
    pictures = {place: url("desk:file", number=number, pk=one) for place, one in words.pictures.items()}
    if not needs_sheet(html):
        return on_its_sheet(request, safe(in_page(html, pictures)), title, laid_out=False)
    known, asked = _elsewhere(words), "images" in request.GET
    remote = {address: url("desk:picture", number=ticket.number, pk=pk, index=at) for at, address in enumerate(known)}
    shown = safe(on_sheet(html, pictures, remote if asked else {}))
    more = "" if asked or not remote_images(html) else f"{request.get_full_path()}{'&' if request.GET else '?'}images=1"
    return on_its_sheet(request, shown, title, laid_out=True, more_url=more)


def _entry(request: PersonRequest, number: int, pk: int) -> tuple[Ticket, Words]:
    ticket, _standing = find(request.user, number, clock.now())
    words = words_of(ticket, pk)
    if words is None:
        raise Refused("not_found", _("There is no such message."))
    return ticket, words


def _elsewhere(words: Words) -> list[str]:
    """The addresses of the pictures of one message: nothing else is ever fetched for it."""
    return list(dict.fromkeys([*remote_images(words.html), *remote_images(words.whole_html)]))


@require_safe
@staff_only
def held_sheet(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """A held mail as it was laid out, without any picture (E-39)."""
    ticket, _standing = find(request.user, number, clock.now())
    html = held_words(ticket, pk)
    if html is None:
        raise Refused("not_found", _("There is no such message."))
    return on_its_sheet(request, safe(on_sheet(html, {}, {})), _("Held message"), laid_out=needs_sheet(html))


@require_safe
@staff_only
def remote_picture(request: PersonRequest, number: int, pk: int, index: int) -> HttpResponse:
    """One picture from elsewhere, which somebody of the staff asked to see."""
    known = _elsewhere(_entry(request, number, pk)[1])
    if index >= len(known):
        raise Refused("not_found", _("There is no such picture."))
    return picture(known[index])
