"""Tags and fields on a ticket, and what is near it."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.field_actions import set_fields, set_tags
from answerable.desk.side import read as read_fields
from answerable.desk.views.ticket import changed, find
from answerable.lib import clock
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets import tags
from answerable.tickets.near_queries import SHOWN, open_near, similar


def answered(request: PersonRequest, number: int) -> HttpResponse:
    """The page again; for htmx, the parts that moved."""
    if not request.htmx:
        return redirect("desk:ticket", number=number)
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    return changed(request, ticket, standing, now)


@require_POST
@staff_only
def set_all_tags(request: PersonRequest, number: int) -> HttpResponse:
    """Exactly these."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    set_tags(request.user, ticket.pk, tags.read(request.POST.get("tags", "")), now)
    return answered(request, number)


@require_safe
@staff_only
def tag_words(request: PersonRequest) -> HttpResponse:
    """What is being typed, with its last word gone on as tags that are in use."""
    typed = request.GET.get("tags", "").replace("\x00", "")[:1400].lower().replace(",", " ")
    before, last = typed.split(), ""
    if before and not typed[-1].isspace():
        last = before.pop()
    found = [tag for tag in tags.suggestions(request.user, last, clock.now()) if tag not in before]
    return render(request, "desk/_tag_words.html", {"words": [" ".join([*before, tag]) for tag in found]})


@require_POST
@staff_only
def set_some_fields(request: PersonRequest, number: int) -> HttpResponse:
    """Those that were shown."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    set_fields(request.user, ticket.pk, read_fields(request.POST, ticket.fields), now)
    return answered(request, number)


@require_safe
@staff_only
def near(request: PersonRequest, number: int) -> HttpResponse:
    """What else is open of the requester and the organization, and what was solved and is alike."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    found = open_near(request.user, ticket.requester_id, ticket.organization_id, now)
    others = [row for row in found if row.id != ticket.pk]
    context = {
        "now": now,
        "ticket": ticket,
        "near": others[: SHOWN - 1],
        "near_more": len(others) >= SHOWN,
        "similar": similar(request.user, ticket, now),
    }
    return render(request, "desk/_near.html", context)
