"""Reports: which promises were kept, by month, severity, team, organization or agent; and those that were not."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk import chart
from answerable.desk.frame import frame
from answerable.desk.report_forms import NONE, ReportForm, group_words, month_word
from answerable.lib import clock, sheets
from answerable.lib.paging import read_cursor
from answerable.people.access import PersonRequest, staff_only
from answerable.reports.access import may_compare
from answerable.reports.figures import floored, total
from answerable.reports.queries import MOST_ROWS, Group, broken, table, unsettled
from answerable.ui.words import metric_word


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The page: a filter, the figures, a picture by month, a table."""
    now = clock.now()
    form = ReportForm(request.GET.dict(), now)
    question, by = form.question(), form.value("by")
    months = table(request.user, question, "month", now)
    groups = months if by == "month" else table(request.user, question, by, now)
    context = {
        "view_title": _("Promises kept"),
        "form": form,
        "whole": total([group.figures for group in months]),
        "months": _lines(form, "month", months[::-1]),
        "bars": chart.bars(list(form.period_asked.months()), {_month(group): group.figures for group in months}),
        "by": by,
        "by_word": group_words()[by],
        "rows": _lines(form, by, groups[::-1] if by == "month" else groups[:MOST_ROWS]),
        "left_out": max(0, len(groups) - MOST_ROWS),
        "has_median": bool(question.metric) or by == "metric",
        "unsettled": {"cancelled": 0, "carried": 0} | unsettled(request.user, question, now),
        "broken_url": _address("desk:broken", form.asked()),
        "csv_url": _address("desk:reports_csv", form.asked()),
        "may_compare": may_compare(request.user),
    }
    return render(request, "desk/reports.html", context | frame(request.user, "reports", now))


@require_safe
@staff_only
def as_csv(request: PersonRequest) -> StreamingHttpResponse:
    """The table as a file: every line of it, each number by itself."""
    now = clock.now()
    form = ReportForm(request.GET.dict(), now)
    by, period = form.value("by"), form.period_asked
    groups = table(request.user, form.question(), by, now)
    name = f"promises-by-{by}-{period.since.astimezone(form.zone):%Y-%m}-{period.count}-months.csv"
    response = StreamingHttpResponse(sheets.lines(_cells(by, groups)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


@require_safe
@staff_only
def show_broken(request: PersonRequest) -> HttpResponse:
    """The broken promises of the same question, latest first: how late, and by which clock."""
    now = clock.now()
    form = ReportForm(request.GET.dict(), now)
    after = read_cursor(request.GET.get("after", ""))
    page = broken(request.user, form.question(), after, now)
    asked = form.asked()
    context = {
        "view_title": _("Broken promises"),
        "form": form,
        "rows": page.rows,
        "back_url": _address("desk:reports", asked),
        "first_url": _address("desk:broken", asked) if after else "",
        "next_url": _address("desk:broken", asked | {"after": str(page.next)}) if page.next else "",
    }
    return render(request, "desk/broken.html", context | frame(request.user, "reports", now))


def _lines(form: ReportForm, by: str, groups: Sequence[Group]) -> list[dict[str, object]]:
    """Rows for the template: what the line is called, its figures, and where its broken promises are listed."""
    return [
        {
            "label": _label(by, group),
            "figures": group.figures,
            "broken_url": _address("desk:broken", form.asked(by="", **_only(by, group))),
        }
        for group in groups
    ]


def _label(by: str, group: Group) -> str:
    match by:
        case "month":
            return month_word(group.key)
        case "metric":
            return metric_word(group.key)
        case "severity":
            return str(group.key)
    nameless = {"team": _("No team"), "organization": _("No organization"), "agent": _("Nobody")}
    return group.label or nameless[by]


def _only(by: str, group: Group) -> dict[str, str]:
    """The part of a question that asks for this line alone."""
    match by:
        case "month":
            return {"period": f"{group.key:%Y-%m}"}
        case "organization":
            return {"organization": group.label}
        case "team" | "agent":
            return {by: str(group.key) if group.key else NONE}
    return {by: str(group.key)}


def _month(group: Group) -> tuple[int, int]:
    at: datetime = group.key
    return at.year, at.month


def _cells(by: str, groups: Sequence[Group]) -> Iterator[Sequence[sheets.Cell]]:
    yield [by, "promises", "kept", "broken", "excused", "kept_percent", "median_seconds"]
    for group in groups:
        one = group.figures
        name = f"{group.key:%Y-%m}" if by == "month" else group.label or str(group.key or "")
        yield [name, one.all, one.kept, one.broken, one.excused, floored(one.share), one.median]


def _address(name: str, asked: dict[str, str]) -> str:
    return f"{reverse(name)}?{urlencode(asked)}" if asked else reverse(name)
