"""A request's history: every change with what was before and after it, and the way back where there is one."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import undo_actions
from answerable.desk.frame import live
from answerable.desk.history_words import told
from answerable.desk.linked import numbered
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets import access
from answerable.tickets.history_queries import changes


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """The latest first; as a fragment, the list alone."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    stream = f"ticket:{ticket.pk}:staff"
    context = {
        "now": now,
        "ticket": ticket,
        "stream": stream,
        "rows": told(numbered(request.user, changes(ticket), now)),
        "may_undo": access.may_reply(standing),
    }
    if request.htmx:
        return render(request, "desk/_history.html", context)
    return render(request, "desk/history.html", context | live(request.user, ["desk", stream]))


@require_POST
@staff_only
def undo(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Set again what was before this change."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    undo_actions.undo(request.user, ticket.pk, pk, now)
    return redirect("desk:history", number=number)
