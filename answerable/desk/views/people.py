"""People at the desk: found, looked at, suspended, restored, merged."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import person_actions
from answerable.desk.frame import frame
from answerable.desk.organization_forms import AddressForm, MergeForm, ReasonForm
from answerable.desk.person_page import page
from answerable.desk.views.grants import wanted
from answerable.desk.views.organizations import asked, number, pages
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.people import sso_actions
from answerable.people.access import PersonRequest, administers, admins_only, staff_only
from answerable.people.person_queries import grants_to, person, search
from answerable.people.queries import organizations_of
from answerable.tickets.organization_queries import taken_part


def _back(request: PersonRequest, pk: int) -> HttpResponse:
    target = reverse("desk:person", kwargs={"pk": pk})
    return HttpResponse(headers={"HX-Redirect": target}) if request.htmx else redirect(target)


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """Everybody by address, or whom a search finds."""
    text, after = asked(request), number(request.GET.get("after", ""))
    found = search(text, after)
    context = {
        "view_title": _("People"),
        "rows": found.rows,
        "may_create": administers(request.user),
        **pages(reverse("desk:people"), text, after, found.next),
    }
    return render(request, "desk/people.html", context | frame(request.user, "people", clock.now()))


@require_safe
@staff_only
def show(request: PersonRequest, pk: int) -> HttpResponse:
    """One person."""
    now = clock.now()
    context = page(request.user, person(pk), number(request.GET.get("before", "")), now)
    return render(request, "desk/person.html", context | frame(request.user, "people", now))


@require_POST
@admins_only
def suspend(request: PersonRequest, pk: int) -> HttpResponse:
    """Shut out, at once."""
    person_actions.suspend(request.user, person(pk), checked(ReasonForm(request.POST))["reason"], clock.now())
    return _back(request, pk)


@require_POST
@admins_only
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Let in again."""
    person_actions.restore(request.user, person(pk), clock.now())
    return _back(request, pk)


@require_POST
@admins_only
def loosen(request: PersonRequest, pk: int) -> HttpResponse:
    """The account at their identity provider that they came by is not known as theirs any more."""
    sso_actions.loosen(request.user, person(pk), clock.now())
    return _back(request, pk)


@require_POST
@staff_only
def lift(request: PersonRequest, pk: int) -> HttpResponse:
    """Automatic mail goes to them again."""
    person_actions.lift_mail_stop(request.user, person(pk), clock.now())
    return _back(request, pk)


@require_safe
@admins_only
def merge(request: PersonRequest, pk: int) -> HttpResponse:
    """Who is the same person, and what that moves."""
    now = clock.now()
    survivor = person(pk)
    other, address_form = wanted(request)
    context: dict[str, object] = {
        "view_title": _("Merge somebody into %(name)s") % {"name": survivor.label},
        "survivor": survivor,
        "address_form": address_form,
        "other": None,
        "refused": "",
    }
    if other is not None:
        try:
            both = person_actions.pair(survivor, other)
        except Refused as refused:
            context["refused"], context["address_form"] = refused.message, AddressForm()
        else:
            context |= {
                "other": other,
                "across": both.across,
                "moves": taken_part(other),
                "belongs": [[one.name for one in organizations_of(who)] for who in (survivor, other)],
                "grants": [grant.organization.name for grant in grants_to(other, now)],
            }
    return render(request, "desk/person_merge.html", context | frame(request.user, "people", now))


@require_POST
@admins_only
def merge_now(request: PersonRequest, pk: int) -> HttpResponse:
    """The merge itself."""
    data = checked(MergeForm(request.POST))
    person_actions.merge_people(request.user, person(pk), person(data["person"]), clock.now(), across=data["across"])
    return _back(request, pk)
