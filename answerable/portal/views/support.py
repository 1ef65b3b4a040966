"""What we promise, to the whole world: the support page, and the same for programs."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.casework import ladder_rules
from answerable.lib import clock
from answerable.lib.fresh import Fresh
from answerable.lib.zones import zone
from answerable.people.access import anyone
from answerable.policy.queries import Applied, current, versions
from answerable.portal.public import absolute, head
from answerable.portal.support_json import as_json
from answerable.portal.support_page import Page, Sources, build
from answerable.portal.support_schema import organization
from answerable.reports.kept import kept_lately, kept_words

_applied: Fresh[Applied | None] = Fresh(lambda: versions(None).first())


@require_safe
@anyone
def show(request: HttpRequest) -> HttpResponse:
    """The page. Its times are the vendor's, for every reader: it says one thing to all of them."""
    page = _page()
    address = absolute("portal:support")
    title = _("Support for %(product)s") % {"product": page.product}
    context = {
        "page": page,
        "now": page.at,
        "kept_words": kept_words,
        **head(title, _described(page), address),
        "organization": organization(page, address),
    }
    with timezone.override(zone(page.zone)):
        return render(request, "portal/support.html", context)


@require_safe
@anyone
def data(request: HttpRequest) -> HttpResponse:
    """The same for programs, and for the vendor's own site: nothing in it depends on who asks."""
    response = JsonResponse(as_json(_page(), absolute("portal:support")))
    response["Cache-Control"] = "public, max-age=60"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _page() -> Page:
    policy, applied = current(), _applied()
    assert applied is not None  # `current` has refused before
    given = Sources(policy, applied.version, applied.applied_at, ladder_rules.rules(), kept_lately)
    return build(given, clock.now())


def _described(page: Page) -> str:
    names = {"vendor": page.vendor, "product": page.product}
    return _("How %(vendor)s supports %(product)s: teams, hours, response times, escalation and uptime.") % names
