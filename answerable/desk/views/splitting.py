"""A message that is about something else: to a request of its own, or to another one."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.moving_actions import Target, move
from answerable.desk.frame import frame
from answerable.desk.mail_forms import MoveForm, NumberForm
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets import access
from answerable.tickets.models import Reply
from answerable.tickets.moving_queries import movable
from answerable.tickets.queries import numbers_of


def _entry(request: PersonRequest, number: int, pk: int) -> Reply:
    ticket, standing = find(request.user, number, clock.now())
    access.require(access.may_work(standing))
    found = movable(ticket, pk)
    if found is None:
        raise Refused("not_found", _("Only a customer's message that came by mail can be moved."))
    return found


@require_safe
@staff_only
def show(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Where it may go, and what that does."""
    entry, now = _entry(request, number, pk), clock.now()
    context = {"view_title": _("Move a message of #%(number)s") % {"number": number}, "number": number, "entry": entry}
    return render(request, "desk/entry_move.html", context | frame(request.user, "ticket", now))


@require_POST
@staff_only
def move_now(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """There it goes; leads to where it is now."""
    entry = _entry(request, number, pk)
    assert entry.raw_id is not None
    data = checked(MoveForm(request.POST))
    target = Target(acknowledge=data["acknowledge"])
    if data["where"] != "new":
        named = checked(NumberForm(request.POST))
        target = Target(named["number"], join=named["join"])
    row = move(request.user, entry.raw_id, target, clock.now())
    there = numbers_of([row.ticket_id])[row.ticket_id] if row.ticket_id else number
    messages.success(request, _("The message is on #%(number)s now") % {"number": there})
    return redirect("desk:ticket", number=there)
