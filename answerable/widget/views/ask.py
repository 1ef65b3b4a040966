"""A new request: of whom the host has named, or of anybody, by the rules of the public form."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from answerable.casework import guard
from answerable.casework.asked import Asked, open_asked
from answerable.knowledge.asking_actions import began
from answerable.knowledge.asking_actions import sent as sent_all_the_same
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed
from answerable.people.models import Organization
from answerable.people.queries import organization_of_address, organizations_of, vendor
from answerable.sla.queries import answered_by
from answerable.tickets.models import Ticket
from answerable.widget.access import WidgetRequest, visitor
from answerable.widget.counting import who_of
from answerable.widget.forms import AskForm

# Of one person within the hour.
MOST = 20


@require_http_methods(["GET", "HEAD", "POST"])
@visitor
def show(request: WidgetRequest) -> HttpResponse:
    """The form; sent, the number and the promised time."""
    if request.person is None and not vendor().settings.get("channels", {}).get("form", True):
        raise Refused("not_found", _("Please sign in to the product first: then you can ask here."))
    now = clock.now()
    if request.method != "POST":
        begun = {guard.STAMP: guard.stamp(now), "subject": request.GET.get("subject", "")[:500]}
        form = AskForm(person=request.person, initial=begun)
        return render(request, "widget/_ask.html", _told(request, form, began("widget", now)))
    form = AskForm(request.POST, request.FILES, person=request.person)
    ticket = _open_once(request, form, now) if form.is_valid() and _admitted(request, form, now) else None
    if ticket is None:
        form.give_back(now)
        return render(request, "widget/_ask.html", _told(request, form, _asking(request)), status=422)
    return render(request, "widget/_sent.html", _sent(request, ticket, now))


def _asking(request: WidgetRequest) -> str:
    """What notes which articles were suggested meanwhile (knowledge.asking_actions)."""
    return request.POST.get("asking", "")[:300]


def _told(request: WidgetRequest, form: AskForm, asking: str) -> dict[str, object]:
    return {"form": form, "is_known": request.person is not None, "asking": asking}


def _admitted(request: WidgetRequest, form: AskForm, now: datetime) -> bool:
    why, data = "", form.cleaned_data
    if request.person is None:
        why = guard.complaint(data, now) or guard.crowded(request.META["REMOTE_ADDR"], data["email"])
    elif not allowed("widget-request", str(request.person.pk), MOST):
        why = _("Very many requests came from you within the hour. Nothing is lost: send it later, or write a mail.")
    if why:
        form.add_error(None, why)
    return not why


def _open_once(request: WidgetRequest, form: AskForm, now: datetime) -> Ticket | None:
    """The request; None for a form that was sent before, which says so."""
    with transaction.atomic():
        if request.person is None and not guard.spend(form.cleaned_data):
            words = _("This was sent already, and its request is with us. To ask something else, send it once more.")
            form.add_error(None, ValidationError(words, code=guard.SPENT))
            return None
        data = dict(form.cleaned_data)
        if request.person is not None and data.get("organization") is None:
            data["organization"] = _organization(request)
        ticket = open_asked(Asked(data, form.asked, "widget", form.facts()), request.person, now)
        sent_all_the_same(_asking(request), ticket.pk, who_of(request), now)
        return ticket


def _organization(request: WidgetRequest) -> Organization | None:
    """Of whom the host has named: the one that it names, where they are a member; else theirs, else their domain's."""
    person, row = request.person, request.session_of
    assert person is not None
    assert row is not None
    theirs = organizations_of(person)
    return theirs.filter(slug=row.organization).first() or theirs.first() or organization_of_address(person.email)


def _sent(request: WidgetRequest, ticket: Ticket, now: datetime) -> dict[str, object]:
    """To a stranger nothing that depends on whose address it is."""
    is_known = request.person is not None
    return {
        "now": now,
        "number": ticket.number,
        "due_at": ticket.due_at if is_known else answered_by(ticket.severity, ticket.created_at),
        "waits": ticket.stated_severity if ticket.stated_severity != ticket.severity else "",
        "is_known": is_known,
    }
