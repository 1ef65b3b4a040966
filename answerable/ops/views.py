"""Health, for load balancers: alive, and able to work."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from answerable.people.access import anyone
from answerable.people.models import Vendor


@require_safe
@anyone
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@anyone
def readyz(request: HttpRequest) -> HttpResponse:
    """The database answers too; 503 while it does not."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return HttpResponse("the database does not answer\n", content_type="text/plain", status=503)
    return HttpResponse("ready\n", content_type="text/plain")


@require_safe
@anyone
def floor(request: HttpRequest) -> HttpResponse:
    """What the bench holds every page against (settings.BENCH): one row by its primary key, one line of text."""
    name = Vendor.objects.values_list("name", flat=True).get(pk=1)
    return HttpResponse(f"{name}\n", content_type="text/plain")
