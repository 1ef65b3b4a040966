"""Shifts and hand-overs of teams, and who is away."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.shift_actions import (
    end_shift,
    may_read,
    may_shift,
    read_hand_over,
    take_shift,
    write_hand_over,
)
from answerable.desk.frame import frame
from answerable.desk.handover import find_team, own_teams, shown
from answerable.desk.on_call_page import everybody_now
from answerable.desk.shift_forms import LOCAL, AwayForm
from answerable.escalation.alert_queries import unanswered
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.people.absence_actions import be_back, go_away
from answerable.people.absence_queries import away_until, team_members
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Team
from answerable.people.queries import teams_of
from answerable.tickets.handover import HandOver, as_it_stands, current, earlier, latest, one, unread
from answerable.tickets.models import NO_PROMISE
from answerable.tickets.queries import COUNT_CAP

PAGE = 20


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """My teams: who has the shift, what was handed over, who is away; and whether I am."""
    now = clock.now()
    found = own_teams(request.user)
    ids = [team.pk for team in found]
    holders = {shift.team_id: shift for shift in current(ids)}
    to_read = {note.team_id for note in unread(ids, request.user.pk)}
    people = team_members(ids, now)
    context = {
        "view_title": _("Shifts"),
        "teams": [(team.key, team.name, holders.get(team.pk), team.pk in to_read, people[team.pk]) for team in found],
        "away": away_until(request.user, now),
        "form": AwayForm(initial={"until": timezone.localtime(now + timedelta(days=1)).replace(hour=9, minute=0)}),
        "local": LOCAL,
    }
    return render(request, "desk/shift.html", context | frame(request.user, "shift", now))


@require_safe
@staff_only
def team(request: PersonRequest, key: str) -> HttpResponse:
    """A team's last hand-over, what else is to be read before the shift is taken, and those before it."""
    found = find_team(request.user, key)
    return _page(request, found, latest(found.pk), whole=True)


@require_safe
@staff_only
def hand_over(request: PersonRequest, pk: int) -> HttpResponse:
    """One of them, however old."""
    note = _find(request, pk)
    return _page(request, note.team, note, whole=False)


def _find(request: PersonRequest, pk: int) -> HandOver:
    note = one(pk)
    if note is None or not may_read(request.user, note.team):
        raise Refused("not_found", "There is no such hand-over, or it is not yours to read.")
    return note


def _page(request: PersonRequest, found: Team, note: HandOver | None, *, whole: bool) -> HttpResponse:
    """`whole`: with all that is to be read."""
    now, before = clock.now(), request.GET.get("before", "")
    to_read = unread([found.pk], request.user.pk)
    rows = earlier(found.pk, int(before) if before.isdecimal() and len(before) < 19 else None, PAGE + 1)
    holder = next(iter(current([found.pk])), None)
    newest = latest(found.pk)
    context = {
        "view_title": found.name,
        "team": found,
        "note": shown(note, request.user, now) if note else None,
        "others": [shown(other, request.user, now) for other in to_read if note and other.pk != note.pk]
        if whole
        else [],
        "to_read": [other.pk for other in to_read],
        "is_latest": note is not None and newest is not None and note.pk == newest.pk,
        "shift": holder,
        "has_it": holder is not None and holder.person_id == request.user.pk,
        "may_shift": may_shift(request.user, found),
        "earlier": [(row.pk, row.author.label, row.at, row.open_count) for row in rows[:PAGE]],
        "next_before": rows[PAGE - 1].pk if len(rows) > PAGE else None,
    }
    return render(request, "desk/hand_over.html", context | frame(request.user, "shift", now))


@require_safe
@staff_only
def new(request: PersonRequest, key: str) -> HttpResponse:
    """The form, with what will be attached."""
    now, found = clock.now(), find_team(request.user, key)
    if not may_shift(request.user, found):
        raise Refused("not_allowed", _("That is for the team's members, leads and administrators."))
    attached, count = as_it_stands(found.pk, NO_PROMISE, COUNT_CAP)
    draft = HandOver(team=found, author=request.user, at=now, open_count=count, attached=attached)
    context = {"view_title": _("Hand over"), "team": found, "note": shown(draft, request.user, now)}
    return render(request, "desk/hand_over_new.html", context | frame(request.user, "shift", now))


@require_POST
@staff_only
def write(request: PersonRequest, key: str) -> HttpResponse:
    """Leave the note."""
    text = request.POST.get("text", "").replace("\r\n", "\n").replace("\x00", "")
    write_hand_over(request.user, find_team(request.user, key), text, clock.now())
    return redirect("desk:team_shift", key=key)


@require_POST
@staff_only
def read(request: PersonRequest, pk: int) -> HttpResponse:
    """I have read it."""
    note = _find(request, pk)
    read_hand_over(request.user, note, clock.now())
    return redirect("desk:team_shift", key=note.team.key)


@require_POST
@staff_only
def take(request: PersonRequest, key: str) -> HttpResponse:
    """I take the shift."""
    take_shift(request.user, find_team(request.user, key), clock.now())
    return redirect("desk:team_shift", key=key)


@require_POST
@staff_only
def end(request: PersonRequest, key: str) -> HttpResponse:
    """The shift is over."""
    end_shift(request.user, find_team(request.user, key), clock.now())
    return redirect("desk:team_shift", key=key)


@require_safe
@staff_only
def around(request: PersonRequest) -> HttpResponse:
    """Who has the shift of my teams, for the rail; `banner`: what I have still to read, for the queue."""
    ids = teams_of(request.user).ids
    if "banner" in request.GET:
        return render(request, "desk/_hand_over_banner.html", {"notes": _banners(ids, request), "now": clock.now()})
    context = {
        "shifts": current(ids),
        "on_call": everybody_now(),
        "alerts": unanswered(request.user, COUNT_CAP),
        "most_alerts": COUNT_CAP,
        "now": clock.now(),
    }
    return render(request, "desk/_shift_now.html", context)


def _banners(team_ids: Sequence[int], request: PersonRequest) -> list[tuple[str, str, str, datetime, int]]:
    """Of each team the latest that is to be read: key and name of the team, author, when, and how many there are."""
    found = groupby(unread(team_ids, request.user.pk), key=lambda note: note.team)
    each = [(team, list(notes)) for team, notes in found]
    return [(team.key, team.name, notes[0].author.label, notes[0].at, len(notes)) for team, notes in each]


@require_POST
@staff_only
def away(request: PersonRequest) -> HttpResponse:
    """I am away until then."""
    until = checked(AwayForm(request.POST))["until"]
    go_away(request.user, request.user, until, clock.now())
    return redirect("desk:shift")


@require_POST
@staff_only
def back(request: PersonRequest) -> HttpResponse:
    """I am here again."""
    be_back(request.user, request.user, clock.now())
    return redirect("desk:shift")
