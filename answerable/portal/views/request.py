"""One request for its customer: the conversation, the promises, and only the actions that are theirs."""

from dataclasses import replace
from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.casework.ladder_told import told as told_ladder
from answerable.casework.sensitive_actions import requesters_may
from answerable.escalation.alert_queries import is_paging
from answerable.lib import clock
from answerable.live.access import MOST_SECONDS
from answerable.people.access import PersonRequest, signed_in
from answerable.people.models import Person
from answerable.people.queries import seconds_granted
from answerable.portal.conversation import conversation
from answerable.portal.frame import live
from answerable.portal.people import on_it
from answerable.sla.queries import explained, promises, severities
from answerable.tickets import access
from answerable.tickets.answers import told
from answerable.tickets.conversation import determined, seen
from answerable.tickets.link_queries import openings
from answerable.tickets.models import SetAside, Status, Ticket
from answerable.tickets.reason_queries import reason


@require_safe
@signed_in
def show(request: PersonRequest, number: int) -> HttpResponse:
    """The page; as a fragment, what a change moves."""
    now = clock.now()
    ticket, standing = access.find(request.user, number, now)
    if request.htmx:
        return changed(request, ticket, standing, now)
    by_grant = not standing.takes_part and not standing.works_it
    seconds = seconds_granted(request.user, now, MOST_SECONDS) if by_grant else MOST_SECONDS
    context = page(request.user, ticket, standing, now) | live(request.user, [f"ticket:{ticket.pk}:customer"], seconds)
    return render(request, "portal/request.html", context)


def changed(request: PersonRequest, ticket: Ticket, standing: access.Standing, now: datetime) -> HttpResponse:
    """Conversation in its place, head out of band."""
    return render(request, "portal/_changed.html", page(request.user, ticket, standing, now))


def page(person: Person, ticket: Ticket, standing: access.Standing, now: datetime) -> dict[str, object]:
    """Context of the page and its fragments."""
    may = access.may_reply(standing) and ticket.status != Status.CLOSED
    entries, people = conversation(ticket, insider=standing.takes_part or standing.works_it), on_it(ticket, standing)
    return {
        "now": now,
        "ticket": ticket,
        "stream": f"ticket:{ticket.pk}:customer",
        "entries": entries,
        "determined": determined(entries),
        "seen": seen(entries) if ticket.severity == "P0" and ticket.is_open and not is_paging(ticket.pk) else None,
        "answers": told(ticket.fields),
        "promises": promises(ticket.pk),
        "people": people,
        "openings": openings(ticket, standing.person_id),
        "has_asked": any(one.is_me and one.waits for one in people),
        "is_closed": ticket.status == Status.CLOSED,
        "may_ask": access.may_ask_for_cc(standing) and ticket.status != Status.CLOSED,
        "may_add": access.may_add_cc(standing) and ticket.status != Status.CLOSED,
        "may_hide": _may_hide(ticket, standing),
        "may_reply": may,
        "may_close": may and ticket.is_open,
        "may_reopen": may and ticket.status == Status.SOLVED,
        "may_state": may and ticket.is_open,
        "severities": [(key, row["name"], row["meaning"]) for key, row in severities().items()],
        "read_only_why": "" if may else _why_not(ticket, standing),
        "reason": reason(ticket, standing, now),
        "ladder": told_ladder(person, ticket, standing, now),
    }


def _may_hide(ticket: Ticket, standing: access.Standing) -> bool:
    """Where there are readers to hide it from."""
    if ticket.organization is None or ticket.status == Status.CLOSED or not access.may_mark_sensitive(standing):
        return False
    return standing.works_it or requesters_may()


def _why_not(ticket: Ticket, standing: access.Standing) -> str:
    if ticket.set_aside == SetAside.MERGED:
        return _("This request was merged into another one, where it is handled.")
    if ticket.status == Status.CLOSED:
        return _("This request is closed for good. A new one can refer to it by its number.")
    if access.may_reply(replace(standing, only_seen=False)):
        return _("Here they can reply, CC somebody, state severity and impact, close and reopen. You only look.")
    return _("You can read this request. To comment on it or close it, ask to be CC'd.")


@require_safe
@signed_in
def explain(request: PersonRequest, number: int) -> HttpResponse:
    """Why each promise is due when it is: what staff see, in the same words."""
    now = clock.now()
    ticket, _standing = access.find(request.user, number, now)
    context = {"now": now, "ticket": ticket, "told": explained(ticket.pk, now), "customer": True, "may_excuse": False}
    return render(request, "portal/explain.html", context)
