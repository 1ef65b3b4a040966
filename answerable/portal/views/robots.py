"""What search engines may read: the public pages, and nothing else."""

from collections.abc import Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from answerable.people.access import anyone
from answerable.people.queries import vendor
from answerable.portal.public import known

# Pages with everything below them; static files, so that a page can be seen as a person sees it.
PUBLIC = ("portal:support", "portal:help")
# Below them, what is made for one asker.
CLOSED = ("portal:help_search", "portal:help_suggestions")
SITEMAP = "portal:sitemap"


@require_safe
@anyone
def robots(request: HttpRequest) -> HttpResponse:
    """The longest rule that fits counts, so what is allowed stays allowed below `/`."""
    response = HttpResponse("\n".join(_lines()) + "\n", content_type="text/plain; charset=utf-8")
    response["Cache-Control"] = "public, max-age=3600"
    return response


def _lines() -> Iterator[str]:
    yield "User-agent: *"
    yield from (f"Allow: {page}" for name in PUBLIC if (page := known(name)))
    yield f"Allow: {settings.STATIC_URL}"
    yield from (f"Disallow: {page}" for name in CLOSED if (page := known(name)))
    yield "Disallow: /"
    if sitemap := known(SITEMAP):
        yield ""
        yield f"Sitemap: {vendor().portal_address}{sitemap}"
