"""Who may read an organization's requests: first what a grant would show to whom, then the grant; and its end."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import grant_actions
from answerable.desk.frame import frame
from answerable.desk.organization_forms import AddressForm, GrantForm
from answerable.desk.views.organization_verbs import back_to
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.lib.zones import end_of
from answerable.people.access import PersonRequest, looks_after, staff_only
from answerable.people.actions import GrantTerms
from answerable.people.models import Organization, Person
from answerable.people.organization_queries import grant, organization
from answerable.people.person_queries import person
from answerable.people.queries import by_email, organizations_of
from answerable.tickets.organization_queries import loss_of_grant, preview


def cared_for(request: PersonRequest, slug: str) -> Organization:
    """The organization, for who looks after it. Raises Refused."""
    row = organization(slug)
    if not looks_after(request.user, row):
        raise Refused("not_allowed", _("This is for administrators and the organization's customer success manager."))
    return row


def wanted(request: PersonRequest) -> tuple[Person | None, AddressForm]:
    """Whom a page with a `person` or an `address` is about, and the form to look for somebody."""
    if request.GET.get("person", "").isdecimal():
        return person(int(request.GET["person"][:17])), AddressForm()
    form = AddressForm(request.GET if "address" in request.GET else None)
    found = by_email(form.cleaned_data["address"]) if form.is_valid() else None
    if form.is_valid() and found is None:
        form.add_error("address", _("Nobody here has this address. Make them a member first, or ask them to write."))
    return found, form


@require_safe
@staff_only
def new(request: PersonRequest, slug: str) -> HttpResponse:
    """Whom to let read, and how much they would see then."""
    now = clock.now()
    row = cared_for(request, slug)
    to, address_form = wanted(request)
    context: dict[str, object] = {
        "view_title": _("Let somebody read all requests"),
        "organization": row,
        "address_form": address_form,
        "to": to,
    }
    if to is not None:
        belongs = list(organizations_of(to))
        context |= {
            "opens": preview(to, row, now),
            "belongs": [one.name for one in belongs],
            "is_member": row in belongs,
            "form": GrantForm(initial={"person": to.pk}, auto_id="grant-%s"),
        }
    return render(request, "desk/grant_new.html", context | frame(request.user, "organizations", now))


@require_POST
@staff_only
def give(request: PersonRequest, slug: str) -> HttpResponse:
    """The grant itself."""
    row = cared_for(request, slug)
    data = checked(GrantForm(request.POST))
    until = end_of(data["until"], row.zone) if data["until"] else None
    terms = GrantTerms(" ".join(data["reason"].split()), until)
    grant_actions.grant(request.user, person(data["person"]), row, terms, clock.now())
    return back_to(request, slug)


@require_safe
@staff_only
def over(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """How much somebody would no longer see, before it is so."""
    now = clock.now()
    row = cared_for(request, slug)
    found = grant(row, pk)
    context = {
        "view_title": _("Revoke the grant of %(name)s") % {"name": found.person.label},
        "organization": row,
        "who": found.person,
        "loss": loss_of_grant(found, now),
        "words": _("Their open pages end at once. They are told by mail, and so are the organization's other readers."),
        "button": _("Revoke now"),
        "action": reverse("desk:grant_revoke", kwargs={"slug": slug, "pk": pk}),
    }
    return render(request, "desk/access_over.html", context | frame(request.user, "organizations", now))


@require_POST
@staff_only
def revoke(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """The end of a grant, at once."""
    grant_actions.revoke(request.user, grant(organization(slug), pk), clock.now())
    return back_to(request, slug)
