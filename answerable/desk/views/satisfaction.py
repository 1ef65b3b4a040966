"""How the help was, in figures: good and not good by month, team, agent or organization, and the latest words."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

from django.forms import ChoiceField
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.frame import frame
from answerable.desk.report_forms import ReportForm, group_words, month_word
from answerable.lib import clock, sheets
from answerable.people.access import PersonRequest, staff_only
from answerable.reports.figures import floored
from answerable.reports.queries import MOST_ROWS
from answerable.reports.satisfaction import BY, Line, last_words, opinions, together


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The page."""
    now = clock.now()
    form, by = _form(request)
    question = form.question()
    lines = opinions(request.user, question, by, now)
    context = {
        "view_title": _("How our help was"),
        "form": form,
        "by_word": group_words()[by],
        "whole": together(lines),
        "rows": [(_label(by, line), line.opinion) for line in _ordered(by, lines)[:MOST_ROWS]],
        "left_out": max(0, len(lines) - MOST_ROWS),
        "words": last_words(request.user, question, now),
        "now": now,
        "csv_url": f"{reverse('desk:satisfaction_csv')}?{urlencode(form.asked(by=by))}",
    }
    return render(request, "desk/satisfaction.html", context | frame(request.user, "reports", now))


@require_safe
@staff_only
def as_csv(request: PersonRequest) -> StreamingHttpResponse:
    """The table as a file: every line of it, each number by itself."""
    form, by = _form(request)
    lines = opinions(request.user, form.question(), by, clock.now())
    name = f"how-our-help-was-by-{by}-{form.period_asked.since.astimezone(form.zone):%Y-%m}.csv"
    response = StreamingHttpResponse(sheets.lines(_cells(by, lines)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    return response


def _form(request: PersonRequest) -> tuple[ReportForm, str]:
    """The filter of all reports, and what the table goes by: severity and kinds of promise say nothing here."""
    given = request.GET.dict()
    by = given.get("by", "month")
    by = by if by in BY else "month"
    form = ReportForm(given | {"by": by, "metric": "", "severity": ""}, clock.now())
    field = form.fields["by"]
    assert isinstance(field, ChoiceField)
    field.choices = [(key, word) for key, word in group_words().items() if key in BY]
    return form, by


def _ordered(by: str, lines: list[Line]) -> list[Line]:
    return lines[::-1] if by == "month" else lines


def _label(by: str, line: Line) -> str:
    if by == "month":
        return month_word(line.key)
    nameless = {"team": _("No team"), "organization": _("No organization"), "agent": _("Nobody")}
    return line.label or nameless[by]


def _cells(by: str, lines: Sequence[Line]) -> Iterator[Sequence[sheets.Cell]]:
    yield [by, "asked", "answered", "good", "not_good", "good_percent", "answered_percent"]
    for line in lines:
        one = line.opinion
        name = f"{line.key:%Y-%m}" if by == "month" else line.label
        yield [name, one.asked, one.answered, one.good, one.bad, floored(one.share), floored(one.response)]
