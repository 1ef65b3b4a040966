"""Many requests at once: ticked in a queue, previewed, confirmed, followed, looked at later, and taken back."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import bulk_actions
from answerable.casework.csat_actions import rules
from answerable.casework.incident_updates import UPDATE
from answerable.desk.bulk import effects, ticked, title
from answerable.desk.bulk_forms import read
from answerable.desk.frame import frame
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.paging import read_cursor
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.run_queries import items, run_of, runs, undone_by


@require_POST
@staff_only
def prepare(request: PersonRequest) -> HttpResponse:
    """From the bar to the preview."""
    now = clock.now()
    verb, args = read(request.POST)
    ids, more = ticked(request.user, request.POST, now)
    run = bulk_actions.prepare(request.user, verb, args, ids, now, left_out=more)
    return redirect("desk:bulk_run", pk=run.pk)


@require_safe
@staff_only
def show(request: PersonRequest, pk: int) -> HttpResponse:
    """Preview, progress and report: the same page, as far as the run is. As a fragment, what moves."""
    now = clock.now()
    run = run_of(pk, request.user, now)
    if run is None:
        raise Refused("not_found", _("There is no such change (any more)."))
    if run.verb == UPDATE:
        return redirect("desk:update_run", pk=pk)
    rows = items(pk, request.user, now)
    context = {
        "now": now,
        "view_title": title(run),
        "run": run,
        "rows": rows,
        "hidden": run.total - len(rows),
        "effects": effects(run, rows, asks=rules().ask),
        "undone_by": undone_by(pk) if run.state == "done" else None,
        "may_undo": request.user.seen_by is None and run.state == "done" and run.done > 0,
    }
    if request.htmx:
        return render(request, "desk/_bulk_run.html", context)
    return render(request, "desk/bulk_run.html", context | frame(request.user, "bulk_runs", now))


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """Who changed many requests at once, what, and when."""
    now = clock.now()
    after = read_cursor(request.GET.get("after", ""))
    page = runs(request.user, after, now)
    context = {
        "view_title": _("Bulk changes"),
        "rows": [(run, title(run)) for run in page.rows],
        "first_url": url("desk:bulk_runs") if after else "",
        "next_url": f"{url('desk:bulk_runs')}?after={page.next}" if page.next else "",
    }
    return render(request, "desk/bulk_runs.html", context | frame(request.user, "bulk_runs", now))


@require_POST
@staff_only
def start(request: PersonRequest, pk: int) -> HttpResponse:
    """Confirm a preview of one's own."""
    bulk_actions.start(request.user, pk, clock.now())
    return redirect("desk:bulk_run", pk=pk)


@require_POST
@staff_only
def discard(request: PersonRequest, pk: int) -> HttpResponse:
    """Nothing happens, and the preview goes."""
    bulk_actions.discard(request.user, pk)
    return redirect("desk:queue")


@require_POST
@staff_only
def undo(request: PersonRequest, pk: int) -> HttpResponse:
    """The preview of taking a run back."""
    run = bulk_actions.prepare_undo(request.user, pk, clock.now())
    return redirect("desk:bulk_run", pk=run.pk)
