"""Where the policy asks staff for a second step, those without one come no further than their account's page."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from answerable.people.models import Person
from answerable.people.queries import account_rules, second_steps

Handler = Callable[[HttpRequest], HttpResponseBase]
# An account's own pages, signing out included; what must answer without the database; what knows nobody by a cookie.
OPEN = ("/accounts/", "/healthz", "/readyz", "/static/", "/widget")


def second_step(get_response: Handler) -> Handler:
    """Leads staff who owe a second step to where they set one up."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path.startswith(OPEN) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        return _to_account(request) if owes_second_step(request.user) else get_response(request)

    return middleware


def owes_second_step(user: object) -> bool:
    """Whether this is one of the staff, who must have a second step and has none. One query, only where it is asked."""
    if account_rules().staff_mfa != "required" or not isinstance(user, Person) or not user.is_staff:
        return False
    return not second_steps(user).any


def _to_account(request: HttpRequest) -> HttpResponseBase:
    """A fragment of a page that is still open must lead the whole page there."""
    if "HX-Request" in request.headers:
        return HttpResponse(headers={"HX-Redirect": reverse("account")})
    return HttpResponseRedirect(reverse("account"))
