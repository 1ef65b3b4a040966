"""Who may read an organization's requests: first what a grant would show to whom, then the grant; and its end."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
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
from answerable.people.models import Grant, Organization, Person, StandingCC
from answerable.people.organization_queries import grant, organization
from answerable.people.person_queries import person
from answerable.people.queries import by_email, organizations_of
from answerable.tickets.organization_queries import Loss, Preview, loss_of_grant, preview


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


@dataclass(frozen=True)
class Offer:
    """A page that gives somebody sight of requests: what it looks like, how much that is, and the form that does it."""

    template: str
    title: str
    begin: str
    act: str
    amount: Callable[[Person, Organization], Preview]
    form: type[forms.Form]


def offered(request: PersonRequest, slug: str, offer: Offer) -> HttpResponse:
    """The page: first whom, then how much, before anything is done."""
    row = cared_for(request, slug)
    to, address_form = wanted(request)
    context: dict[str, object] = {
        "view_title": offer.title,
        "organization": row,
        "address_form": address_form,
        "to": to,
        "whom_url": reverse(offer.begin, kwargs={"slug": slug}),
    }
    if to is not None:
        belongs = list(organizations_of(to))
        context |= {
            "opens": offer.amount(to, row),
            "belongs": [one.name for one in belongs],
            "is_member": row in belongs,
            "form": offer.form(initial={"person": to.pk}, auto_id="offer-%s"),
            "action": reverse(offer.act, kwargs={"slug": slug}),
        }
    return render(request, offer.template, context | frame(request.user, "organizations", clock.now()))


@dataclass(frozen=True)
class Ending:
    """What ends by a button: whose it is, what they lose, and what is said of it."""

    title: str
    words: str
    button: str
    act: str


def shown_before_its_end(
    request: PersonRequest, row: Organization, found: Grant | StandingCC, loss: Loss, ending: Ending
) -> HttpResponse:
    """How much somebody would no longer see, before it is so."""
    context = {
        "view_title": ending.title % {"name": found.person.label},
        "organization": row,
        "who": found.person,
        "loss": loss,
        "words": ending.words,
        "button": ending.button,
        "action": reverse(ending.act, kwargs={"slug": row.slug, "pk": found.pk}),
    }
    return render(request, "desk/access_over.html", context | frame(request.user, "organizations", clock.now()))


@require_safe
@staff_only
def new(request: PersonRequest, slug: str) -> HttpResponse:
    """Whom to let read, and how much they would see then."""
    now, title = clock.now(), _("Let somebody read all requests")
    names = ("desk:grant_new", "desk:grant")
    offer = Offer("desk/grant_new.html", title, *names, lambda to, row: preview(to, row, now), GrantForm)
    return offered(request, slug, offer)


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
    """What the end of a grant takes."""
    row = cared_for(request, slug)
    found = grant(row, pk)
    words = _("Their open pages end at once. They are told by mail, and so are the organization's other readers.")
    ending = Ending(_("Revoke the grant of %(name)s"), words, _("Revoke now"), "desk:grant_revoke")
    return shown_before_its_end(request, row, found, loss_of_grant(found, clock.now()), ending)


@require_POST
@staff_only
def revoke(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """The end of a grant, at once."""
    grant_actions.revoke(request.user, grant(organization(slug), pk), clock.now())
    return back_to(request, slug)
