"""Who else has a request open: told by each page every few seconds, asked when somebody comes or goes."""

import re

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.presence import DOING, beat, leave, others_anywhere, others_on
from answerable.ui.words import initials

_TAB = re.compile(r"[a-z0-9]{1,16}")


@require_POST
@staff_only
def here(request: PersonRequest, pk: int) -> HttpResponse:
    """A page says that it is there and what its person does (`doing`), or that it is closed (""). Answers with the
    others. By the ticket's id, not its number: the row is written without asking for the ticket first."""
    now = clock.now()
    tab, doing = request.POST.get("tab", ""), request.POST.get("doing", "")
    if not _TAB.fullmatch(tab) or doing not in {"", *DOING}:
        raise Refused("invalid", "A page says what it is, and what is done on it.")
    if not doing:
        leave(request.user, pk, tab)
        return HttpResponse(status=204)
    if not beat(request.user, pk, tab, doing, now):
        raise Refused("not_found", "There is no such request, or you may not see it.")
    return _others(request, pk)


@require_safe
@staff_only
def others(request: PersonRequest, pk: int) -> HttpResponse:
    """Who else is there, and what they do."""
    return _others(request, pk)


def _others(request: PersonRequest, pk: int) -> HttpResponse:
    return render(request, "desk/_others.html", {"others": others_on(request.user, pk, clock.now())})


@require_safe
@staff_only
def anywhere(request: PersonRequest) -> HttpResponse:
    """For the rows of a queue: by number who is there, as [initials, name, what they do]."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    for number, one in others_anywhere(request.user, clock.now()):
        found.setdefault(number, []).append((initials(one.name), one.name, one.doing))
    return JsonResponse({"here": found})
