"""The wall page: for the team room's screen, by log-in or by an address of its own; and the list of these addresses."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.forms import WallLinkForm
from answerable.desk.frame import frame, live
from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.lib.version import version
from answerable.lib.zones import zone
from answerable.people.access import PersonRequest, administers, admins_only, anyone, staff_only
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.people.wall_actions import make_wall_link, revoke_wall_link, token_of, use_wall_link
from answerable.people.wall_queries import wall_links
from answerable.reports.wall import CAP, picture

VERSION = version()


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """For staff, live; `names=off` for a room that customers walk through."""
    initials = request.GET.get("names") == "off"
    more = {"initials": initials, "look": "", "here": request.get_full_path(), "is_desk": True}
    more["is_admin"] = administers(request.user)
    return _page(request, request.user, more | live(request.user, ["desk"]), clock.now())


@require_safe
@anyone
def screen(request: HttpRequest, token: str) -> HttpResponse:
    """For whoever has the address: nothing on it can be opened or changed."""
    now = clock.now()
    link = use_wall_link(token, now)
    more = {"initials": link.initials, "look": link.theme, "here": request.path, "is_desk": False, "is_admin": False}
    answer = _page(request, link.made_by, more, now)
    # The address is the key: it is told to nobody else, and no machine lists the page.
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _page(request: HttpRequest, person: Person, more: dict[str, object], now: datetime) -> HttpResponse:
    house = vendor()
    context = {
        "picture": picture(person, now),
        "now": now,
        "local": now.astimezone(zone(house.zone)),
        "vendor_name": house.name,
        "cap": CAP,
        "version": VERSION,
        **more,
    }
    whole = "HX-Request" not in request.headers
    return render(request, "desk/wall.html" if whole else "desk/_wall.html", context)


@require_safe
@admins_only
def links(request: PersonRequest) -> HttpResponse:
    """Every address, the ones that hold first."""
    return _links(request, WallLinkForm())


@require_POST
@admins_only
def make(request: PersonRequest) -> HttpResponse:
    """A new one."""
    form = WallLinkForm(request.POST)
    if not form.is_valid():
        return _links(request, form, status=422)
    given = form.cleaned_data
    make_wall_link(request.user, given["name"], clock.now(), initials=given["initials"], theme=given["theme"])
    messages.success(request, _("Made. Open its address on the screen."))
    return redirect("desk:wall_links")


@require_POST
@admins_only
def revoke(request: PersonRequest, pk: int) -> HttpResponse:
    """From now on it shows nothing."""
    revoke_wall_link(request.user, pk, clock.now())
    messages.success(request, _("Revoked. The screen that used it shows nothing any more."))
    return redirect("desk:wall_links")


def _links(request: PersonRequest, form: WallLinkForm, *, status: int = 200) -> HttpResponse:
    here = vendor().portal_address
    rows = [(row, f"{here}{url('desk:wall_screen', token=token_of(row))}") for row in wall_links()]
    context = {"view_title": _("Screens"), "rows": rows, "form": form}
    return render(request, "desk/wall_links.html", context | frame(request.user, "wall", clock.now()), status=status)
