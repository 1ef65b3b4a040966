"""The form that opens a request: for the world, and shorter for who is signed in."""

from datetime import datetime

from django.core import signing
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from answerable.casework import guard
from answerable.casework.asked import Asked, open_asked
from answerable.casework.request_form import RequestForm
from answerable.knowledge.asking_actions import began
from answerable.knowledge.asking_actions import sent as sent_all_the_same
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import anyone
from answerable.people.models import Person
from answerable.portal.help_pages import who_of
from answerable.portal.public import form_is_open
from answerable.sla.queries import answered_by
from answerable.tickets.models import Ticket

SENT = "portal.sent"


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def show(request: HttpRequest) -> HttpResponse:
    """The form; sent, it leads to a page with the number and the promised time."""
    person = request.user if isinstance(request.user, Person) else None
    if not form_is_open(person):
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


def _admitted(request: HttpRequest, form: RequestForm, now: datetime) -> bool:
    """Whether the public form, which anybody can reach, takes it; where not, the form says why."""
    data = form.cleaned_data
    why = guard.complaint(data, now) or guard.crowded(request.META["REMOTE_ADDR"], data["email"])
    if why:
        form.add_error(None, why)
    return not why


def _open_once(form: RequestForm, person: Person | None, now: datetime) -> Ticket | None:
    """The request; None for a form that was sent before, which says so."""
    with transaction.atomic():
        if person is None and not guard.spend(form.cleaned_data):
            words = _(
                "This page was sent already, and its request is with us. To ask something else, send it once more."
            )
            form.add_error(None, ValidationError(words, code=guard.SPENT))
            return None
        return open_asked(Asked(form.cleaned_data, form.asked, "portal" if person else "form"), person, now)


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
