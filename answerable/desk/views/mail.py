"""Every message that came in, with what became of it and why; admins read the raw text safely."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.frame import frame
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.mail.models import RawMail
from answerable.mail.queries import addresses, checkers, log, raw_mail
from answerable.people.access import PersonRequest, admins_only
from answerable.tickets.queries import numbers_of

PAGE = 50
# More than this of a raw message is for a file, not a page.
SHOWN = 64 * 1024


@require_safe
@admins_only
def show(request: PersonRequest) -> HttpResponse:
    """The log, latest first, paged by id."""
    before = request.GET.get("before", "")
    rows = list(log(int(before) if before.isdecimal() and len(before) < 18 else None)[: PAGE + 1])
    shown = rows[:PAGE]
    context = {
        "view_title": _("Mail received"),
        "rows": shown,
        "numbers": numbers_of([row.ticket_id for row in shown if row.ticket_id]),
        "first_url": request.path if before else "",
        "next_url": f"{request.path}?before={shown[-1].pk}" if len(rows) > PAGE else "",
    }
    return render(request, "desk/mail.html", context | frame(request.user, "mail", clock.now()))


@require_safe
@admins_only
def senders(request: PersonRequest) -> HttpResponse:
    """How each inbox knows that senders are who they say, and who offers to tell: the policy's file decides (E-86)."""
    found = checkers()
    context = {
        "view_title": _("Proof of senders"),
        "inboxes": [(box, found.get(box.address, [])) for box in addresses().inboxes],
    }
    return render(request, "desk/senders.html", context | frame(request.user, "senders", clock.now()))


@require_safe
@admins_only
def message(request: PersonRequest, pk: int) -> HttpResponse:
    """One message: outcome, reason, and its raw text as text."""
    row = _find(pk)
    body = bytes(row.body)
    context = {
        "view_title": _("Message %(id)s") % {"id": row.pk},
        "row": row,
        "numbers": numbers_of([row.ticket_id] if row.ticket_id else []),
        "raw_text": body[:SHOWN].decode("utf-8", "replace").replace("\x00", "�"),
        "is_cut": len(body) > SHOWN,
    }
    return render(request, "desk/message.html", context | frame(request.user, "mail", clock.now()))


@require_safe
@admins_only
def raw(request: PersonRequest, pk: int) -> HttpResponse:
    """The bytes as they came, as a file."""
    row = _find(pk)
    response = HttpResponse(bytes(row.body), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{row.pk}.eml"'
    return response


def _find(pk: int) -> RawMail:
    row = raw_mail(pk)
    if row is None:
        raise Refused("not_found", _("There is no such message."))
    return row
