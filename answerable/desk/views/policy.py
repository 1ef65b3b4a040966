"""The policy for people to read: what is in force, every version, and how far open requests have followed."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.frame import frame
from answerable.desk.policy import asked, hours, levels, plans, uptime, warnings
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.textdiff import hunks
from answerable.people.access import PersonRequest, staff_only
from answerable.people.queries import calendars
from answerable.policy.queries import before, current, last, version, versions
from answerable.sla.queries import replans

PAGE = 50
WALKS = 5


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """What is in force now."""
    now = clock.now()
    policy = current()
    context = {
        "view_title": _("Policy"),
        "policy": policy,
        "applied": last(),
        "levels": levels(policy),
        "plans": plans(policy),
        "hours": hours(policy, now),
        "warnings": warnings(policy),
        "uptime": uptime(policy),
        "asked": asked(policy),
        "walks": replans(WALKS),
    }
    return render(request, "desk/policy.html", context | frame(request.user, "policy", now))


@require_safe
@staff_only
def walks(request: PersonRequest) -> HttpResponse:
    """How far the latest walks over the open requests have come; asks again by itself until they are done."""
    return render(request, "desk/_replans.html", {"now": clock.now(), "walks": replans(WALKS)})


@require_safe
@staff_only
def all_versions(request: PersonRequest) -> HttpResponse:
    """Every version, latest first, paged by number; on the first page the versions of calendars too."""
    given = request.GET.get("before", "")
    older_than = int(given) if given.isdecimal() and len(given) < 9 else None
    rows = list(versions(older_than)[: PAGE + 1])
    shown = rows[:PAGE]
    context = {
        "view_title": _("Versions of the policy"),
        "rows": shown,
        "calendars": [] if older_than else [row for key in calendars().values() for row in reversed(key)],
        "first_url": request.path if older_than else "",
        "next_url": f"{request.path}?before={shown[-1].version}" if len(rows) > PAGE else "",
    }
    return render(request, "desk/policy_versions.html", context | frame(request.user, "policy_versions", clock.now()))


@require_safe
@staff_only
def one_version(request: PersonRequest, number: int) -> HttpResponse:
    """What one version changed, how its text differs from the one before, and the whole text."""
    row = version(number)
    if row is None:
        raise Refused("not_found", _("There is no such version."))
    earlier, newest = before(number), last()
    context = {
        "view_title": _("Version %(number)s of the policy") % {"number": number},
        "row": row,
        "in_force": newest is not None and newest.version == number,
        "earlier": earlier.version if earlier else None,
        "hunks": hunks(earlier.text, row.text) if earlier else [],
        "lines": row.text.splitlines(),
    }
    return render(request, "desk/policy_version.html", context | frame(request.user, "policy_versions", clock.now()))
