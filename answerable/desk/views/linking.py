"""Requests that belong together: find the other, say what they are to each other, see all that is linked."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import linking_actions, undo_actions
from answerable.desk.asked import number_in, words_in
from answerable.desk.frame import frame
from answerable.desk.linked import candidates, card, choices, title_of
from answerable.desk.merge_page import side_of
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person
from answerable.tickets import access
from answerable.tickets.linked_queries import PAGE, last_unlinked, page
from answerable.tickets.models import Ticket
from answerable.tickets.queries import participants
from answerable.tickets.ticket_links import HOWS


@require_safe
@staff_only
def linked(request: PersonRequest, number: int) -> HttpResponse:
    """The card beside the conversation, fetched once the page stands."""
    return _card(request, number)


def _card(request: PersonRequest, number: int, unlinked: int | None = None) -> HttpResponse:
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    context = {
        "now": now,
        "ticket": ticket,
        "card": card(request.user, ticket, now),
        "may_link": access.may_work(standing),
        "may_add": access.may_work(standing) and not ticket.set_aside,
        "unlinked": last_unlinked(ticket.pk, unlinked) if unlinked else None,
    }
    return render(request, "desk/_linked.html", context)


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """To what it is linked, found as one types; with `to`, how."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    access.require(access.may_work(standing))
    words = words_in(request.GET, "q", 200)
    found = {"ticket": ticket, "now": now, "words": words}
    if request.htmx:
        return render(request, "desk/_link_found.html", found | {"found": candidates(request.user, ticket, words, now)})
    to = number_in(request.GET.get("to", "") or words)
    context = found | {
        "view_title": _("Link #%(number)s to another request") % {"number": number},
        "both": _both(request.user, ticket, to) if to is not None else None,
    }
    if context["both"] is None:
        context["found"] = candidates(request.user, ticket, words, now)
    return render(request, "desk/ticket_link.html", context | frame(request.user, "ticket", now))


def _both(person: Person, ticket: Ticket, to: int) -> dict[str, object]:
    now = clock.now()
    try:
        other, standing = find(person, to, now)
        access.require(access.may_work(standing), _("You may not do this on this request."))
    except Refused as refused:
        return {"refused": refused.message, "number": to}
    ways = choices(person, ticket, other, now)
    possible = [one.how for one in ways if not one.why_not]
    whys = {one.why_not for one in ways}
    elsewhere = other.organization_id != ticket.organization_id
    return {
        # One reason for all of them is said once.
        "refused": whys.pop() if not possible and len(whys) == 1 else "",
        "number": to,
        "side": side_of(other, participants(other)),
        "ways": ways,
        "first": next((one for one in ("incident_of", "related") if one in possible), (possible or [""])[0]),
        "elsewhere": elsewhere,
    }


@require_POST
@staff_only
def link_now(request: PersonRequest, number: int) -> HttpResponse:
    """Link them; leads back to the request."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    to = number_in(request.POST.get("to", ""))
    if to is None:
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    other, _other_standing = find(request.user, to, now)
    linking_actions.link(request.user, ticket.pk, other.pk, request.POST.get("how", ""), now)
    messages.success(request, _("Linked to #%(number)s.") % {"number": to})
    return redirect("desk:ticket", number=number)


@require_POST
@staff_only
def unlink(request: PersonRequest, number: int, other: int) -> HttpResponse:
    """They are linked no more; one button takes that back."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    there, _other_standing = find(request.user, other, now)
    linking_actions.unlink(request.user, ticket.pk, there.pk, now)
    if request.htmx:
        return _card(request, number, there.pk)
    messages.success(request, _("No longer linked to #%(number)s. History takes it back.") % {"number": other})
    return redirect("desk:ticket", number=number)


@require_POST
@staff_only
def undo(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """Take back what was just done to a link, as the history does."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    undo_actions.undo(request.user, ticket.pk, pk, now)
    return _card(request, number) if request.htmx else redirect("desk:ticket", number=number)


@require_safe
@staff_only
def show_all(request: PersonRequest, number: int) -> HttpResponse:
    """Everything to which it is the same: a problem's incidents, page by page."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    how = request.GET.get("how", "has_incident")
    how = how if how in HOWS else "has_incident"
    only_open = "open" in request.GET
    after = number_in(request.GET.get("after", ""))
    rows = page(request.user, ticket, how, after, now, only_open=only_open)
    here = f"{url('desk:linked_all', number=number)}?how={how}"
    this = f"{here}&open=yes" if only_open else here
    context = {
        "view_title": title_of(how),
        "ticket": ticket,
        "rows": rows[:PAGE],
        "tabs": [(_("All"), here, not only_open), (_("Open"), f"{here}&open=yes", only_open)],
        "first_url": this if after else "",
        "next_url": f"{this}&after={rows[PAGE - 1].link}" if len(rows) > PAGE else "",
        "may_link": access.may_work(standing),
        "is_problem": how == "has_incident",
    }
    return render(request, "desk/linked_all.html", context | frame(request.user, "ticket", now))
