"""Two requests about one thing: find the other, see both and what happens, then merge."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.merge_actions import merge
from answerable.desk.asked import number_in, words_in
from answerable.desk.frame import frame
from answerable.desk.merge_page import Side, side_of, why_not
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets import access
from answerable.tickets.near_queries import SHOWN, mergeable
from answerable.tickets.queries import participants


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """Whom to merge it with, found as one types; with `into`, both side by side before anything is done."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    access.require(access.may_work(standing))
    words = words_in(request.GET, "q", 200)
    near = mergeable(request.user, ticket, words, now)
    found = {"ticket": ticket, "now": now, "rows": near[:SHOWN], "more": len(near) > SHOWN, "words": words}
    if request.htmx:
        return render(request, "desk/_merge_found.html", found)
    into = number_in(request.GET.get("into", ""))
    context = found | {
        "view_title": _("Merge #%(number)s into another request") % {"number": number},
        "both": _both(request, number, into) if into is not None else None,
    }
    return render(request, "desk/ticket_merge.html", context | frame(request.user, "ticket", now))


def _both(request: PersonRequest, number: int, into: int) -> dict[str, object]:
    now = clock.now()
    away, standing = find(request.user, number, now)
    try:
        other, other_standing = find(request.user, into, now)
    except Refused as refused:
        return {"refused": refused.message, "number": into}
    on_both = [participants(one) for one in (away, other)]
    here = [row for row in on_both[0] if not row.pending and row.role != "follower"]
    there = {row.person_id for row in on_both[1] if not row.pending and row.role != "follower"}
    sides: list[Side] = [side_of(away, on_both[0]), side_of(other, on_both[1])]
    return {
        "refused": why_not(away, other, may=access.may_work(standing) and access.may_work(other_standing)),
        "number": into,
        "sides": sides,
        "others": [(row.person_id, row.person.label, row.person.email) for row in here if row.person_id not in there],
        "around_url": f"{url('desk:ticket_merge', number=into)}?into={number}",
    }


@require_POST
@staff_only
def merge_now(request: PersonRequest, number: int) -> HttpResponse:
    """The merge itself; leads to the request that goes on."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    into = number_in(request.POST.get("into", ""))
    if into is None:
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    other, _other_standing = find(request.user, into, now)
    copies = {int(pk) for pk in request.POST.getlist("copy") if pk.isdecimal() and len(pk) < 19}
    merge(request.user, ticket.pk, other.pk, now, copies)
    return redirect("desk:ticket", number=into)
