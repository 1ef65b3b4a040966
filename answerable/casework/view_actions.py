"""Staff keep views: make, change, delete, bring back. Each is audited; who may, `tickets.view_access` says."""

from dataclasses import replace
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets.conditions import written
from answerable.tickets.saved import LONGEST_NAME, PERSONAL, TEAM, SavedView
from answerable.tickets.view_access import may_edit_view, may_keep_view
from answerable.tickets.view_queries import MOST_VIEWS, faults_of, saved_view, saved_views
from answerable.tickets.viewing import View


def make_view(by: Person, view: View, now: datetime) -> SavedView:
    """Keep it, under its name, for whom its scope says."""
    view = _checked(by, view)
    with transaction.atomic():
        if len(saved_views(by)) >= MOST_VIEWS:
            raise Refused("too_many", _("You have too many views: delete one that nobody needs."))
        row = SavedView(owner=by, created_at=now, **_said(view))
        row.save(force_insert=True)
        record(actor_of(by), "make_view", ("view", row.pk), now, name=row.name, scope=row.scope)
    return row


def change_view(by: Person, pk: int, view: View, now: datetime) -> SavedView:
    """Say it otherwise; `view.version` is what it was made from. Raises Refused where it was changed since."""
    with transaction.atomic():
        row = _mine(by, pk)
        if row.ended_at is not None:
            raise Refused("gone", _("This view was deleted meanwhile: bring it back first."))
        if row.version != view.version:
            raise Refused("conflict", _("Somebody has changed this view meanwhile: look at theirs first."))
        said = _said(_checked(by, view))
        before = {name: value for name, value in _of(row).items() if said[name] != value}
        for name in before:
            setattr(row, name, said[name])
        if before:
            row.version += 1
            row.save()
            after = {name: said[name] for name in before}
            record(actor_of(by), "change_view", ("view", pk), now, before=before, after=after)
    return row


def delete_view(by: Person, pk: int, now: datetime) -> None:
    """Out of every rail; its row stays, so that it can be brought back."""
    with transaction.atomic():
        row = _mine(by, pk)
        if row.ended_at is None:
            _end(row, now)
            record(actor_of(by), "delete_view", ("view", pk), now, name=row.name)


def restore_view(by: Person, pk: int, now: datetime) -> None:
    """Into the rails again, as it was."""
    with transaction.atomic():
        row = _mine(by, pk)
        if row.ended_at is not None:
            _end(row, None)
            record(actor_of(by), "restore_view", ("view", pk), now, name=row.name)


def _end(row: SavedView, at: datetime | None) -> None:
    row.ended_at = at
    row.version += 1
    row.save(update_fields=["ended_at", "version"])


def _mine(by: Person, pk: int) -> SavedView:
    row = SavedView.objects.select_for_update().filter(pk=pk).first()
    view = saved_view(pk) if row else None
    if row is None or view is None or (view.scope == PERSONAL and view.owner_id != by.pk):
        raise Refused("not_found", _("There is no such view."))
    if not may_edit_view(by, view):
        raise Refused("not_allowed", _("Only leads and administrators change views of a team or of everybody."))
    return row


def _checked(by: Person, view: View) -> View:
    view = replace(view, name=" ".join(view.name.split()), team_id=view.team_id if view.scope == TEAM else None)
    if not view.name or len(view.name) > LONGEST_NAME or not view.name.isprintable():
        raise Refused("wrong", _("Give it a name of at most %(most)s letters.") % {"most": LONGEST_NAME})
    if view.scope == TEAM and view.team_id is None:
        raise Refused("wrong", _("Say whose team's view it is."))
    for fault in faults_of(view):
        raise Refused("wrong", fault)
    if not may_keep_view(by, view.scope, view.team_id):
        raise Refused("not_allowed", _("Only leads and administrators keep views for a team or for everybody."))
    return view


def _said(view: View) -> dict[str, object]:
    return {
        "name": view.name,
        "scope": view.scope,
        "team_id": view.team_id,
        "conditions": written(view.conditions),
        "columns": list(view.columns),
        "order": view.order,
        "group": view.group,
        "position": view.position,
    }


def _of(row: SavedView) -> dict[str, object]:
    names = ("name", "scope", "team_id", "conditions", "columns", "order", "group", "position")
    return {name: getattr(row, name) for name in names}
