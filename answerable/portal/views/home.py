"""The front page of support."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.knowledge.queries import latest
from answerable.people.access import anyone
from answerable.people.queries import calendars, vendor
from answerable.portal.help_pages import person_of, visit_of
from answerable.portal.public import form_is_open
from answerable.sla.queries import current

ANSWERS = 4


@require_safe
@anyone
def show(request: HttpRequest) -> HttpResponse:
    """Answers that are there already, ways to reach us, and what is promised."""
    visit = visit_of(request)
    told = {
        "severities": _severities(),
        "visit": visit,
        "latest": latest(visit.reader, visit.locale, ANSWERS),
        "may_ask": form_is_open(person_of(request)),
        "may_mail": vendor().settings.get("channels", {}).get("mail", True),
    }
    return render(request, "portal/home.html", told)


def _severities() -> list[dict[str, object]]:
    terms = current()
    rows = sorted(terms.severities.items()) if terms else []
    return [
        {
            "key": key,
            "name": row["name"],
            "meaning": row["meaning"],
            "first_response": row.get("first_response"),
            "hours": _hours(row["calendar"]),
        }
        for key, row in rows
    ]


def _hours(calendar: str) -> str:
    versions = calendars().get(calendar)
    if not versions:
        return ""
    spec = versions[-1].spec
    return "24×7" if spec.get("always_open") else _("business hours, %(zone)s") % {"zone": spec.get("tz", "UTC")}
