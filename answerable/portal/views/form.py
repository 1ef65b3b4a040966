"""The form that opens a request: for the world, and shorter for who is signed in."""

from datetime import datetime
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from answerable.casework import actions as casework
from answerable.knowledge.asking_actions import began
from answerable.knowledge.asking_actions import sent as sent_all_the_same
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed, network
from answerable.people.access import anyone
from answerable.people.actions import new_contact
from answerable.people.models import Organization, Person
from answerable.people.queries import by_email, organization_of_domain, organizations_of, vendor
from answerable.portal import guard
from answerable.portal.forms import RequestForm
from answerable.portal.help_pages import who_of
from answerable.portal.questions import answers
from answerable.portal.written import written
from answerable.sla.queries import answered_by, terms
from answerable.tickets.actions import Opening
from answerable.tickets.models import Ticket

SENT = "portal.sent"


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def show(request: HttpRequest) -> HttpResponse:
    """The form; sent, it leads to a page with the number and the promised time."""
    person = request.user if isinstance(request.user, Person) else None
    if _closed(person):
        raise Refused("not_found", _("There is no public form. Please log in, or write us a mail."))
    now = clock.now()
    if request.method != "POST":
        # What somebody searched in vain comes along.
        subject = request.GET.get("subject", "").replace("\x00", "")[:500]
        form = RequestForm(person=person, initial={guard.STAMP: guard.stamp(now), "subject": subject})
        return render(request, "portal/form.html", _told(form, began("portal" if person else "form", now)))
    form = RequestForm(request.POST, request.FILES, person=person)
    asking = request.POST.get("asking", "")[:300]
    ticket = None
    if form.is_valid() and (person or _admitted(request, form, now)):
        with transaction.atomic():
            ticket = _open_once(form, person, now)
            if ticket is not None:
                sent_all_the_same(asking, ticket.pk, who_of(request), now)
    if ticket is None:
        form.give_back(now)
        return render(request, "portal/form.html", _told(form, asking), status=422)
    return redirect(f"{reverse('portal:sent')}?t={_receipt(ticket, person)}")


def _told(form: RequestForm, asking: str) -> dict[str, object]:
    return {"form": form, "promise_note": "", "asking": asking}


def _closed(person: Person | None) -> bool:
    channels = vendor().settings.get("channels", {})
    return person is None and not channels.get("form", True)


def _admitted(request: HttpRequest, form: RequestForm, now: datetime) -> bool:
    """Whether the public form, which anybody can reach, takes it; where not, the form says why."""
    why = guard.complaint(form.cleaned_data, now) or _crowded(request, form.cleaned_data["email"])
    if why:
        form.add_error(None, why)
    return not why


def _crowded(request: HttpRequest, email: str) -> str:
    rules = vendor().settings
    few = allowed("form", email.lower(), int(str(rules.get("form_per_address", 5))))
    place = network(request.META["REMOTE_ADDR"])
    if few and allowed("form-network", place, int(str(rules.get("form_per_network", 20)))):
        return ""
    return _(
        "Several requests came from here within the hour. Nothing is lost: wait a little and send it then, log in, or "
        "write to %(address)s."
    ) % {"address": vendor().support_address}


def _open_once(form: RequestForm, person: Person | None, now: datetime) -> Ticket | None:
    """The request; None for a form that was sent before, which says so."""
    with transaction.atomic():
        if person is None and not guard.spend(form.cleaned_data):
            words = _(
                "This page was sent already, and its request is with us. To ask something else, send it once more."
            )
            form.add_error(None, ValidationError(words, code=guard.SPENT))
            return None
        return _open(form, person, now)


def _open(form: RequestForm, person: Person | None, now: datetime) -> Ticket:
    data = form.cleaned_data
    requester = person or _whoever(data["email"], data["name"], now)
    stated = data["severity"]
    opening = Opening(
        subject=" ".join(data["subject"].split()),
        requester=requester,
        organization=_organization(data, person, requester),
        team=None,
        severity=_provisional(stated, person),
        channel="portal" if person else "form",
        stated_severity=stated,
        impact=data["impact"].strip(),
        # Anybody can type anybody's address: organization readers see it once the person has confirmed it.
        unverified=person is None,
        fields=answers(form.asked, data),
    )
    return casework.open_ticket(opening, written(data["text"], data["attachments"], opening.channel), now)


def _whoever(email: str, name: str, now: datetime) -> Person:
    """Whose address it is. A stranger gets the name that was typed; nobody who is known does, named or not."""
    return by_email(email) or new_contact(email, name, now)


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


def _receipt(ticket: Ticket, person: Person | None) -> str:
    """What the next page says, signed. To a stranger nothing that depends on whose address it is, as the plan does."""
    due = ticket.due_at if person else answered_by(ticket.severity, ticket.created_at)
    waits = ticket.stated_severity if ticket.stated_severity != ticket.severity else ""
    told = {"number": ticket.number, "due": due.isoformat() if due else "", "waits": waits, "known": person is not None}
    return signing.dumps(told, salt=SENT)


@require_safe
@anyone
def sent(request: HttpRequest) -> HttpResponse:
    """The number, and by when we answer; the link is good for an hour."""
    try:
        told = signing.loads(request.GET.get("t", ""), salt=SENT, max_age=3600)
    except signing.BadSignature:
        raise Refused("not_found", _("There is nothing to see here any more.")) from None
    person = request.user if told["known"] and isinstance(request.user, Person) else None
    context = {
        "now": clock.now(),
        "number": told["number"],
        "due_at": parse_datetime(told["due"]) if told["due"] else None,
        "waits": told["waits"],
        "address": person.email if person else "",
        "request_url": reverse("portal:request", kwargs={"number": told["number"]}) if person else "",
    }
    return render(request, "portal/sent.html", context)
