"""Where looking with a customer's eyes begins, and what is not to be seen with them."""

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, signed_in, staff_only
from answerable.portal.seeing import opened


@require_safe
@signed_in
def enter(request: PersonRequest) -> HttpResponse:
    """The first of their lists."""
    return redirect(url("portal:my_requests"))


@staff_only
def nothing(request: PersonRequest, person: int, rest: str) -> HttpResponse:
    """Everything else that the portal has: an account, a form, a verb. Whatever the method, nothing is done."""
    name = opened(request, person).person.label
    raise Refused("not_allowed", _("This page is for %s alone. You see their lists and requests.") % name)
