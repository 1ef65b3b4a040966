"""A fresh token for a page that stays open: access is asked again each time."""

from django.http import HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from answerable.lib import clock
from answerable.live.access import MOST_SECONDS, sign
from answerable.people.access import PersonRequest, signed_in
from answerable.people.queries import seconds_granted
from answerable.tickets.queries import listenable


@require_safe
@signed_in
def renew(request: PersonRequest) -> HttpResponse:
    """Those of the wanted streams that this person may (still) hear: customers' streams and their own."""
    wanted = request.GET.get("streams", "").split(",")[:10]
    allowed = {f"person:{request.user.pk}"} | listenable(request.user, wanted, "customer", clock.now())
    seconds = seconds_granted(request.user, clock.now(), MOST_SECONDS)
    streams = [stream for stream in wanted if stream in allowed]
    return JsonResponse({"token": sign(streams, request.user.pk, seconds)})
