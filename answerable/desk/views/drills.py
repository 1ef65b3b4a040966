"""Drills: when the next one is, what came of the last ones by each way in, and one more, now."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.drill_actions import begin_at_desk, may_run, stop
from answerable.casework.paging_people import find
from answerable.desk.drill_words import plan_words, run_of
from answerable.desk.frame import frame, live
from answerable.escalation import drill_queries as queries
from answerable.escalation.alert_queries import names_of
from answerable.escalation.drilling import following
from answerable.escalation.paging_policy import policy_of
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Team
from answerable.people.queries import teams_by_key

PAGE = 20


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The list; as a fragment, its rows."""
    now = clock.now()
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else None
    rows, end = queries.drills(before, PAGE)
    here, plan = url("desk:drills"), queries.rule()
    context = {
        "now": now,
        "view_title": _("Drills"),
        "rows": [run_of(row, now) for row in rows],
        "may_run": may_run(request.user),
        "plan": plan_words(plan) if plan else "",
        "next_at": following(queries.weekly_of(plan), now) if plan else None,
        "rows_url": f"{here}?before={before}" if before else here,
        "first_url": here if before else "",
        "next_url": f"{here}?before={end}" if end else "",
    }
    if request.htmx:
        return render(request, "desk/_drills.html", context)
    around = frame(request.user, "alerts", now) | live(request.user, ["desk", "alerts"])
    return render(request, "desk/drills.html", context | around)


@require_safe
@staff_only
def new(request: PersonRequest) -> HttpResponse:
    """What a drill does, and whom it would page: nothing begins before the button."""
    if not may_run(request.user):
        raise Refused("not_found", _("There is no such page."))
    now = clock.now()
    chosen: list[Team | None] = [None, *teams_by_key().values()]
    context = {
        "view_title": _("Run a drill"),
        "choices": [(team.key if team else "", _choice(team)) for team in chosen],
    }
    return render(request, "desk/drill_new.html", context | frame(request.user, "alerts", now))


def _choice(team: Team | None) -> str:
    """The team, and who would be paged first at this moment."""
    now = clock.now()
    _key, plan = policy_of(team)
    steps = ([pk for name in step.who for pk in find(name, now)] for step in plan.steps)
    first = next((people for people in steps if people), [])
    who = ", ".join(names_of(first).values()) or _("nobody")
    name = team.name if team else _("P0 without a team")
    return _("%(team)s: pages %(who)s first") % {"team": name, "who": who}


@require_POST
@staff_only
def begin(request: PersonRequest) -> HttpResponse:
    """Now."""
    key = request.POST.get("team", "")
    team = teams_by_key().get(key)
    if key and team is None:
        raise Refused("not_found", _("There is no such team."))
    begin_at_desk(request.user, team, clock.now())
    messages.success(request, _("The drill has begun: whoever is on call is paged within seconds."))
    return redirect("desk:drills")


@require_POST
@staff_only
def end(request: PersonRequest, pk: int) -> HttpResponse:
    """It pages nobody any more."""
    stop(request.user, pk, clock.now())
    messages.success(request, _("The drill has ended: it pages nobody any more."))
    return redirect("desk:drills")
