"""The ladder: its page, and its editor for who administers, where the desk owns it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import ladder_policy_actions as verbs
from answerable.casework.coverage_actions import tell_holes
from answerable.casework.ladder_coverage import ladder_holes
from answerable.casework.ladder_policy import (
    DESK,
    METRICS,
    MOST_LEVELS,
    ROLES,
    SEVERITIES,
    TIMES,
    Content,
    latest,
    stored,
)
from answerable.casework.ladder_rules import OWN_TEAM, read
from answerable.desk import ladder_policy_page as page
from answerable.desk.frame import frame
from answerable.desk.ladder_sheet import LadderSheet, arranged, posted, sheet_of
from answerable.desk.paging_names import Names, known_names
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, administers, admins_only, staff_only
from answerable.people.models import Role
from answerable.policy.queries import line_of


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """Every level with who holds it, and what counts when."""
    now, names, content = clock.now(), known_names(), stored()
    there = bool(content.get("levels"))
    is_desk = content.get("managed") == DESK
    context = {
        "view_title": _("Ladder"),
        "levels": page.levels(content, names) if there else [],
        "severities": SEVERITIES,
        "times": page.times(content),
        "rules": page.rules(content),
        "contacts": page.contacts(content, names),
        "moves": list(page.moves(content)),
        "holes": ladder_holes(read(content), now) if there else [],
        "is_desk": is_desk,
        "may_edit": is_desk and administers(request.user),
        "line": None if is_desk else line_of("escalation"),
        "history": page.history(names),
    }
    return render(request, "desk/ladder_policy.html", context | frame(request.user, "ladder_policy", now))


def _editable() -> Content:
    content = latest()
    if content.get("managed") != DESK:
        raise Refused("not_allowed", _("The file support.toml owns the ladder: change it there and apply it."))
    return content


@require_safe
@admins_only
def edit(request: PersonRequest) -> HttpResponse:
    """The ladder in force, ready to be changed."""
    content, names = _editable(), known_names()
    return _editor(request, content, sheet_of(content, names), names)


@require_POST
@admins_only
def save(request: PersonRequest) -> HttpResponse:
    """Look what it comes to, change its levels, or save: by the button that was pressed."""
    content, names, what = _editable(), known_names(), request.POST.get("do", "look")
    sheet = posted(request.POST, names)
    if what not in {"look", "save"}:
        return _editor(request, content, arranged(sheet, what), names)
    if sheet.content is None:
        return _editor(request, content, sheet, names, told=True, status=422)
    if what == "look":
        return _editor(request, content, sheet, names, told=True)
    try:
        verbs.change_ladder(request.user, sheet.content, _seen(request), clock.now())
    except Refused as refused:
        if refused.code != "stale":
            raise
        return _editor(request, latest(), sheet, names, told=True, stopped=refused, status=409)
    tell_holes(clock.now())
    messages.success(request, _("Saved. Escalations that are open keep their level and their times."))
    return redirect("desk:ladder_policy")


def _seen(request: PersonRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _editor(
    request: PersonRequest,
    content: Content,
    sheet: LadderSheet,
    names: Names,
    *,
    told: bool = False,
    stopped: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """`told`: what is wrong is said, and what it comes to; `stopped`: why it was not saved."""
    now = clock.now()
    context: dict[str, Any] = {
        "view_title": _("Edit the ladder"),
        "sheet": sheet,
        "told": told,
        "choices": [names.typed(address) for address in names.staff],
        "roles": [(role, Role(role).label) for role in ROLES],
        "teams": [(OWN_TEAM, _("The request's team")), *names.teams.items()],
        "schedules": list(names.schedules.items()),
        "severities": SEVERITIES,
        "metrics": METRICS,
        "times": list(zip(TIMES, [title for title, _row in page.times(content)], strict=True)),
        "seen": content.get("version", 1),
        "stopped": stopped,
        "stale": page.since(_seen(request), names) if stopped else [],
        "look": page.look(content, sheet.content, names, now) if told and sheet.content else None,
        "may_add": len(sheet.levels) < MOST_LEVELS,
    }
    whole = context | frame(request.user, "ladder_policy", now)
    return render(request, "desk/ladder_policy_edit.html", whole, status=status)


@require_POST
@admins_only
def give_back(request: PersonRequest) -> HttpResponse:
    """The file may have it again; until it claims it, all stays as it is."""
    verbs.give_to_file(request.user, clock.now())
    messages.success(request, _("The file owns the ladder now: it stays as it is until the file says otherwise."))
    return redirect("desk:ladder_policy")
