"""Take the next request, and put it back."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from answerable.casework import taking_actions
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.people.access import PersonRequest, staff_only


@require_POST
@staff_only
def take_next(request: PersonRequest) -> HttpResponse:
    """Opens what was taken; where nothing waits, says so and leaves everybody where they were."""
    ticket = taking_actions.take_next(request.user, clock.now())
    if ticket is None:
        messages.success(request, _("Nobody waits in your teams: every request has somebody."))
        return redirect("desk:queue")
    return redirect(f"{url('desk:ticket', number=ticket.number)}?taken=1")


@require_POST
@staff_only
def put_back(request: PersonRequest, number: int) -> HttpResponse:
    """Nobody has it any more."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    taking_actions.put_back(request.user, ticket.pk, now)
    messages.success(request, _("#%(number)s is nobody's again.") % {"number": number})
    return redirect("desk:queue")
