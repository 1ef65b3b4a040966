"""What a customer does on a request: each post is one verb."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from answerable.casework import actions as casework
from answerable.casework.written import written
from answerable.lib import clock
from answerable.lib.forms import checked
from answerable.people.access import PersonRequest, signed_in
from answerable.portal.forms import ReplyForm, SeverityForm
from answerable.portal.views.request import changed
from answerable.tickets import access
from answerable.tickets.models import Status


def _answer(request: PersonRequest, number: int) -> HttpResponse:
    if not request.htmx:
        return redirect("portal:request", number=number)
    now = clock.now()
    ticket, standing = access.find(request.user, number, now)
    return changed(request, ticket, standing, now)


@require_POST
@signed_in
def reply(request: PersonRequest, number: int) -> HttpResponse:
    """Add to the conversation; a solved request opens again."""
    now = clock.now()
    ticket, _standing = access.find(request.user, number, now)
    text = checked(ReplyForm(request.POST))["text"]
    message = written(text, request.FILES.getlist("files"), "portal")
    casework.add_reply(request.user, ticket.pk, message, now)
    return _answer(request, number)


@require_POST
@signed_in
def close(request: PersonRequest, number: int) -> HttpResponse:
    """Settled: a customer's close is solved, and can be undone."""
    return _set(request, number, Status.SOLVED)


@require_POST
@signed_in
def reopen(request: PersonRequest, number: int) -> HttpResponse:
    """Not settled after all."""
    return _set(request, number, Status.OPEN)


def _set(request: PersonRequest, number: int, status: Status) -> HttpResponse:
    now = clock.now()
    ticket, _standing = access.find(request.user, number, now)
    casework.set_status(request.user, ticket.pk, status.value, now)
    return redirect("portal:request", number=number)


@require_POST
@signed_in
def severity(request: PersonRequest, number: int) -> HttpResponse:
    """State how bad it is, and what is at stake by when."""
    now = clock.now()
    ticket, _standing = access.find(request.user, number, now)
    data = checked(SeverityForm(request.POST))
    casework.state_severity(request.user, ticket.pk, data["severity"], data["impact"], now)
    return _answer(request, number)
