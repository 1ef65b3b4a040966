"""My activities: what I asked, what I am CC'd on, and, if granted, my organization's requests."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.paging import Page, read_cursor
from answerable.people.access import PersonRequest, signed_in
from answerable.people.queries import granted_ids, grants_in_force
from answerable.portal.frame import live
from answerable.tickets.queries import Row, granted, requests_of


@require_safe
@signed_in
def mine(request: PersonRequest) -> HttpResponse:
    """Requests that I opened."""
    page = requests_of(request.user, "requester", read_cursor(request.GET.get("after", "")), clock.now())
    return _list(request, "my_requests", page, "")


@require_safe
@signed_in
def copied(request: PersonRequest) -> HttpResponse:
    """Requests that somebody CC'd me on."""
    page = requests_of(request.user, "cc", read_cursor(request.GET.get("after", "")), clock.now())
    return _list(request, "cc_requests", page, _("You are CC'd on these: you can read, reply, close and reopen them."))


@require_safe
@signed_in
def organization(request: PersonRequest) -> HttpResponse:
    """Requests of the organizations that I was granted to read."""
    now = clock.now()
    rows = (
        grants_in_force(request.user, now).select_related("organization", "granted_by").order_by("organization__name")
    )
    page = granted(request.user, read_cursor(request.GET.get("after", "")), now)
    said = [
        _("You can read every request of %(organization)s. Granted by %(name)s.")
        % {"organization": row.organization.name, "name": row.granted_by.label}
        for row in rows
    ]
    why = (
        " ".join([*said, _("To comment on one, ask to be CC'd.")])
        if said
        else _("Nobody has granted you this list yet.")
    )
    return _list(request, "organization_requests", page, why)


def _list(request: PersonRequest, name: str, page: Page[Row], why: str) -> HttpResponse:
    here = url(f"portal:{name}")
    context = {
        "now": clock.now(),
        "rows": page.rows,
        "why": why,
        "rows_url": request.get_full_path(),
        "first_url": here if request.GET.get("after") else "",
        "next_url": f"{here}?after={page.next}" if page.next else "",
        "stream": f"person:{request.user.pk}",
        "tabs": _tabs(request, name),
    }
    if request.htmx:
        return render(request, "portal/_requests.html", context)
    context |= live(request.user, [f"person:{request.user.pk}"])
    return render(request, "portal/my_requests.html", context)


def _tabs(request: PersonRequest, current: str) -> list[tuple[str, str, int | None, bool]]:
    names = [("my_requests", _("My requests")), ("cc_requests", _("Requests I'm CC'd on"))]
    if current == "organization_requests" or granted_ids(request.user, clock.now()):
        names.append(("organization_requests", _("Organization requests")))
    return [(title, url(f"portal:{name}"), None, name == current) for name, title in names]
