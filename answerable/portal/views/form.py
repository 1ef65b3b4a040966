"""The form that opens a request: for the world, and shorter for who is signed in."""

from datetime import datetime
from typing import Any

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from answerable.casework import actions as casework
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed
from answerable.people.access import anyone
from answerable.people.actions import contact
from answerable.people.models import Organization, Person
from answerable.people.queries import organization_of_domain, organizations_of, vendor
from answerable.portal.forms import RequestForm
from answerable.portal.written import written
from answerable.sla.queries import terms
from answerable.tickets.actions import Opening
from answerable.tickets.models import Ticket
from answerable.tickets.queries import number_and_due

SENT = "portal.sent"


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def show(request: HttpRequest) -> HttpResponse:
    """The form; sent, it leads to a page with the number and the promised time."""
    person = request.user if isinstance(request.user, Person) else None
    if _closed(person):
        raise Refused("not_found", _("There is no public form. Please log in, or write us a mail."))
    if request.method != "POST":
        return render(request, "portal/form.html", {"form": RequestForm(person=person), "promise_note": ""})
    form = RequestForm(request.POST, request.FILES, person=person)
    if not form.is_valid():
        context = {"form": form, "promise_note": ""}
        return render(request, "portal/form.html", context, status=422)
    _check(request, form, person)
    ticket = _open(form.cleaned_data, person, clock.now())
    ticket_sign = signing.dumps(ticket.pk, salt=SENT)
    return redirect(f"{reverse('portal:sent')}?t={ticket_sign}")


def _check(request: HttpRequest, form: RequestForm, person: Person | None) -> None:
    """What the public form, which anybody can reach, refuses; who is signed in is known."""
    if person is not None:
        return
    if form.cleaned_data["website"]:
        raise Refused("not_sent", _("This looks like an automatic entry. Nothing was sent."))
    limits = vendor().settings
    few = allowed("form", form.cleaned_data["email"].lower(), int(str(limits.get("form_per_address", 5))))
    if not few or not allowed(
        "form-network", request.META["REMOTE_ADDR"], int(str(limits.get("form_per_network", 20)))
    ):
        raise Refused(
            "too_many",
            _("Several requests came from here within the hour. Please wait a little, log in, or write us a mail."),
        )


def _closed(person: Person | None) -> bool:
    channels = vendor().settings.get("channels", {})
    return person is None and not channels.get("form", True)


def _open(data: dict[str, Any], person: Person | None, now: datetime) -> Ticket:
    requester = person or contact(data["email"], data["name"], now)
    organization = _organization(data, person, requester)
    stated = data["severity"]
    opening = Opening(
        subject=" ".join(data["subject"].split()),
        requester=requester,
        organization=organization,
        team=None,
        severity=_provisional(stated, person),
        channel="portal" if person else "form",
        stated_severity=stated,
        impact=data["impact"],
        # Anybody can type anybody's address: organization readers see it once the person has confirmed it.
        unverified=person is None and organization is not None,
    )
    return casework.open_ticket(opening, written(data["text"], data["attachments"], opening.channel), now)


def _organization(data: dict[str, Any], person: Person | None, requester: Person) -> Organization | None:
    if person is None:
        return organization_of_domain(requester.email.rpartition("@")[2])
    return data.get("organization") or organizations_of(person).first()


def _provisional(stated: str, person: Person | None) -> str:
    """What the customer stated; a P0 from a stranger's form counts once its mail is confirmed (DESIGN.md §4)."""
    default = terms().default_severity
    if not stated or (person is None and stated == "P0"):
        return default
    return stated


@require_safe
@anyone
def sent(request: HttpRequest) -> HttpResponse:
    """The number, and by when we answer; the link is good for an hour."""
    try:
        pk = signing.loads(request.GET.get("t", ""), salt=SENT, max_age=3600)
    except signing.BadSignature:
        raise Refused("not_found", _("There is nothing to see here any more.")) from None
    ticket = number_and_due(pk)
    context = {
        "now": clock.now(),
        "number": ticket.number,
        "due_at": ticket.due_at,
        "address": ticket.requester.email,
        "request_url": reverse("portal:request", kwargs={"number": ticket.number})
        if request.user.is_authenticated
        else "",
    }
    return render(request, "portal/sent.html", context)
