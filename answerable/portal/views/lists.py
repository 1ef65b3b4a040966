"""My activities: what I asked, what I am CC'd on, and, if granted, my organization's requests."""

from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed
from answerable.lib.paging import Page, read_cursor
from answerable.people.access import PersonRequest, signed_in
from answerable.people.models import Grant
from answerable.people.queries import granted_ids, grants_in_force
from answerable.portal.forms import ListForm
from answerable.portal.frame import live
from answerable.tickets.activity_queries import TAB_CAP, Wanted, granted, requests_of, tab_counts
from answerable.tickets.queries import Row

# A search looks through the whole list.
SEARCHES_A_MINUTE = 60


class Why(NamedTuple):
    """One sentence on why somebody sees a list, and until when they do."""

    text: str
    until: datetime | None = None


@require_safe
@signed_in
def mine(request: PersonRequest) -> HttpResponse:
    """Requests that I opened."""
    return _list(request, "my_requests", lambda wanted, now: requests_of(request.user, "requester", wanted, now), [])


@require_safe
@signed_in
def copied(request: PersonRequest) -> HttpResponse:
    """Requests that somebody CC'd me on."""
    why = Why(_("You are CC'd on these: you can read, reply, close and reopen them."))
    return _list(request, "cc_requests", lambda wanted, now: requests_of(request.user, "cc", wanted, now), [why])


@require_safe
@signed_in
def organization(request: PersonRequest) -> HttpResponse:
    """Requests of the organizations that I was granted to read."""
    rows = grants_in_force(request.user, clock.now()).select_related("organization", "granted_by")
    why = [_granted(row) for row in rows.order_by("organization__name")]
    why.append(Why(_("To comment on one, ask to be CC'd.") if why else _("Nobody has granted you this list.")))
    return _list(request, "organization_requests", lambda wanted, now: granted(request.user, wanted, now), why)


def _granted(row: Grant) -> Why:
    names = {"organization": row.organization.name, "name": row.granted_by.label}
    text = _("You can read every request of %(organization)s. Granted by %(name)s")
    return Why(text % names + ("" if row.expires_at else "."), row.expires_at)


def _list(
    request: PersonRequest, name: str, find: Callable[[Wanted, datetime], Page[Row]], why: list[Why]
) -> HttpResponse:
    now, here = clock.now(), url(f"portal:{name}")
    form = ListForm(request.GET)
    wanted = form.wanted(read_cursor(request.GET.get("after", "")))
    # Who looks with somebody's eyes is staff, and writes nothing.
    counts = bool(wanted.words) and request.user.seen_by is None
    if counts and not allowed("search", str(request.user.pk), SEARCHES_A_MINUTE, 60):
        raise Refused("too_many", _("You have searched very often within the minute. Please wait a little."))
    page, narrowed = find(wanted, now), form.address()
    context = {
        "now": now,
        "rows": page.rows,
        "is_narrow": wanted.is_narrow,
        "list_url": here,
        "rows_url": request.get_full_path(),
        "first_url": f"{here}?{narrowed}" if wanted.after else "",
        "next_url": f"{here}?{'&'.join(filter(None, [narrowed, f'after={page.next}']))}" if page.next else "",
        "stream": f"person:{request.user.pk}",
    }
    if request.htmx:
        return render(request, "portal/_requests.html", context)
    context |= {"why": why, "form": form, "tabs": _tabs(request, name, now)}
    context |= live(request.user, [f"person:{request.user.pk}"])
    return render(request, "portal/my_requests.html", context)


def _tabs(request: PersonRequest, current: str, now: datetime) -> list[tuple[str, str, str, bool]]:
    """(name, address, how many, is current); without a grant there is no third."""
    counts = tab_counts(request.user, now)
    names = [
        ("my_requests", _("My requests"), counts["requester"]),
        ("cc_requests", _("Requests I'm CC'd on"), counts["cc"]),
    ]
    if current == "organization_requests" or granted_ids(request.user, now):
        names.append(("organization_requests", _("Organization requests"), counts["granted"]))
    return [
        (title, url(f"portal:{name}"), str(count) if count < TAB_CAP else f"{TAB_CAP - 1}+", name == current)
        for name, title, count in names
    ]
