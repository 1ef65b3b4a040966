"""Who is on a request: each post adds, takes off, asks or answers, as tickets.access allows."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from answerable.casework import cc_actions, link_actions
from answerable.casework.sensitive_actions import mark_sensitive
from answerable.lib import clock
from answerable.people.access import PersonRequest, signed_in
from answerable.tickets import access


def _ticket_id(request: PersonRequest, number: int) -> int:
    return access.find(request.user, number, clock.now())[0].pk


@require_POST
@signed_in
def add(request: PersonRequest, number: int) -> HttpResponse:
    """CC somebody by address."""
    address = request.POST.get("address", "").strip()
    if cc_actions.add_cc(request.user, _ticket_id(request, number), address, clock.now()):
        words = _("%(address)s is CC'd and was told by mail")
    else:
        words = _("%(address)s is not of your organization: the support team lets them in")
    messages.success(request, words % {"address": address})
    return redirect("portal:request", number=number)


@require_POST
@signed_in
def remove(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Take somebody off, or leave: then the request may be gone from sight."""
    row = cc_actions.remove_cc(request.user, _ticket_id(request, number), pk, clock.now())
    if row.person_id != request.user.pk:
        messages.success(request, _("%(name)s is no longer CC'd") % {"name": row.person.label})
        return redirect("portal:request", number=number)
    if row.pending:
        return redirect("portal:request", number=number)
    messages.success(request, _("You are no longer CC'd on #%(number)s") % {"number": number})
    return redirect("portal:cc_requests")


@require_POST
@signed_in
def ask(request: PersonRequest, number: int) -> HttpResponse:
    """A reader asks to take part."""
    cc_actions.ask_for_cc(request.user, _ticket_id(request, number), clock.now())
    messages.success(request, _("The requester and the support team know that you asked"))
    return redirect("portal:request", number=number)


@require_POST
@signed_in
def answer(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Let a reader in who asked, or not."""
    allowed = request.POST.get("decision") == "allow"
    cc_actions.answer_cc(request.user, _ticket_id(request, number), pk, clock.now(), allowed=allowed)
    return redirect("portal:request", number=number)


@require_POST
@signed_in
def sensitive(request: PersonRequest, number: int) -> HttpResponse:
    """Keep the request from the organization's readers, or show it to them again."""
    hide = request.POST.get("sensitive") == "yes"
    mark_sensitive(request.user, _ticket_id(request, number), clock.now(), sensitive=hide)
    return redirect("portal:request", number=number)


@require_POST
@signed_in
def end_links(request: PersonRequest, number: int) -> HttpResponse:
    """The links in my mails about this request show nothing any more."""
    link_actions.end_links(request.user, _ticket_id(request, number), request.user.pk, clock.now())
    messages.success(request, _("The links in your earlier mails no longer work"))
    return redirect("portal:request", number=number)
