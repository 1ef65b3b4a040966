"""What administrators do with a received message: each post is one verb, and leads back to where it was asked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from answerable.casework import quarantine_actions as quarantine
from answerable.casework.checker_actions import confirm_checker, withdraw_checker
from answerable.casework.moving_actions import Target, move
from answerable.casework.sender_actions import unblock_sender
from answerable.desk.mail_forms import MoveForm, NumberForm, ReleaseForm
from answerable.desk.mail_words import outcome
from answerable.desk.views.mail import find
from answerable.lib import clock
from answerable.lib.forms import checked
from answerable.mail.models import RawMail
from answerable.people.access import PersonRequest, admins_only
from answerable.tickets.queries import numbers_of


def _answer(request: PersonRequest, row: RawMail) -> HttpResponse:
    """Say what became of it. From the list one goes on in the list."""
    number = numbers_of([row.ticket_id]).get(row.ticket_id) if row.ticket_id else None
    now = outcome(row)
    words = {"what": now.word, "number": number, "sentence": now.sentence}
    messages.success(request, (_("%(what)s: #%(number)s") if number else "%(sentence)s") % words)
    tab = request.POST.get("tab", "")
    if tab.isalpha():
        response = redirect("desk:mail")
        response["Location"] += f"?tab={tab}"
        return response
    return redirect("desk:message", pk=row.pk)


@require_POST
@admins_only
def release(request: PersonRequest, pk: int) -> HttpResponse:
    """A request from what was set aside."""
    find(request, pk)
    data = checked(ReleaseForm(request.POST))
    row = quarantine.release(
        request.user, pk, clock.now(), requester=data["requester"], acknowledge=data["acknowledge"]
    )
    return _answer(request, row)


@require_POST
@admins_only
def attach(request: PersonRequest, pk: int) -> HttpResponse:
    """What was set aside, on a request."""
    find(request, pk)
    data = checked(NumberForm(request.POST))
    return _answer(request, quarantine.attach(request.user, pk, data["number"], clock.now(), join=data["join"]))


@require_POST
@admins_only
def retry(request: PersonRequest, pk: int) -> HttpResponse:
    """Handled again, by the rules."""
    find(request, pk)
    return _answer(request, quarantine.retry(request.user, pk, clock.now()))


@require_POST
@admins_only
def discard(request: PersonRequest, pk: int) -> HttpResponse:
    """Nothing is to come of it, for now."""
    find(request, pk)
    return _answer(request, quarantine.discard(request.user, pk, clock.now()))


@require_POST
@admins_only
def spam(request: PersonRequest, pk: int) -> HttpResponse:
    """Nothing is to come of it, nor of what its sender writes."""
    find(request, pk)
    return _answer(request, quarantine.discard_as_spam(request.user, pk, clock.now()))


@require_POST
@admins_only
def unblock(request: PersonRequest, pk: int) -> HttpResponse:
    """Mail of this message's sender is handled again; the message itself waits for a decision of its own."""
    row = find(request, pk)
    unblock_sender(request.user, row.sender, clock.now())
    messages.success(request, _("Mail of %(address)s is handled again") % {"address": row.sender})
    return redirect("desk:message", pk=pk)


@require_POST
@admins_only
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Discarded by mistake."""
    find(request, pk)
    return _answer(request, quarantine.restore(request.user, pk, clock.now()))


@require_POST
@admins_only
def make_ticket(request: PersonRequest, pk: int) -> HttpResponse:
    """A request from what a machine said."""
    find(request, pk)
    return _answer(request, quarantine.make_ticket(request.user, pk, clock.now()))


@require_POST
@admins_only
def move_message(request: PersonRequest, pk: int) -> HttpResponse:
    """From the wrong request to another, or to a new one."""
    find(request, pk)
    data = checked(MoveForm(request.POST))
    if data["where"] == "new":
        target = Target(acknowledge=data["acknowledge"])
    else:
        named = checked(NumberForm(request.POST))
        target = Target(named["number"], join=named["join"])
    return _answer(request, move(request.user, pk, target, clock.now()))


@require_POST
@admins_only
def believe(request: PersonRequest, key: str) -> HttpResponse:
    """A server's word on senders counts in this inbox, or counts no more."""
    server = request.POST.get("server", "")[:253]
    if request.POST.get("decision") == "withdraw":
        withdraw_checker(request.user, key, server, clock.now())
        messages.success(request, _("%(server)s is not believed any more.") % {"server": server})
    else:
        confirm_checker(request.user, key, server, clock.now())
        messages.success(request, _("%(server)s is believed from now on.") % {"server": server})
    return redirect("desk:senders")
