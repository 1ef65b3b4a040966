"""Paging policies: all of them, one, and its editor: what is typed, what it comes to, and only then it is saved."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.coverage_actions import tell_holes
from answerable.desk.differences import differences
from answerable.desk.frame import frame
from answerable.desk.paging_names import Names, known_names
from answerable.desk.paging_page import Told, history, parts, since, walk
from answerable.desk.paging_sheet import PagingSheet, TypedStep, arranged, posted, sheet_of
from answerable.desk.views.on_call_verbs import ask_again, confirmed
from answerable.escalation import paging_policy_actions as verbs
from answerable.escalation.coverage_queries import p0_holes
from answerable.escalation.paging_policy import content, content_of, plan_of, policy_of
from answerable.escalation.paging_policy_queries import (
    PagingPolicy,
    all_policies,
    find_policy,
    how_many_run,
    may_edit,
    may_write,
)
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, admins_only, staff_only
from answerable.people.queries import teams, vendor
from answerable.policy.queries import line_of

MOST_COUNTED = 100


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """Every policy, and the teams for which nobody wrote one."""
    now, names = clock.now(), known_names()
    found = {hole.team: hole for hole in p0_holes(now)}
    rows = [
        (
            row,
            walk(plan_of(row), row.teams, names, now),
            [names.teams[key] for key in row.teams if key in names.teams],
            any(key in found for key in row.teams),
        )
        for row in all_policies()
    ]
    context = {
        "view_title": _("Paging"),
        "rows": rows,
        "calm": [team.name for team in teams() if not policy_of(team)[0]],
        "p0_team": names.teams.get(str(vendor().settings.get("p0_team") or ""), ""),
        "holes": list(found.values()),
        "may_write": may_write(request.user),
    }
    return render(request, "desk/paging_policies.html", context | frame(request.user, "paging", now))


def _find(key: str) -> PagingPolicy:
    row = find_policy(key)
    if row is None:
        raise Refused("not_found", _("There is no such policy."))
    return row


@require_safe
@staff_only
def show(request: PersonRequest, key: str) -> HttpResponse:
    """One policy: whom it would page now, step by step, and when it would reach nobody."""
    row, now, names = _find(key), clock.now(), known_names()
    is_live = row.retired_at is None
    context = {
        "view_title": str(row),
        "policy": row,
        "walk": walk(plan_of(row), row.teams, names, now),
        "team_names": [names.teams[one] for one in row.teams if one in names.teams],
        "every": row.every_seconds,
        "holes": [hole for hole in p0_holes(now) if is_live and hole.team in row.teams],
        "running": how_many_run(row.key, MOST_COUNTED),
        "may_edit": may_edit(request.user, row),
        "line": line_of("paging", row.key) if row.managed == "file" else None,
        "history": history(row.pk, names),
    }
    return render(request, "desk/paging_policy.html", context | frame(request.user, "paging", now))


@require_safe
@admins_only
def new(request: PersonRequest) -> HttpResponse:
    """An empty policy with one step."""
    return _editor(request, None, PagingSheet(steps=[TypedStep()]), known_names())


@require_safe
@admins_only
def edit(request: PersonRequest, key: str) -> HttpResponse:
    """The policy in force, ready to be changed."""
    row, names = _editable(request, key), known_names()
    sheet = sheet_of(content(row) | {"name": str(row)}, names)
    return _editor(request, row, sheet, names)


def _editable(request: PersonRequest, key: str) -> PagingPolicy:
    row = _find(key)
    if not may_edit(request.user, row):
        raise Refused("not_allowed", _("This policy is not yours to change: its page says who does."))
    return row


@require_POST
@admins_only
def make(request: PersonRequest) -> HttpResponse:
    """Look what it comes to, change its steps, or make it: by the button that was pressed."""
    return _posted(request, None)


@require_POST
@admins_only
def save(request: PersonRequest, key: str) -> HttpResponse:
    """The same for one that there is."""
    return _posted(request, _editable(request, key))


def _posted(request: PersonRequest, row: PagingPolicy | None) -> HttpResponse:
    names, what = known_names(), request.POST.get("do", "look")
    sheet = posted(request.POST, names)
    if what not in {"look", "save"}:
        return _editor(request, row, arranged(sheet, what), names)
    if sheet.wanted is None:
        return _editor(request, row, sheet, names, told=True, status=422)
    if what == "look":
        return _editor(request, row, sheet, names, told=True)
    try:
        key = _write(request, row, sheet.wanted)
    except Refused as refused:
        if refused.code not in {"gap", "stale"}:
            raise
        # The page says what stops it: the gaps, or what somebody else has changed.
        fresh = None if row is None else _find(row.key)
        return _editor(request, fresh, sheet, names, told=True, stopped=refused, status=409)
    tell_holes(clock.now())
    messages.success(request, _("Saved. Alerts that are running keep the steps that they began with."))
    return redirect("desk:paging_one", key=key)


def _write(request: PersonRequest, row: PagingPolicy | None, wanted: verbs.Wanted) -> str:
    by, now = request.user, clock.now()
    if row is None:
        return verbs.make_policy(by, wanted, now, confirmed=confirmed(request)).key
    verbs.change_policy(by, row, wanted, _seen(request), now, confirmed=confirmed(request))
    return row.key


def _seen(request: PersonRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def _editor(
    request: PersonRequest,
    row: PagingPolicy | None,
    sheet: PagingSheet,
    names: Names,
    *,
    told: bool = False,
    stopped: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    """`told`: what is wrong is said, and what it comes to; `stopped`: why it was not saved."""
    now, wanted = clock.now(), sheet.wanted if told else None
    stale: Sequence[Told] = ()
    if row is not None and stopped is not None and stopped.code == "stale":
        stale = since(row.pk, _seen(request), names)
    context = {
        "view_title": str(row) if row else _("New paging policy"),
        "policy": row,
        "sheet": sheet,
        "told": told,
        "choices": names.choices,
        "teams": _teams(names, row),
        "seen": row.version if row else 0,
        "stopped": stopped,
        "stale": stale,
        "walk": walk(wanted.plan, wanted.teams, names, now) if wanted else None,
        "changes": _changes(row, wanted, names) if wanted else [],
        "missing": verbs.preview(request.user, row, wanted, now) if wanted else [],
        "may_add": len(sheet.steps) < verbs.MOST_STEPS,
        "post_url": url("desk:paging_save", key=row.key) if row else url("desk:paging_make"),
        "back_url": url("desk:paging_one", key=row.key) if row else url("desk:paging"),
    }
    return render(request, "desk/paging_edit.html", context | frame(request.user, "paging", now), status=status)


def _changes(row: PagingPolicy | None, wanted: verbs.Wanted, names: Names) -> Sequence[object]:
    new_parts = parts(content_of(wanted.name, wanted.plan, wanted.teams), names)
    old = parts(content(row) | {"name": str(row)}, names) if row else {}
    return differences(old, new_parts)


def _teams(names: Names, row: PagingPolicy | None) -> list[tuple[str, str, str, bool]]:
    """(key, name, the other policy that pages it or "", whether the file says so: then it cannot be chosen here)."""
    others = [one for one in all_policies() if one.retired_at is None and (row is None or one.pk != row.pk)]
    held = {key: (str(one), one.managed == "file") for one in others for key in one.teams}
    return [(key, name, *held.get(key, ("", False))) for key, name in names.teams.items()]


@require_POST
@admins_only
def retire(request: PersonRequest, key: str) -> HttpResponse:
    """Its teams page their leads, then administrators."""
    row = _editable(request, key)
    try:
        verbs.retire_policy(request.user, row, clock.now(), confirmed=confirmed(request))
    except Refused as refused:
        if refused.code != "gap":
            raise
        return ask_again(request, refused, url("desk:paging_one", key=key))
    tell_holes(clock.now())
    messages.success(request, _("“%(name)s” is retired; alerts that are running go on by it.") % {"name": row})
    return redirect("desk:paging_one", key=key)
