"""The customer's ladder: each post is one verb; the page that a ladder mail leads to has its buttons (GET: nothing)."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from answerable.casework import ladder_actions
from answerable.casework.ladder_actions import Stake
from answerable.casework.ladder_links import Answering, asks_to_log_in, read_answering
from answerable.casework.ladder_told import told
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.people.access import PersonRequest, anyone, signed_in
from answerable.portal.ladder_forms import AskForm, WhyForm
from answerable.portal.views.request import page
from answerable.tickets import access
from answerable.tickets.models import Ticket


def _answer(request: PersonRequest, number: int) -> HttpResponse:
    if not request.htmx:
        return redirect(f"{url('portal:request', number=number)}#ladder")
    now = clock.now()
    ticket, standing = access.find(request.user, number, now)
    return render(request, "portal/_changed.html", page(request.user, ticket, standing, now))


@require_POST
@signed_in
def ask(request: PersonRequest, number: int) -> HttpResponse:
    """Step 0: what is at stake, and by when."""
    now = clock.now()
    ticket, _standing = access.find(request.user, number, now)
    ladder_actions.ask(request.user, ticket.pk, Stake(**checked(AskForm(request.POST))), now)
    return _answer(request, number)


@require_POST
@signed_in
def climb(request: PersonRequest, number: int) -> HttpResponse:
    """The next level, and why."""
    now = clock.now()
    ticket, _standing = access.find(request.user, number, now)
    ladder_actions.raise_level(request.user, ticket.pk, checked(WhyForm(request.POST))["why"], now)
    return _answer(request, number)


@require_POST
@signed_in
def over(request: PersonRequest, number: int) -> HttpResponse:
    """Accepted, or withdrawn."""
    now = clock.now()
    ticket, _standing = access.find(request.user, number, now)
    ladder_actions.settle_it(request.user, ticket.pk, now, accepts=request.POST.get("answer") == "accept")
    return _answer(request, number)


@require_http_methods(["GET", "HEAD", "POST"])
@anyone
def by_mail(request: HttpRequest, token: str) -> HttpResponse:
    """What the link of a ladder mail opens: where it stands, and the buttons that answer it, as that person."""
    now = clock.now()
    found = read_answering(token, now)
    ticket = _still_open(found, now)
    assert found is not None
    if asks_to_log_in():
        return redirect(f"{url('portal:request', number=ticket.number)}#ladder")
    done = ""
    if request.method == "POST":
        done = request.POST.get("answer", "")
        if done == "accept":
            ladder_actions.settle_it(found.person, ticket.pk, now, accepts=True)
        else:
            ladder_actions.raise_level(found.person, ticket.pk, request.POST.get("why", ""), now)
    standing = access.standing(found.person, ticket, now)
    context = {"now": now, "number": ticket.number, "done": done, "ladder": told(found.person, ticket, standing, now)}
    response = render(request, "portal/ladder_answer.html", context)
    # The address is the key: it goes to no other site, into no cache and no search engine. With no referrer at all a
    # browser would say that the post comes from nowhere, and that is refused.
    response["Referrer-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def _still_open(found: Answering | None, now: datetime) -> Ticket:
    """The request of that episode, for who may still see it. Raises Refused for a bad, an old or a finished one."""
    ticket = access.visible_to(found.person, now).filter(pk=found.episode.ticket_id).first() if found else None
    if found is None or ticket is None:
        words = _("This link does not work (any more). Answer the mail if you want to tell us more.")
        raise Refused("not_found", words)
    if not found.episode.is_open:
        raise Refused("over", _("This escalation is over. Answer the mail if you want to tell us more."))
    return ticket
