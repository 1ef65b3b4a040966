"""The portal with a customer's eyes, for staff: the same views below `/as/<person>/`, with that person as their user.

This is the one place where somebody else is a request's user (decision 0024). Nothing can be written there: other
methods are refused, and PostgreSQL is told to refuse what a view might try.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _

from answerable.lib import clock
from answerable.lib.addresses import mounted, url
from answerable.lib.errors import Refused
from answerable.lib.sql import read_only
from answerable.lib.zones import zone
from answerable.people.access import OpenView, PersonRequest, staff_only
from answerable.people.queries import vendor
from answerable.people.seeing_queries import Eyes, eyes

READ_ONLY = ("GET", "HEAD")


@dataclass(frozen=True)
class Seeing:
    """What the banner of each page says (ui/_seeing.html): whose eyes, for how many seconds yet, and where to stop."""

    name: str
    left: int
    stop_url: str


def with_eyes(view: Callable[..., HttpResponseBase]) -> OpenView[...]:
    """The view as the person of the address sees it, to whoever of the staff has begun to look with their eyes."""

    @staff_only
    def show(request: PersonRequest, /, person: int, **kwargs: Any) -> HttpResponseBase:
        staff, found = request.user, opened(request, person)
        request.user = found.person
        try:
            with mounted(f"/as/{person}/"), timezone.override(zone(found.person.zone, vendor().zone)), read_only():
                return view(request, **kwargs)
        finally:
            request.user = staff

    return show


def opened(request: PersonRequest, person: int) -> Eyes:
    """With whose eyes, and until when; kept on the request for the banner. Raises Refused, also where one would act."""
    now = clock.now()
    found = eyes(request.user, request.session, person, now)
    left = int((found.until - now).total_seconds())
    request.seeing = Seeing(found.person.label, left, url("desk:person_see_stop", pk=person))
    if request.method not in READ_ONLY:
        raise Refused("not_allowed", _("You only look here. Nobody acts in the name of %s.") % found.person.label)
    return found
