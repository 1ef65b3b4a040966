"""How I am paged: my channels, when each is used, and whether it works. Nobody else sees or changes them."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.paging_actions import test_mail
from answerable.desk.contact_forms import AFTER, ChannelForm, rules_of, services
from answerable.desk.frame import frame
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify import channel_actions as actions
from answerable.notify import channel_queries as queries
from answerable.notify.push_actions import renewal_token
from answerable.people.access import PersonRequest, staff_only
from answerable.ui.middleware import CONTENT_POLICY


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """As it is; as a fragment, the channels with the results of their tests."""
    if request.htmx:
        return render(request, "desk/_contacts.html", _context(request))
    return _page(request, ChannelForm())


def _context(request: PersonRequest) -> dict[str, object]:
    channels = queries.channels_of(request.user)
    after = {rule.channel_id: rule.after_seconds for rule in queries.rules_of([request.user.pk])[request.user.pk]}
    now = clock.now()
    return {
        "now": now,
        "lost": queries.lost_of(request.user, now),
        "renewals": {one.pk: renewal_token(one) for one in channels if one.kind == "push"},
        "channels": [(one, after.get(one.pk)) for one in channels],
        "mail_after": after.get(None),
        "choices": AFTER,
        "waits": any(one.asked_at is not None for one in channels),
    }


def _page(request: PersonRequest, form: ChannelForm, *, secret: str = "", status: int = 200) -> HttpResponse:
    context = _context(request) | {
        "view_title": _("How I am paged"),
        "form": form,
        "services": services(),
        "secret": secret,
    }
    answer = render(request, "desk/contacts.html", context | frame(request.user, "alerts", clock.now()), status=status)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Content-Security-Policy"] = f"{CONTENT_POLICY}; worker-src 'self'; manifest-src 'self'"
    return answer


@require_POST
@staff_only
def rules(request: PersonRequest) -> HttpResponse:
    """From the next page on, so."""
    given = rules_of(request.POST.dict(), queries.channels_of(request.user))
    actions.set_rules(request.user, given, clock.now())
    messages.success(request, _("Saved. The next page reaches you so."))
    return redirect("desk:contacts")


@require_POST
@staff_only
def add(request: PersonRequest) -> HttpResponse:
    """A channel more. The secret of a webhook is shown in this answer, and never again."""
    form = ChannelForm(request.POST)
    if not form.is_valid():
        return _page(request, form, status=422)
    given = form.cleaned_data
    try:
        _row, secret = actions.add_channel(request.user, given["kind"], given["name"], given["address"], clock.now())
    except Refused as error:
        form.add_error("name" if error.code in {"name_missing", "name_taken"} else "address", error.message)
        return _page(request, form, status=422)
    if secret:
        return _page(request, ChannelForm(), secret=secret)
    messages.success(request, _("Added, and used at once on every page. Test it now."))
    return redirect("desk:contacts")


@require_POST
@staff_only
def test(request: PersonRequest, pk: int) -> HttpResponse:
    """Try this channel."""
    actions.ask_test(request.user, pk, clock.now())
    return redirect("desk:contacts")


@require_POST
@staff_only
def test_by_mail(request: PersonRequest) -> HttpResponse:
    """Try whether mail reaches me."""
    test_mail(request.user, clock.now())
    messages.success(request, _("A test is on its way to %(address)s.") % {"address": request.user.email})
    return redirect("desk:contacts")


@require_POST
@staff_only
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """This channel no more."""
    actions.remove_channel(request.user, pk, clock.now())
    messages.success(request, _("Removed, and its address is forgotten."))
    return redirect("desk:contacts")
