"""Who is on call: all schedules, one of them, and a form for another one."""

from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.audit.queries import trail
from answerable.casework.ladder_coverage import holes
from answerable.desk.frame import frame
from answerable.desk.on_call_forms import NewScheduleForm, OverrideForm, SwapForm, TimeOffForm
from answerable.desk.on_call_page import WIDTH, WINDOWS, cards
from answerable.desk.on_call_words import sentences
from answerable.desk.wish_forms import zones
from answerable.escalation.feeds import token_of_person, token_of_schedule
from answerable.escalation.schedule_access import may_arrange, may_edit, may_remove, may_take
from answerable.escalation.schedule_actions import make_schedule
from answerable.escalation.schedule_queries import find, live, overrides_of, versions_of
from answerable.escalation.schedules import Schedule
from answerable.escalation.swap_queries import swaps_of_person, swaps_of_schedule
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.absence_queries import time_off
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person
from answerable.people.queries import staff, vendor
from answerable.policy.queries import line_of

HISTORY = 20


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """Who is on call now and next, and what one is asked."""
    now, me = clock.now(), request.user
    context = {
        "view_title": _("On call"),
        "cards": cards(list(live()), me.pk, now, _days(request)),
        **_window(request),
        "holes": holes(now),
        "swaps": swaps_of_person(me.pk, now),
        "time_off": time_off([pk for pk, _name in takers()] if may_arrange(me) else [me.pk], now),
        "form": time_off_form(me),
        "feed": _address(token_of_person(me)),
        "may_arrange": may_arrange(me),
        "may_take": may_take(me),
    }
    return render(request, "desk/on_call.html", context | frame(me, "on_call", now))


def _days(request: PersonRequest) -> int:
    return WINDOWS[1] if request.GET.get("days") == str(WINDOWS[1]) else WINDOWS[0]


def _window(request: PersonRequest) -> dict[str, object]:
    return {"days": _days(request), "windows": WINDOWS, "strip_width": WIDTH}


def _address(token: str) -> str:
    return f"{vendor().portal_address}{url('desk:on_call_calendar', token=token)}"


def takers() -> list[tuple[int, str]]:
    """Who can be on call, by name."""
    return [(one.pk, one.label) for one in staff() if may_take(one)]


def time_off_form(me: Person, *args: object) -> TimeOffForm:
    """Oneself first; leads and administrators choose."""
    others = [(pk, name) for pk, name in takers() if pk != me.pk] if may_arrange(me) else []
    return TimeOffForm(*args, people=[(me.pk, me.label), *others])


def find_schedule(key: str) -> Schedule:
    """Raises Refused for a key that is none."""
    schedule = find(key)
    if schedule is None:
        raise Refused("not_found", _("There is no such schedule."))
    return schedule


@require_safe
@staff_only
def show(request: PersonRequest, key: str) -> HttpResponse:
    """One schedule: who is on call when, why, and what may be done about it."""
    return page(request, find_schedule(key))


def override_form(me: Person, now: datetime, *args: object) -> OverrideForm:
    """Leads and administrators choose anybody, or nobody; others take it themselves."""
    people: list[tuple[int | str, str]] = [(me.pk, me.label)]
    if may_arrange(me):
        people = [("nobody", _("Nobody")), *takers()]
    return OverrideForm(*args, people=people, initial={"person": str(me.pk), "start": _next_hour(now)})


def swap_form(me: Person, *args: object) -> SwapForm:
    """Every colleague who can be on call."""
    return SwapForm(*args, people=[("", _("Choose")), *((pk, name) for pk, name in takers() if pk != me.pk)])


def _next_hour(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)


def page(
    request: PersonRequest,
    schedule: Schedule,
    *,
    override: OverrideForm | None = None,
    swap: SwapForm | None = None,
) -> HttpResponse:
    """With a form that came back, if there is one."""
    now, me = clock.now(), request.user
    (card,) = cards([schedule], me.pk, now, _days(request))
    versions = versions_of([schedule.pk], now)[schedule.pk]
    names = {one.email: one.label for one in staff()}
    is_file = schedule.managed == "file"
    context = {
        "view_title": schedule.name,
        "schedule": schedule,
        "card": card,
        **_window(request),
        "versions": [(row, row.effective_from > now) for row in versions],
        "names": names,
        "overrides": [(row, may_remove(me, row)) for row in overrides_of([schedule.pk], now)],
        "swaps": swaps_of_schedule(schedule.pk, me.pk, now),
        "override": override or override_form(me, now),
        "swap": swap or swap_form(me),
        "may_arrange": may_arrange(me),
        "may_edit": may_edit(me, schedule),
        "may_take": may_take(me) and schedule.retired_at is None,
        "line": line_of("on_call", schedule.key) if is_file else None,
        "feed": _address(token_of_schedule(schedule)),
        "history": sentences(trail("schedule", schedule.pk, None, HISTORY)[:HISTORY]),
    }
    is_wrong = override is not None or swap is not None
    whole = context | frame(me, "on_call", now)
    return render(request, "desk/on_call_one.html", whole, status=422 if is_wrong else 200)


@require_safe
@staff_only
def new(request: PersonRequest) -> HttpResponse:
    """A form for another schedule."""
    return _new(request, NewScheduleForm(initial={"tz": request.user.zone or vendor().zone or "UTC"}))


@require_POST
@staff_only
def make(request: PersonRequest) -> HttpResponse:
    """Make it; then its layers are what comes next."""
    form = NewScheduleForm(request.POST)
    if not form.is_valid():
        return _new(request, form, status=422)
    given = form.cleaned_data
    row = make_schedule(request.user, given["name"], given["tz"], clock.now(), p0=given["p0"])
    messages.success(request, _("Made. Now say who takes turns."))
    return redirect("desk:on_call_layers", key=row.key)


def _new(request: PersonRequest, form: NewScheduleForm, *, status: int = 200) -> HttpResponse:
    if not may_arrange(request.user):
        raise Refused("not_allowed", _("Only leads and administrators arrange schedules."))
    context = {"view_title": _("New schedule"), "form": form, "zones": zones()}
    return render(
        request, "desk/on_call_new.html", context | frame(request.user, "on_call", clock.now()), status=status
    )
