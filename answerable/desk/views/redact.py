"""Remove something from a request for good: choose it, see where it stands, say why. No URL holds what is typed."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.redact_actions import Found, Order, not_searched, records_of, redact, used_elsewhere
from answerable.casework.redact_actions import find as find_text
from answerable.desk.conversation import Item, conversation
from answerable.desk.frame import frame
from answerable.desk.redact_forms import LookForm, RedactForm
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets import access
from answerable.tickets.models import Ticket


@never_cache
@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """Choose: a text, or the whole message or one file of the entry that was pointed at."""
    now = clock.now()
    ticket = _ticket(request, number, now)
    return _page(request, ticket, _entry(ticket, request.GET.get("entry", "")), now)


@never_cache
@require_POST
@staff_only
def look(request: PersonRequest, number: int) -> HttpResponse:
    """Where the text stands. Changes nothing; it is a post so that the text is in no address and no log."""
    now = clock.now()
    ticket = _ticket(request, number, now)
    entry = _entry(ticket, request.POST.get("entry", ""))
    try:
        text = checked(LookForm(request.POST))["text"]
        found = find_text(request.user, ticket.pk, text, now)
    except Refused as refused:
        return _page(request, ticket, entry, now, text=request.POST.get("text", "").strip(), wrong=refused.message)
    return _page(request, ticket, entry, now, text=text, found=found)


@require_POST
@staff_only
def remove(request: PersonRequest, number: int) -> HttpResponse:
    """Remove it, for good."""
    now = clock.now()
    ticket = _ticket(request, number, now)
    data = checked(RedactForm(request.POST))
    others = tuple(int(pk) for pk in request.POST.getlist("other") if pk.isdecimal() and len(pk) < 19)
    order = Order(data["reason"], data["text"], data["entry"], data["attachment"], data["note_file"], others)
    done = redact(request.user, ticket.pk, order, now)
    messages.success(
        request,
        ngettext("Removed for good", "Removed for good, from %(count)s requests", len(done)) % {"count": len(done)},
    )
    return redirect("desk:ticket", number=number)


def _ticket(request: PersonRequest, number: int, now: datetime) -> Ticket:
    ticket, standing = find(request.user, number, now)
    access.require(access.may_redact(standing), _("You may not remove anything from this request."))
    return ticket


def _entry(ticket: Ticket, pk: str) -> Item | None:
    if not pk.isdecimal():
        return None
    return next((one for one in conversation(ticket) if one.kind != "event" and str(one.id) == pk), None)


def _files(entry: Item | None) -> list[int]:
    """Ids of attachments; a note's files have ids of their own."""
    if entry is None or entry.kind == "note":
        return []
    return [row[0] for row in (*entry.attachments, *entry.pictures, *entry.signatures)]


def _page(
    request: PersonRequest,
    ticket: Ticket,
    entry: Item | None,
    now: datetime,
    *,
    text: str = "",
    wrong: str = "",
    found: list[Found] | None = None,
) -> HttpResponse:
    context = {
        "view_title": _("Remove something from #%(number)s") % {"number": ticket.number},
        "ticket": ticket,
        "now": now,
        "entry": entry,
        "text": text,
        "wrong": wrong,
        "here": found[0] if found else None,
        "elsewhere": found[1:] if found else [],
        "records": records_of([ticket.pk]),
        "beyond": not_searched(request.user, ticket.pk, now) if found else 0,
        "elsewhere_used": used_elsewhere(request.user, ticket.pk, _files(entry), now),
    }
    page = context | frame(request.user, "", now)
    return render(request, "desk/redact.html", page, status=422 if wrong else 200)
