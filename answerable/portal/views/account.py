"""A person's own account: what it is called, how they get in, and where they are signed in."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import account_actions
from answerable.lib import clock
from answerable.lib.browsers import browser
from answerable.people.access import PersonRequest, signed_in
from answerable.people.queries import organizations_of, second_steps, sessions_of
from answerable.portal.middleware import owes_second_step


@require_safe
@signed_in
def show(request: PersonRequest) -> HttpResponse:
    """All of it on one page."""
    sessions = sessions_of(request.user, request.session.session_key)
    context = {
        "organizations": [one.name for one in organizations_of(request.user)],
        "sessions": [(one, browser(one.agent)) for one in sessions],
        "steps": second_steps(request.user),
        "must_set_up": owes_second_step(request.user),
        "others": sum(not one.is_this for one in sessions),
    }
    return render(request, "account/account.html", context)


@require_POST
@signed_in
def end_sessions(request: PersonRequest) -> HttpResponse:
    """Sign out in one other browser, or in all others. This one has "Sign out"."""
    others = [one.pk for one in sessions_of(request.user, request.session.session_key) if not one.is_this]
    chosen = request.POST.get("session", "")
    ended = account_actions.end_sessions(
        request.user, [pk for pk in others if chosen in {"others", str(pk)}], clock.now()
    )
    if ended:
        messages.success(request, _("Signed out there"))
    return redirect("account")
