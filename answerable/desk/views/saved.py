"""Making, changing and deleting views: the page with all that a view says, and the posts."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.view_actions import change_view, delete_view, make_view, restore_view
from answerable.desk.frame import frame, view_url
from answerable.desk.view_filter import filtered
from answerable.desk.view_page import names_for, panel_of, resolve
from answerable.desk.view_words import scopes
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person
from answerable.people.queries import assignable
from answerable.tickets.saved import LONGEST_NAME, PERSONAL, SCOPES, TEAM
from answerable.tickets.view_access import may_edit_view, may_keep_view
from answerable.tickets.view_queries import saved_view, saved_views
from answerable.tickets.viewing import View


@dataclass(frozen=True)
class Draft:
    """A view that is being written: where it is posted to, and what was wrong with it."""

    view: View
    title: str
    post_url: str
    back_url: str
    errors: list[str]


@require_safe
@staff_only
def new(request: PersonRequest) -> HttpResponse:
    """A new view: from the conditions in the address, or a copy of the one that `from` names."""
    source = resolve(request.user, request.GET.get("from", "all"), saved_views(request.user))
    view, errors = (source, []) if "from" in request.GET else filtered(request.GET, source)
    name = _("Copy of %(name)s") % {"name": source.name} if "from" in request.GET else ""
    view = replace(view, name=name[:LONGEST_NAME], scope=PERSONAL, pk=None, team_id=None, position=0)
    draft = Draft(view, _("New view"), url("desk:view_make"), view_url(source.key), errors)
    return _page(request, draft)


@require_POST
@staff_only
def make(request: PersonRequest) -> HttpResponse:
    """Keep it."""
    view, errors = _written(request.POST, View("", "", ()))
    draft = Draft(view, _("New view"), url("desk:view_make"), url("desk:queue"), errors)
    return _stored(request, draft, lambda now: make_view(request.user, view, now).pk, _("The view is kept."))


@require_safe
@staff_only
def edit(request: PersonRequest, pk: int) -> HttpResponse:
    """Everything that a view says, to be changed."""
    return _page(request, _draft(request.user, _own(request.user, pk), []))


@require_POST
@staff_only
def change(request: PersonRequest, pk: int) -> HttpResponse:
    """Say it otherwise: from the page with all of it, or from the queue with its filter alone."""
    known = _own(request.user, pk)
    view, errors = _written(request.POST, known)
    draft = _draft(request.user, view, errors)
    return _stored(request, draft, lambda now: change_view(request.user, pk, view, now).pk, _("The view is changed."))


@require_POST
@staff_only
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Out of the rail; its page then offers to bring it back."""
    delete_view(request.user, pk, clock.now())
    return redirect("desk:view", view=str(pk))


@require_POST
@staff_only
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Into the rail again."""
    restore_view(request.user, pk, clock.now())
    messages.success(request, _("The view is back."))
    return redirect("desk:view", view=str(pk))


def _own(person: Person, pk: int) -> View:
    view = saved_view(pk)
    if view is None or not may_edit_view(person, view):
        raise Refused("not_found", _("There is no such view, or it is not yours to change."))
    return view


def _draft(person: Person, view: View, errors: list[str]) -> Draft:
    assert view.pk is not None
    return Draft(view, _("Change the view"), url("desk:view_change", pk=view.pk), view_url(view.key), errors)


def _written(data: QueryDict, known: View) -> tuple[View, list[str]]:
    view, errors = filtered(data, known)
    team = data.get("view_team", "")
    return (
        replace(
            view,
            name=data.get("name", known.name)[:1000],
            scope=data.get("scope", known.scope) if data.get("scope", known.scope) in dict(SCOPES) else PERSONAL,
            team_id=_number(team, None) if "view_team" in data else known.team_id,
            position=_number(data.get("position", ""), known.position) or 0,
            version=_number(data.get("version", ""), 0) or 0,
        ),
        errors,
    )


def _number(text: str, otherwise: int | None) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else otherwise


def _stored(request: PersonRequest, draft: Draft, store: Callable[[datetime], int], said: str) -> HttpResponse:
    if draft.errors:
        return _page(request, draft, status=422)
    try:
        pk = store(clock.now())
    except Refused as refused:
        if refused.code not in ("wrong", "conflict", "too_many"):
            raise
        return _page(
            request, replace(draft, errors=[refused.message]), status=409 if refused.code == "conflict" else 422
        )
    messages.success(request, said)
    return redirect("desk:view", view=str(pk))


def _page(request: PersonRequest, draft: Draft, status: int = 200) -> HttpResponse:
    person, view = request.user, draft.view
    teams = [(pk, name) for pk, name in assignable()[1] if may_keep_view(person, TEAM, pk)]
    allowed = [(key, label) for key, label in scopes().items() if key == PERSONAL or may_keep_view(person, key, None)]
    if teams and TEAM not in dict(allowed):
        allowed.insert(1, (TEAM, scopes()[TEAM]))
    context = {
        "view_title": draft.title,
        "view": view,
        "panel": panel_of(view, names_for(view.conditions), draft.errors),
        "scopes": allowed if teams else [one for one in allowed if one[0] != TEAM],
        "teams": teams,
        "post_url": draft.post_url,
        "back_url": draft.back_url,
        "longest": LONGEST_NAME,
    }
    return render(request, "desk/view_edit.html", context | frame(person, view.key, clock.now()), status=status)
