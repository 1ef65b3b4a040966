"""Organizations at the desk: the list, those that one looks after, and one with all that belongs to it."""

from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.asked import words_in
from answerable.desk.escalated import escalated
from answerable.desk.frame import frame
from answerable.desk.organization_forms import organization_form
from answerable.desk.organization_page import page
from answerable.lib import clock
from answerable.people.access import PersonRequest, administers, admins_only, staff_only
from answerable.people.organization_queries import ending, organization, search
from answerable.sla.queries import plan_name
from answerable.tickets.organization_queries import Tally, tallies

MOST_SEARCHED = 100
ENDS_SOON = timedelta(days=30)


def number(text: str) -> int | None:
    """An id in a query string; None for an empty or mangled one."""
    return int(text) if text.isdecimal() and len(text) < 18 else None


def asked(request: PersonRequest) -> str:
    """What is searched for."""
    return words_in(request.GET, "q", MOST_SEARCHED)


def pages(path: str, text: str, after: int | None, following: int | None) -> dict[str, object]:
    """What a list with a search says of itself, and its neighbours by key."""
    query = {"q": text} if text else {}
    more = f"{path}?{urlencode(query | {'after': following})}" if following else ""
    first = f"{path}?{urlencode(query)}" if query else path
    return {"q": text, "first_url": first if after else "", "next_url": more}


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """All of them by name, or those that a search finds."""
    text, after = asked(request), number(request.GET.get("after", ""))
    found = search(text, after)
    context = {
        "view_title": _("Organizations"),
        "rows": [(row, plan_name(row.plan)) for row in found.rows],
        "may_create": administers(request.user),
        **pages(reverse("desk:organizations"), text, after, found.next),
    }
    return render(request, "desk/organizations.html", context | frame(request.user, "organizations", clock.now()))


@require_safe
@staff_only
def mine(request: PersonRequest) -> HttpResponse:
    """Those that this person looks after, with what is open, late or about to be, and the grants that end soon."""
    now, after = clock.now(), number(request.GET.get("after", ""))
    found = search("", after, csm=request.user)
    ids = [row.pk for row in found.rows]
    counted = tallies(request.user, ids, now)
    context = {
        "view_title": _("My organizations"),
        "rows": [(row, plan_name(row.plan), counted.get(row.pk, Tally())) for row in found.rows],
        "escalated": escalated(request.user, ids, now),
        "ending": ending(ids, now, now + ENDS_SOON),
        **pages(reverse("desk:my_organizations"), "", after, found.next),
    }
    return render(request, "desk/my_organizations.html", context | frame(request.user, "my_organizations", now))


@require_safe
@staff_only
def show(request: PersonRequest, slug: str) -> HttpResponse:
    """One organization."""
    now = clock.now()
    row = organization(slug)
    context = page(request.user, row, number(request.GET.get("before", "")), now)
    return render(request, "desk/organization.html", context | frame(request.user, "organizations", now))


@require_safe
@admins_only
def new(request: PersonRequest) -> HttpResponse:
    """The form for another one."""
    context = {"view_title": _("New organization"), "form": organization_form()}
    return render(request, "desk/organization_new.html", context | frame(request.user, "organizations", clock.now()))
