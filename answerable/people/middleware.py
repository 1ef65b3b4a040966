"""Each page in its reader's time zone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from answerable.lib.zones import zone
from answerable.people.models import Person
from answerable.people.queries import vendor

Handler = Callable[[HttpRequest], HttpResponseBase]


def time_zone(get_response: Handler) -> Handler:
    """Activates the person's zone, else the vendor's."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        # Being alive must not depend on the database.
        if request.path == "/healthz":
            return get_response(request)
        # Only a visitor with a session cookie has a person: without one, nothing is read from the database.
        own = _zone_of(request.user) if request.COOKIES.get("sessionid") else ""
        with timezone.override(zone(own, vendor().zone)):
            return get_response(request)

    return middleware


def _zone_of(user: object) -> str:
    return user.zone if isinstance(user, Person) else ""
