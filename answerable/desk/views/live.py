"""A fresh token for a page that stays open: access is asked again each time."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from answerable.desk.frame import own_stream
from answerable.lib import clock
from answerable.live.access import sign
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.queries import listenable


@require_safe
@staff_only
def renew(request: PersonRequest) -> HttpResponse:
    """Those of the wanted streams that this person may (still) hear."""
    wanted = request.GET.get("streams", "").split(",")[:10]
    allowed = {"desk", own_stream(request.user)} | listenable(request.user, wanted, "staff", clock.now())
    # Who may hear of a request as staff may hear who is on it.
    allowed |= {stream.removesuffix("staff") + "here" for stream in allowed if stream.endswith(":staff")}
    return JsonResponse({"token": sign([stream for stream in wanted if stream in allowed], request.user.pk)})
