"""What is done about who is on call: overrides, swaps, time off, the end of a schedule.

Where nobody would be on call for P0, a page shows when, and the same post with `confirmed` goes through.
"""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from answerable.desk.frame import frame
from answerable.desk.views.on_call import (
    find_schedule,
    override_form,
    page,
    swap_form,
    time_off_form,
)
from answerable.escalation import swap_actions
from answerable.escalation.override_actions import override as put_override
from answerable.escalation.override_actions import remove_override
from answerable.escalation.schedule_actions import retire as retire_schedule
from answerable.escalation.swap_actions import Trade
from answerable.escalation.time_off_actions import take_time_off
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.people.absence_actions import end_time_off
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person
from answerable.people.queries import staff

# What is shown on the form, and not on a page of its own.
_ON_FORM = {"invalid", "not_staff", "not_theirs", "away", "too_many"}


def confirmed(request: PersonRequest) -> bool:
    """Whoever posts has seen who would be missing."""
    return request.POST.get("confirmed") == "yes"


def ask_again(request: PersonRequest, refused: Refused, back_url: str) -> HttpResponse:
    """Who would be missing when, and the same post again for who means it."""
    kept = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    context = {
        "view_title": _("Nobody would be on call"),
        "said": refused.message,
        "gaps": refused.data["gaps"],
        "kept": [pair for pair in kept if pair[0] not in {"csrfmiddlewaretoken", "confirmed"}],
        "post_url": request.path,
        "back_url": back_url,
    }
    return render(request, "desk/on_call_gap.html", context | frame(request.user, "on_call", clock.now()), status=409)


def _person(text: str) -> Person | None:
    """A colleague by id; None is nobody."""
    return None if text == "nobody" else _colleague(text)


def _colleague(text: str) -> Person:
    row = staff().filter(pk=int(text)).first() if text.isdecimal() and len(text) < 19 else None
    if row is None:
        raise Refused("not_staff", _("Choose a colleague who can be on call."))
    return row


@require_POST
@staff_only
def put(request: PersonRequest, key: str) -> HttpResponse:
    """Somebody else, or nobody, for a while."""
    now, schedule, me = clock.now(), find_schedule(key), request.user
    form = override_form(me, now, request.POST)
    if not form.is_valid():
        return page(request, schedule, override=form)
    given = form.cleaned_data
    try:
        put_override(
            me, schedule, _person(given["person"]), form.span, now, why=given["why"], confirmed=confirmed(request)
        )
    except Refused as refused:
        if refused.code == "gap":
            return ask_again(request, refused, url("desk:on_call_one", key=key))
        if refused.code not in _ON_FORM:
            raise
        form.add_error(None, refused.message)
        return page(request, schedule, override=form)
    messages.success(request, _("Saved. It can be removed as long as it holds."))
    return redirect("desk:on_call_one", key=key)


@require_POST
@staff_only
def remove(request: PersonRequest, pk: int) -> HttpResponse:
    """The layers answer again."""
    try:
        row = remove_override(request.user, pk, clock.now(), confirmed=confirmed(request))
    except Refused as refused:
        if refused.code == "gap":
            return ask_again(request, refused, url("desk:on_call"))
        raise
    messages.success(request, _("Removed."))
    return redirect("desk:on_call_one", key=row.schedule.key)


@require_POST
@staff_only
def ask(request: PersonRequest, key: str) -> HttpResponse:
    """Ask a colleague to take a turn."""
    now, schedule, me = clock.now(), find_schedule(key), request.user
    form = swap_form(me, request.POST)
    if not form.is_valid():
        return page(request, schedule, swap=form)
    try:
        other = _colleague(form.cleaned_data["person"])
        swap_actions.ask_swap(me, other, schedule, Trade(form.span, form.back, form.cleaned_data["why"]), now)
    except Refused as refused:
        if refused.code not in _ON_FORM:
            raise
        form.add_error(None, refused.message)
        return page(request, schedule, swap=form)
    messages.success(request, _("Asked. Your turn stays yours until %(who)s says yes.") % {"who": other.label})
    return redirect("desk:on_call_one", key=key)


_ANSWERS: dict[str, Callable[..., object]] = {
    "accept": swap_actions.accept_swap,
    "decline": swap_actions.decline_swap,
    "withdraw": swap_actions.withdraw_swap,
}


@require_POST
@staff_only
def answer(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """Yes, no, or never mind."""
    if what not in _ANSWERS:
        raise Refused("not_found", _("There is no such answer."))
    _ANSWERS[what](request.user, pk, clock.now())
    said = {"accept": _("It is yours now."), "decline": _("Declined."), "withdraw": _("Withdrawn.")}
    messages.success(request, said[what])
    return redirect("desk:on_call")


@require_POST
@staff_only
def plan(request: PersonRequest) -> HttpResponse:
    """Time off, one's own or, by who arranges schedules, another's."""
    me = request.user
    form = time_off_form(me, request.POST)
    checked(form)
    person = _colleague(form.cleaned_data.get("person") or str(me.pk))
    try:
        take_time_off(me, person, form.span, clock.now(), confirmed=confirmed(request))
    except Refused as refused:
        if refused.code == "gap":
            return ask_again(request, refused, url("desk:on_call"))
        raise
    messages.success(request, _("Saved: no turn falls to %(who)s then.") % {"who": person.label})
    return redirect("desk:on_call")


@require_POST
@staff_only
def end(request: PersonRequest, pk: int) -> HttpResponse:
    """Time off is over, or does not come."""
    end_time_off(request.user, pk, clock.now())
    messages.success(request, _("Ended."))
    return redirect("desk:on_call")


@require_POST
@staff_only
def retire(request: PersonRequest, key: str) -> HttpResponse:
    """The schedule calls nobody any more."""
    schedule = find_schedule(key)
    try:
        retire_schedule(request.user, schedule, clock.now(), confirmed=confirmed(request))
    except Refused as refused:
        if refused.code != "gap":
            raise
        return ask_again(request, refused, url("desk:on_call_one", key=key))
    messages.success(request, _("“%(name)s” is retired; what was stays on its page.") % {"name": schedule.name})
    return redirect("desk:on_call_one", key=key)
