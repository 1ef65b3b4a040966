"""A session begins with the host's token and ends with the host's word; and what it may hear."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed, network
from answerable.live.access import MOST_SECONDS, sign
from answerable.people.access import anyone
from answerable.people.queries import seconds_granted
from answerable.tickets.queries import listenable
from answerable.widget import actions
from answerable.widget.access import KnownRequest, known, product_here
from answerable.widget.queries import unread

# Of one network: exchanges in a minute, and tokens that were refused in five.
MOST, MOST_REFUSED = 120, 30


# The token is the proof, and no cookie: there is nothing that a foreign page could have sent along.
@csrf_exempt
@require_POST
@anyone
def begin(request: HttpRequest, key: str) -> HttpResponse:
    """Exchange the host's token. Only our own page in the frame asks, never the host's."""
    product, here = product_here(key), network(request.META["REMOTE_ADDR"])
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise Refused("not_allowed", _("Only the support center's own page may ask for this."))
    if not allowed("widget-session", here, MOST, 60):
        raise Refused("too_many", _("Too many people sign in from your network just now. Try again in a minute."))
    try:
        token, row = actions.begin(product, request.POST.get("origin", ""), request.POST.get("token", ""), clock.now())
    except Refused:
        if not allowed("widget-refused", here, MOST_REFUSED, 300):
            raise Refused("too_many", _("That was refused too often. Try again in a few minutes.")) from None
        raise
    seconds = int(actions.LIFETIME.total_seconds())
    told = {"token": token, "seconds": seconds, "person": row.person_id, "name": row.person.label}
    return _kept_nowhere(JsonResponse(told))


@require_POST
@known
def end(request: KnownRequest) -> HttpResponse:
    """The person has signed out with the host."""
    actions.end(request.session_of, clock.now())
    return HttpResponse(status=204)


@require_safe
@known
def live(request: KnownRequest) -> HttpResponse:
    """A token for `/live`: of the wanted streams those that this person may (still) hear, while the session lasts."""
    now, person = clock.now(), request.person
    wanted = request.GET.get("streams", "").split(",")[:10]
    heard = {f"person:{person.pk}"} | listenable(person, wanted, "customer", now)
    left = int((request.session_of.expires_at - now).total_seconds())
    seconds = seconds_granted(person, now, min(left, MOST_SECONDS))
    token = sign([one for one in wanted if one in heard], person.pk, seconds)
    return JsonResponse({"token": token, "seconds": seconds})


@require_safe
@known
def news(request: KnownRequest) -> HttpResponse:
    """How many requests have an answer that this person has not seen here."""
    return JsonResponse({"unread": len(unread(request.person, clock.now()))})


def _kept_nowhere(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "no-store"
    return answer
