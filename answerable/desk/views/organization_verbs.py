"""What staff do to an organization: each post is one verb, and leads back to its page."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from answerable.casework.grant_actions import remove_member as remove_member_of
from answerable.casework.organization_actions import create_organization, edit_organization
from answerable.casework.sso_actions import claim_domain
from answerable.desk.organization_forms import DomainForm, MemberForm, organization_form, spec_of
from answerable.lib import clock
from answerable.lib.forms import checked
from answerable.people import organization_actions as people
from answerable.people.access import PersonRequest, admins_only, staff_only
from answerable.people.domain_actions import release_domain
from answerable.people.organization_queries import member, organization


def back_to(request: PersonRequest, slug: str) -> HttpResponse:
    """The organization's page; a form that htmx sent stays as it was on a refusal, so it follows by a header."""
    target = reverse("desk:organization", kwargs={"slug": slug})
    return HttpResponse(headers={"HX-Redirect": target}) if request.htmx else redirect(target)


@require_POST
@admins_only
def create(request: PersonRequest) -> HttpResponse:
    """Another customer."""
    data = checked(organization_form(request.POST))
    row = create_organization(request.user, spec_of(data), data["plan"], clock.now())
    return back_to(request, row.slug)


@require_POST
@admins_only
def edit(request: PersonRequest, slug: str) -> HttpResponse:
    """Name, plan, manager, zone."""
    row = organization(slug)
    data = checked(organization_form(request.POST, row))
    edit_organization(request.user, row, spec_of(data), data["plan"], clock.now())
    return back_to(request, slug)


@require_POST
@staff_only
def claim(request: PersonRequest, slug: str) -> HttpResponse:
    """A domain whose mail is the organization's."""
    row = organization(slug)
    claim_domain(request.user, row, checked(DomainForm(request.POST))["domain"], clock.now())
    return back_to(request, slug)


@require_POST
@staff_only
def release(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """The domain is theirs no longer."""
    release_domain(request.user, organization(slug), pk, clock.now())
    return back_to(request, slug)


@require_POST
@staff_only
def add_member(request: PersonRequest, slug: str) -> HttpResponse:
    """Somebody belongs to it."""
    data = checked(MemberForm(request.POST))
    people.add_by_address(request.user, organization(slug), data["address"], data["name"], clock.now())
    return back_to(request, slug)


@require_POST
@staff_only
def remove_member(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Somebody belongs to it no longer."""
    row = organization(slug)
    remove_member_of(request.user, row, member(row, pk), clock.now())
    return back_to(request, slug)
