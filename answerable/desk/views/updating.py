"""One text to every incident of a problem: written, previewed, sent and followed."""

from datetime import datetime
from math import ceil
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import bulk_actions, incident_updates
from answerable.casework.csat_actions import rules
from answerable.casework.draft_actions import undo_seconds
from answerable.casework.incident_updates import UPDATE
from answerable.desk import quoting, updating
from answerable.desk.frame import frame
from answerable.desk.linked import capped
from answerable.desk.updating import UpdateForm
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person, Role
from answerable.tickets import access
from answerable.tickets.linked_queries import counts, titles
from answerable.tickets.models import Ticket
from answerable.tickets.placeholders import PLACES
from answerable.tickets.run_queries import Run, run_of, undone_by
from answerable.tickets.update_queries import PAGE, earlier, item_of, items


@require_safe
@staff_only
def show(request: PersonRequest, number: int) -> HttpResponse:
    """Where it is written; `status` begins with that one, `run` with what an earlier preview said."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    access.require(access.may_work(standing))
    return _compose(request, ticket, UpdateForm(_begin_with(request, ticket, now)), now)


def _begin_with(request: PersonRequest, ticket: Ticket, now: datetime) -> dict[str, Any]:
    pk = request.GET.get("run", "")
    run = run_of(int(pk), request.user, now) if pk.isdecimal() and len(pk) < 19 else None
    if run is not None and run.problem == ticket.pk:
        return {name: run.args[name] for name in ("text", "status", "solved_too", "itself")}
    return {"status": request.GET.get("status", "")}


def _compose(
    request: PersonRequest,
    ticket: Ticket,
    form: UpdateForm,
    now: datetime,
    *,
    refused: str = "",
    warning: quoting.Warned | None = None,
) -> HttpResponse:
    found = counts(request.user, ticket.pk, now)
    context = {
        "view_title": _("Update all incidents of #%(number)s") % {"number": ticket.number},
        "ticket": ticket,
        "form": form,
        "every": capped(found.every),
        "open": capped(found.open),
        "none": not found.every,
        "places": list(PLACES.items()),
        "refused": refused,
        "warning": warning,
        "earlier": earlier(ticket.pk, 0),
    }
    status = 422 if refused or warning else 200
    return render(request, "desk/incident_update.html", context | frame(request.user, "ticket", now), status=status)


@require_POST
@staff_only
def prepare(request: PersonRequest, number: int) -> HttpResponse:
    """From the text to the preview; a warning first, where it repeats what only staff may read."""
    now = clock.now()
    ticket, standing = find(request.user, number, now)
    access.require(access.may_work(standing))
    form = UpdateForm(request.POST)
    if not form.is_valid():
        return _compose(request, ticket, form, now, refused=str(next(iter(form.errors.values()))[0]))
    update = form.update()
    warned = quoting.warning(ticket, update.text)
    if warned is not None and warned.key != form.cleaned_data["ack"]:
        return _compose(request, ticket, form, now, warning=warned)
    try:
        run = incident_updates.prepare(request.user, ticket.pk, update, now)
    except Refused as refused:
        if refused.code in {"not_found", "not_allowed"}:
            raise
        return _compose(request, ticket, form, now, refused=refused.message)
    return redirect("desk:update_run", pk=run.pk)


def _run(pk: int, person: Person, now: datetime) -> Run:
    found = run_of(pk, person, now)
    if found is None or found.verb != UPDATE:
        raise Refused("not_found", _("There is no such change (any more)."))
    return found


@require_safe
@staff_only
def run(request: PersonRequest, pk: int) -> HttpResponse:
    """Preview, progress and report, as far as it is; as a fragment, what moves."""
    now = clock.now()
    found = _run(pk, request.user, now)
    context = _about(request, found, now)
    if request.htmx:
        return render(request, "desk/_update_run.html", context)
    return render(request, "desk/update_run.html", context | frame(request.user, "bulk_runs", now))


def _about(request: PersonRequest, found: Run, now: datetime) -> dict[str, object]:
    """The text is for who sees the problem; each request is for who sees that one."""
    person, is_preview = request.user, found.state == "preview"
    problem = titles(person, [found.problem or 0], now).get(found.problem or 0)
    text, rows = found.args["text"] if problem else "", _rows(request, found, now)
    places = updating.has_places(text)
    return rows | {
        "now": now,
        "view_title": _("Update to the incidents of #%(number)s") % {"number": problem[0]}
        if problem
        else _("Update of incidents"),
        "run": found,
        "problem": problem,
        "html": updating.html_of(text),
        "has_places": places,
        "letters": updating.letters(found, person, rows["rows"], now) if is_preview and problem else {},
        "named": updating.named(found, person, now) if is_preview and problem else [],
        "effects": updating.effects(found.args, asks=rules().ask, seconds=undo_seconds()) if is_preview else [],
        "earlier": earlier(found.problem or 0, found.id) if is_preview and problem else None,
        "since": updating.since(found, person, now) if problem and not is_preview else "",
        "waits": _seconds_until(found, now),
        "may_stop": person.seen_by is None and (found.by_id == person.pk or person.role in {Role.LEAD, Role.ADMIN}),
        "may_undo": person.seen_by is None and found.state == "done" and found.done > 0 and bool(found.args["status"]),
        "undone_by": undone_by(found.id) if found.state == "done" else None,
    }


def _seconds_until(found: Run, now: datetime) -> int:
    """It begins; 0 once it has, or will not."""
    if found.state != "running" or found.begins_at is None:
        return 0
    return max(0, ceil((found.begins_at - now).total_seconds()))


def _rows(request: PersonRequest, found: Run, now: datetime) -> dict[str, Any]:
    left = request.GET.get("show") == "left" or (found.todo + found.done == 0)
    after = request.GET.get("after", "")
    start = int(after) if after.isascii() and after.isdecimal() and len(after) < 19 else 0
    rows = items(found.id, request.user, now, left=left, after=start)
    here = url("desk:update_run", pk=found.id)
    this = f"{here}?show=left" if left else f"{here}?show=sent"
    return {
        "rows": rows[:PAGE],
        "is_left": left,
        "tabs": [
            (
                _("Gets it") if found.state == "preview" else _("Told"),
                found.todo + found.done,
                f"{here}?show=sent",
                not left,
            ),
            (_("Left out"), found.left, f"{here}?show=left", left),
        ],
        "this_url": f"{this}&after={start}" if start else this,
        "first_url": this if start else "",
        "next_url": f"{this}&after={rows[PAGE - 1].id}" if len(rows) > PAGE else "",
    }


@require_safe
@staff_only
def letter(request: PersonRequest, pk: int, number: int) -> HttpResponse:
    """What one of them would get, as its readers see it. A preview is its author's alone."""
    now = clock.now()
    found = _run(pk, request.user, now)
    ticket = item_of(pk, number, request.user, now)
    if ticket is None or found.state != "preview":
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    filled = incident_updates.text_for(request.user, ticket, found.args["text"])
    return render(request, "desk/_update_letter.html", {"html": updating.html_of(filled.text)})


@require_POST
@staff_only
def stop(request: PersonRequest, pk: int) -> HttpResponse:
    """Nothing more of it leaves."""
    _run(pk, request.user, clock.now())
    bulk_actions.stop(request.user, pk, clock.now())
    return redirect("desk:update_run", pk=pk)


@require_POST
@staff_only
def discard(request: PersonRequest, pk: int) -> HttpResponse:
    """Nothing is sent, and the preview goes."""
    found = _run(pk, request.user, clock.now())
    problem = titles(request.user, [found.problem or 0], clock.now()).get(found.problem or 0)
    bulk_actions.discard(request.user, pk)
    return redirect("desk:ticket", number=problem[0]) if problem else redirect("desk:queue")
