"""Who may enter a page at all: each view in the faces wears exactly one of these (a house rule checks it)."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse
from django_htmx.middleware import HtmxDetails

from answerable.lib.errors import Refused
from answerable.people.models import Grant, Organization, Person, Role

P = ParamSpec("P")


class PersonRequest(HttpRequest):
    """A request whose person is known."""

    user: Person
    htmx: HtmxDetails
    # What a page says while staff look with somebody else's eyes (portal.seeing).
    seeing: object


View = Callable[Concatenate[PersonRequest, P], HttpResponseBase]
OpenView = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

# Which door each view has, for the house rules and the access matrix.
DOORS: dict[object, str] = {}


def anyone(view: OpenView[P]) -> OpenView[P]:
    """Open to the world; says so in words, so that nothing is open by forgetting."""
    DOORS[view] = "anyone"
    return view


def _door(name: str, allowed: Callable[[Person], bool]) -> Callable[[View[P]], OpenView[P]]:
    def decorate(view: View[P]) -> OpenView[P]:
        @wraps(view)
        def enter(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return _to_log_in(request)
            if not allowed(request.user):
                raise Refused("not_found", "There is no such page.")
            return view(cast("PersonRequest", request), *args, **kwargs)

        DOORS[enter] = name
        return enter

    return decorate


def _to_log_in(request: HttpRequest) -> HttpResponseBase:
    # A fragment asked for by a page whose session ended must lead the whole page to the log-in.
    page = request.get_full_path() if request.method == "GET" and "HX-Request" not in request.headers else "/"
    target = f"{reverse('account_login')}?{urlencode({'next': page})}"
    response = HttpResponseRedirect(target)
    if "HX-Request" in request.headers:
        response.status_code = 200
        response["HX-Redirect"] = target
    return response


def signed_in(view: View[P]) -> OpenView[P]:
    """Anybody with an account; what they see is up to `tickets.access`."""
    return _door("signed_in", lambda person: person.is_active)(view)


def staff_only(view: View[P]) -> OpenView[P]:
    """Agents, leads, customer success managers and administrators."""
    return _door("staff_only", lambda person: person.is_staff)(view)


def admins_only(view: View[P]) -> OpenView[P]:
    """Administrators."""
    return _door("admins_only", administers)(view)


def administers(person: Person) -> bool:
    """Whether this person decides on organizations and people themselves: an administrator."""
    return person.is_staff and person.role == Role.ADMIN


def looks_after(person: Person, organization: Organization) -> bool:
    """Whether this person decides on the organization's domains, members and readers: its CSM, or an admin."""
    return administers(person) or (person.is_staff and organization.csm_id == person.pk)


def may_grant(person: Person, organization: Organization) -> bool:
    """Whether this person may let somebody read the organization's requests."""
    return looks_after(person, organization)


def may_see_as(by: Person, person: Person) -> bool:
    """Whether staff may look with this person's eyes: with a customer's, as long as these see anything."""
    return by.is_staff and person.role == Role.CUSTOMER and person.is_active


def may_revoke(person: Person, grant: Grant) -> bool:
    """Whoever may grant may take back."""
    return may_grant(person, grant.organization)
