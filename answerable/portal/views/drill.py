"""The door of a drill: what the program itself sends to its own web server, as a customer's form is sent."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from answerable.casework.drill_tickets import take_at_portal
from answerable.casework.written import written
from answerable.lib import clock
from answerable.people.access import anyone

MOST = 2000


# No browser sends it, so there is no session to protect: the token opens this door, once.
@csrf_exempt
@require_POST
@anyone
def take(request: HttpRequest) -> HttpResponse:
    """A test P0 with its token."""
    message = written(request.POST.get("text", "")[:MOST], [], "portal")
    take_at_portal(request.POST.get("token", "")[:64], message, clock.now())
    return HttpResponse("taken\n", content_type="text/plain")
