"""Every mail that left, or waits to: what it says, to whom, and what became of it."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.outbox_actions import send_again
from answerable.desk.frame import frame
from answerable.desk.views.ticket import changed, find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.notify.queries import BROKEN, SHOWN, delivery, fate, outbox
from answerable.people.access import PersonRequest, admins_only, staff_only
from answerable.tickets.queries import numbers_of

PAGE = 50


@require_safe
@admins_only
def show(request: PersonRequest) -> HttpResponse:
    """The list, latest first, paged by id: all of it, what waits, or what did not arrive."""
    which = request.GET.get("show", "")
    which = which if which in SHOWN else ""
    before = request.GET.get("before", "")
    rows = list(outbox(int(before) if before.isdecimal() and len(before) < 18 else None, which)[: PAGE + 1])
    shown = rows[:PAGE]
    context = {
        "view_title": _("Mail sent"),
        "rows": [(row, fate(row.state, row.receipt)) for row in shown],
        "tabs": [(title, _url(key), key == which) for key, title in _titles().items()],
        "show": which,
        "first_url": _url(which) if before else "",
        "next_url": _url(which, before=str(shown[-1].pk)) if len(rows) > PAGE else "",
    }
    return render(request, "desk/outbox.html", context | frame(request.user, "outbox", clock.now()))


def _titles() -> dict[str, str]:
    return {"": _("All"), "waiting": _("Waiting"), "failed": _("Not delivered")}


def _url(show: str, **more: str) -> str:
    asked = urlencode({name: value for name, value in {"show": show, **more}.items() if value})
    return url("desk:outbox") + (f"?{asked}" if asked else "")


@require_safe
@admins_only
def message(request: PersonRequest, pk: int) -> HttpResponse:
    """One mail."""
    row = delivery(pk)
    if row is None:
        raise Refused("not_found", _("There is no such mail."))
    context = {
        "view_title": row.subject,
        "row": row,
        "fate": fate(row.state, row.receipt),
        "told": list(row.receipts.all()),
        "may_again": row.state in BROKEN and row.kind != "account",
        "numbers": numbers_of([row.ticket_id] if row.ticket_id else []),
    }
    return render(request, "desk/outbox_message.html", context | frame(request.user, "outbox", clock.now()))


@require_POST
@admins_only
def again(request: PersonRequest, pk: int) -> HttpResponse:
    """Send it once more."""
    send_again(request.user, pk, clock.now())
    return redirect("desk:outbox_message", pk=pk)


@require_POST
@staff_only
def from_ticket(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """The same, of a mail on this request."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    row = delivery(pk)
    if row is None or row.ticket_id != ticket.pk:
        raise Refused("not_found", _("There is no such mail."))
    send_again(request.user, pk, now)
    if not request.htmx:
        return redirect("desk:ticket", number=number)
    ticket, standing = find(request.user, number, now)
    return changed(request, ticket, standing, now)
