"""For administrators: how an organization's single sign-on is set up, what its other side needs, what happened."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.frame import frame
from answerable.desk.sso import checks
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, admins_only
from answerable.people.sso_queries import STAFF, attempts, sign_on_of_key, start_url


@require_safe
@admins_only
def test(request: PersonRequest, organization: str) -> HttpResponse:
    """Step by step. `organization` is its slug, or "staff"."""
    sign_on = sign_on_of_key(organization if organization == STAFF else f"org-{organization}")
    if sign_on is None:
        raise Refused("not_found", _("No single sign-on is set up there."))
    context = {
        "view_title": _("Single sign-on of %s") % sign_on.label,
        "checks": checks(sign_on),
        "attempts": attempts(sign_on),
        "start_url": start_url(sign_on),
    }
    return render(request, "desk/sso.html", context | frame(request.user, "", clock.now()))
