"""What a host's page loads: the loader, from its script tag, and the one page that stands in its frame."""

import json
from functools import cache
from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.lib.colours import DEFAULT_HUE
from answerable.people.access import anyone
from answerable.people.widget_queries import Product, products
from answerable.ui.middleware import CONTENT_POLICY
from answerable.widget.access import product_here

# No page of ours loads it, and its address stays: so it is no static file.
LOADER = Path(__file__).parents[1] / "loader.js"


@cache
def _loader() -> str:
    return LOADER.read_text()


@require_safe
@anyone
def loader(request: HttpRequest) -> HttpResponse:
    """The script. Words and hues are put in here: until it is opened, the widget asks us for nothing more."""
    told = {
        "words": {
            "open": _("Help"),
            "close": _("Close"),
            "title": _("Support center"),
            "unread": _("%(count)s unread"),
            "late": _("The support center cannot be shown on this page."),
            "site": _("Open it in a tab of its own"),
        },
        "hues": {key: _hue(one) for key, one in products().items()},
    }
    script = _loader().replace("__TOLD__", json.dumps(told))
    answer = HttpResponse(script, content_type="text/javascript; charset=utf-8")
    answer.headers["Cache-Control"] = "public, max-age=600"
    # A host's page may ask for that of whatever it loads.
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _hue(product: Product) -> int:
    return DEFAULT_HUE if product.hue is None else product.hue


@require_safe
@anyone
def shell(request: HttpRequest, key: str) -> HttpResponse:
    """The page in the frame: empty but for its script, the same for everybody. It knows nobody by a cookie."""
    product = product_here(key)
    context = {"product": product, "hue": _hue(product), "origins": json.dumps(product.origins)}
    return framed(render(request, "widget/shell.html", context), product)


def framed(response: HttpResponse, product: Product, *, within: str = "") -> HttpResponse:
    """Pages of this product's origins may have it in a frame, and of no others; `within`: what stands between."""
    policy = response.headers.get("Content-Security-Policy", CONTENT_POLICY)
    places = " ".join(["frame-ancestors", *filter(None, [within]), *product.origins])
    kept = [part.strip() for part in policy.split(";") if not part.strip().startswith("frame-ancestors")]
    response.headers["Content-Security-Policy"] = "; ".join([*kept, places])
    # The older header knows no list; empty, it is not sent (ui.middleware).
    response.headers["X-Frame-Options"] = ""
    return response
