"""Import of organizations and people: choose files, read what they would do, and do exactly that."""

from collections.abc import Iterable, Sequence

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import imports
from answerable.desk.frame import frame
from answerable.desk.import_forms import ApplyForm, ImportForm
from answerable.desk.imports import EXAMPLES, MOST_PROBLEMS, PAGE, counts, file_words, lines, outcome_words, report
from answerable.desk.views.organizations import number
from answerable.lib import clock, sheets
from answerable.lib.errors import Refused
from answerable.lib.forms import checked
from answerable.lib.tables import MOST_BYTES, MOST_ROWS
from answerable.people.access import PersonRequest, admins_only
from answerable.people.import_actions import keep
from answerable.people.import_queries import kept
from answerable.people.import_terms import ORGANIZATION_COLUMNS, PERSON_COLUMNS


@require_safe
@admins_only
def new(request: PersonRequest) -> HttpResponse:
    """Which files, and what they must be like."""
    return _choose(request, ImportForm())


def _choose(request: PersonRequest, form: ImportForm) -> HttpResponse:
    context = {
        "view_title": _("Import organizations and people"),
        "form": form,
        "organization_columns": ORGANIZATION_COLUMNS,
        "person_columns": PERSON_COLUMNS,
        "most_rows": MOST_ROWS,
        "most_megabytes": MOST_BYTES // 2**20,
    }
    status = 422 if form.errors else 200
    page = context | frame(request.user, "organizations", clock.now())
    return render(request, "desk/import_new.html", page, status=status)


@require_POST
@admins_only
def check(request: PersonRequest) -> HttpResponse:
    """Keep the files for the dry run; nothing else is done with them."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return _choose(request, form)
    row = keep(request.user, form.content("organizations"), form.content("people"), clock.now())
    return redirect("desk:import_plan", pk=row.pk)


@require_safe
@admins_only
def show(request: PersonRequest, pk: int) -> HttpResponse:
    """The dry run: row by row what would be done now, or what is wrong; afterwards, that it was done."""
    row, start = kept(pk), number(request.GET.get("from", "")) or 0
    context: dict[str, object] = {"view_title": _("Import"), "row": row, "looked": None}
    if row.applied_at is None:
        looked = imports.look(imports.files_of(row))
        every = lines(looked.plan)
        context |= {
            "looked": looked,
            "digest": looked.plan.digest(),
            "counts": counts(looked.plan),
            "problems": looked.plan.problems[:MOST_PROBLEMS],
            "more_problems": max(0, len(looked.plan.problems) - MOST_PROBLEMS),
            "lines": every[start : start + PAGE],
            "first_url": request.path if start else "",
            "next_url": f"{request.path}?from={start + PAGE}" if len(every) > start + PAGE else "",
            "outcome_words": outcome_words(),
            "file_words": file_words(),
        }
    return render(request, "desk/import_plan.html", context | frame(request.user, "organizations", clock.now()))


@require_safe
@admins_only
def as_csv(request: PersonRequest, pk: int) -> StreamingHttpResponse:
    """The whole report as a file."""
    return _sheet(report(imports.look(imports.files_of(kept(pk))).plan), f"import-{pk}.csv")


@require_safe
@admins_only
def example(request: PersonRequest, kind: str) -> StreamingHttpResponse:
    """A file to begin with."""
    if kind not in EXAMPLES:
        raise Refused("not_found", _("There is no such example."))
    return _sheet(EXAMPLES[kind], f"{kind}.csv")


def _sheet(rows: Iterable[Sequence[sheets.Cell]], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(sheets.lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


@require_POST
@admins_only
def apply(request: PersonRequest, pk: int) -> HttpResponse:
    """What was shown, and nothing else."""
    imports.apply(request.user, pk, checked(ApplyForm(request.POST))["digest"], clock.now())
    return redirect("desk:import_plan", pk=pk)
