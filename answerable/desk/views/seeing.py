"""Looking with a customer's eyes: it begins and ends at the desk; what is seen is the portal."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from answerable.lib import clock
from answerable.people.access import PersonRequest, staff_only
from answerable.people.person_queries import person
from answerable.people.seeing_actions import see_as, stop_seeing


@require_POST
@staff_only
def begin(request: PersonRequest, pk: int) -> HttpResponse:
    """Their lists, as they see them."""
    see_as(request.user, person(pk), request.session, clock.now())
    return redirect("portal:seen:home", person=pk)


@require_POST
@staff_only
def stop(request: PersonRequest, pk: int) -> HttpResponse:
    """Back to their page at the desk."""
    stop_seeing(request.user, pk, request.session, clock.now())
    return redirect("desk:person", pk=pk)
