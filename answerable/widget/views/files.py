"""What hangs on the entries of a request: an address for a minute, and what is there."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.lib import clock
from answerable.lib.downloads import may_run
from answerable.lib.errors import Refused
from answerable.lib.html import safe
from answerable.lib.mail_html import in_page, on_sheet
from answerable.lib.paper import needs_sheet
from answerable.people.access import anyone
from answerable.tickets import access
from answerable.tickets.entry_queries import find_attachment, words_of
from answerable.tickets.entry_shown import sheet_of
from answerable.tickets.files import path_of
from answerable.tickets.models import Ticket
from answerable.ui.files import hand_out
from answerable.ui.sheet import sheet as on_its_sheet
from answerable.widget.access import KnownRequest, known, product_here, session_with
from answerable.widget.addresses import FILE, SHEET, address, session_id
from answerable.widget.models import Session
from answerable.widget.views.shell import framed


@require_safe
@known
def ask(request: KnownRequest, number: int, pk: int) -> HttpResponse:
    """An address that is good for a minute, for who may see the request; `asks`: a page comes first (ui.files)."""
    ticket, _standing = access.find(request.person, number, clock.now())
    row = find_attachment(ticket, pk)
    if row is None:
        raise Refused("not_found", _("There is no such file."))
    told = {"address": address(request.session_of, FILE, number, pk), "asks": may_run(row.name)}
    return JsonResponse(told)


def _opened(key: str, kind: str, number: int, pk: int, token: str) -> tuple[Session, Ticket]:
    """Whose address it is, and the request that it lies on: both asked anew. Raises Refused."""
    now = clock.now()
    row = session_with(product_here(key), session_id(token, kind, number, pk), now)
    if row is None:
        raise Refused("not_found", _("This address is over. Please open it again."))
    ticket, _standing = access.find(row.person, number, now)
    return row, ticket


@require_safe
@anyone
def file(request: HttpRequest, key: str, number: int, pk: int, token: str) -> HttpResponseBase:
    """An attachment. The address is the key: it is kept by nobody, and told to no other site."""
    _row, ticket = _opened(key, FILE, number, pk, token)
    row = find_attachment(ticket, pk)
    if row is None:
        raise Refused("not_found", _("There is no such file."))
    answer = hand_out(request, path_of(row.file.sha256), row.name, row.file.infected)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@require_safe
@anyone
def sheet(request: HttpRequest, key: str, number: int, pk: int, token: str) -> HttpResponse:
    """A mail as it was laid out; `part=rest`: what it quotes. In a frame of ours, which stands in the host's page."""
    row, ticket = _opened(key, SHEET, number, pk, token)
    words = words_of(ticket, pk)
    if words is None:
        raise Refused("not_found", _("There is no such message."))
    html = sheet_of(words, request.GET.get("part", ""))
    pictures = {place: address(row, FILE, number, one) for place, one in words.pictures.items()}
    laid_out = needs_sheet(html)
    shown = on_sheet(html, pictures, {}) if laid_out else in_page(html, pictures)
    title = _("Message of %(name)s") % {"name": words.author}
    answer = on_its_sheet(request, safe(shown), title, laid_out=laid_out)
    answer.headers["Cache-Control"] = "private, no-store"
    return framed(answer, product_here(key), within="'self'")
