"""Who has read a request by the link in a mail, and the end of such links."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.link_actions import end_links
from answerable.desk.frame import frame
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.link_queries import openings
from answerable.tickets.queries import participants


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """Each opening, newest first, and whose mails have such links."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    people = {row.person_id: row.person.label for row in participants(ticket) if not row.pending}
    opened = openings(ticket)
    context = {
        "view_title": _("Links to #%(number)s in mails") % {"number": ticket.number},
        "ticket": ticket,
        "now": now,
        "openings": opened,
        "people": sorted((people | {one.person_id: one.name for one in opened}).items(), key=lambda item: item[1]),
    }
    return render(request, "desk/links.html", context | frame(request.user, "", now))


@require_POST
@staff_only
def end(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """The links that one person's mails have had so far show nothing any more."""
    ticket, _standing = find(request.user, number, clock.now())
    end_links(request.user, ticket.pk, pk, clock.now())
    messages.success(request, _("These links no longer work"))
    return redirect("desk:links", number=number)
