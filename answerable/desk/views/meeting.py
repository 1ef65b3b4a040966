"""What somebody is told who meets somebody else at one request: what came meanwhile; theirs waits for their word."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.casework import draft_actions
from answerable.casework.meeting import MET, MOVED
from answerable.desk import drafts
from answerable.desk.conversation import Item, conversation
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.models import Ticket
from answerable.tickets.since import came_since, read_seen

# What a page sends besides: how the fields were when it was made.
_WAS = "was_"


@require_safe
@staff_only
def came(request: PersonRequest, number: int) -> HttpResponse:
    """Whether something came that this page has not shown: asked while somebody writes, so that they know before they
    send."""
    ticket, _standing = find(request.user, number, clock.now())
    seen = read_seen(request.GET.get("seen", ""))
    found = came_since(ticket.pk, request.user.pk, seen) if seen else []
    return render(request, "desk/_came.html", {"came": found})


def stopped_or_sent(
    request: PersonRequest, ticket: Ticket, written: draft_actions.Written, now: datetime
) -> HttpResponse | None:
    """None: it is on its way. Else what came that its author has not seen; it stays in their composer."""
    try:
        draft_actions.send_later(request.user, ticket.pk, written, now)
    except Refused as refused:
        if refused.code != MET:
            raise
        return _stopped(request, ticket, written, refused, now)
    return None


def _stopped(
    request: PersonRequest, ticket: Ticket, written: draft_actions.Written, refused: Refused, now: datetime
) -> HttpResponse:
    # As it is by now: what was on its way may have left.
    ticket, _standing = find(request.user, ticket.number, now)
    entries = conversation(ticket)
    ids = {pk for kind, pk in _came(refused) if kind != "sending"}
    came = [one for one in entries if one.kind != "event" and one.id in ids]
    if not request.htmx:
        return _put_aside(request, ticket, written, came, now)
    waiting, _back = drafts.of_ticket(ticket, request.user, now, may_work=False)
    seen = max((one.id for one in entries if one.kind != "event"), default=0)
    sending = [one for one in waiting if ("sending", one.id) in _came(refused)]
    context = {
        "now": now,
        "came": came,
        "sending": sending,
        "light": not sending and all(one.kind == "note" for one in came),
        "status": written.after.status,
        "ack": request.POST.get("ack", ""),
        "seen": f"{seen}-{max((one.id for one in waiting), default=0)}",
    }
    response = render(request, "desk/_met.html", context, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = "#reply-warning", "innerHTML"
    return response


def _came(refused: Refused) -> list[tuple[str, int]]:
    came = refused.data["came"]
    assert isinstance(came, list)
    return came


def _put_aside(
    request: PersonRequest, ticket: Ticket, written: draft_actions.Written, came: list[Item], now: datetime
) -> HttpResponse:
    """Without scripts: words and files are back in the composer of a page that shows what came."""
    draft_actions.put_aside(request.user, ticket.pk, written, now)
    who = came[-1].author if came else _("A colleague")
    words = _(
        "Not sent yet: %(name)s wrote meanwhile, as you see. Yours is in the composer; send it if it still holds."
    )
    messages.warning(request, words % {"name": who})
    place = f"#e{came[0].id}" if came else "#composer-dock"
    return redirect(f"{url('desk:ticket', number=ticket.number)}{place}")


def moved(request: PersonRequest, change: Callable[[], object]) -> HttpResponse | None:
    """Make the change; None: it is made. Else who changed the same meanwhile, and a button that makes it anyway."""
    try:
        change()
    except Refused as refused:
        if refused.code != MOVED or not request.htmx:
            raise
        return _moved(request, refused)
    return None


def _moved(request: PersonRequest, refused: Refused) -> HttpResponse:
    values = [
        (name, value)
        for name, value in request.POST.items()
        if not name.startswith(_WAS) and name != "csrfmiddlewaretoken"
    ]
    at = str(refused.data.get("at") or "")
    context = {
        "message": refused.message,
        "now": clock.now(),
        "at": datetime.fromisoformat(at) if at else None,
        "action": request.path,
        "values": values,
    }
    response = render(request, "desk/_moved.html", context, status=409)
    response["HX-Retarget"], response["HX-Reswap"] = "#flashes", "beforeend"
    return response
