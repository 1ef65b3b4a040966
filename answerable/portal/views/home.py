"""The front page of support."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.people.access import anyone
from answerable.people.queries import calendars
from answerable.sla.queries import current


@require_safe
@anyone
def show(request: HttpRequest) -> HttpResponse:
    """Ways to reach us, and what is promised."""
    return render(request, "portal/home.html", {"severities": _severities()})


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
