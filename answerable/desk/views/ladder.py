"""The ladder at the desk: a part of the ticket page that is fetched once it stands, and its verbs, a post each."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import ladder_actions
from answerable.casework.ladder_actions import Stake
from answerable.casework.ladder_told import told
from answerable.desk.ladder_forms import ClimbForm, ConfirmForm, LowerForm, WhyForm
from answerable.desk.views.ticket import find
from answerable.escalation.alert_queries import of_ladder
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.forms import checked
from answerable.people.access import PersonRequest, staff_only


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """Where it stands, and what this person may do."""
    return _part(request, number, clock.now())


def _part(request: PersonRequest, number: int, now: datetime) -> HttpResponse:
    ticket, standing = find(request.user, number, now)
    ladder = told(request.user, ticket, standing, now)
    paged = of_ladder(ticket.pk) if ladder.is_open else None
    context = {"now": now, "ticket": ticket, "ladder": ladder, "stream": f"ticket:{ticket.pk}:staff", "paged": paged}
    return render(request, "desk/_ladder.html", context)


def _answer(request: PersonRequest, number: int) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{url('desk:ticket', number=number)}#ladder")
    return _part(request, number, clock.now())


@require_POST
@staff_only
def confirm(request: PersonRequest, number: int) -> HttpResponse:
    """What is at stake is understood, or why not."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(ConfirmForm(request.POST))
    ladder_actions.confirm(request.user, ticket.pk, data["why"], now, understood=data["understood"])
    return _answer(request, number)


@require_POST
@staff_only
def acknowledge(request: PersonRequest, number: int) -> HttpResponse:
    """I have it."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    ladder_actions.acknowledge(request.user, ticket.pk, now)
    return _answer(request, number)


@require_POST
@staff_only
def climb(request: PersonRequest, number: int) -> HttpResponse:
    """For the customer: the first step, or the next level."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(ClimbForm(request.POST))
    if data["last"] is None:
        ladder_actions.ask(request.user, ticket.pk, Stake(data["why"]), now)
    else:
        ladder_actions.raise_level(request.user, ticket.pk, data["why"], now, last=data["last"])
    return _answer(request, number)


@require_POST
@staff_only
def lower(request: PersonRequest, number: int) -> HttpResponse:
    """Down, with a reason."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    data = checked(LowerForm(request.POST))
    ladder_actions.lower(request.user, ticket.pk, data["level"], data["why"], now)
    return _answer(request, number)


@require_POST
@staff_only
def propose(request: PersonRequest, number: int) -> HttpResponse:
    """A summary, for the customer to accept."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    ladder_actions.propose(request.user, ticket.pk, checked(WhyForm(request.POST))["why"], now)
    return _answer(request, number)
