"""A mail on a sheet of its own: a document for a sandboxed frame, with styles and no script (docs/decisions/0034)."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# As the email contract has it (E-63). `allow-same-origin` alone lets the page measure the frame, and pictures carry
# the reader's session; without `allow-scripts` nothing in it can make use of either.
POLICY = (
    "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)


def sheet(request: HttpRequest, html: str, title: str, *, laid_out: bool, more_url: str = "") -> HttpResponse:
    """`html`: marked safe by lib.html. `laid_out`: it has its own colours, which suppose white paper.

    `more_url`: the same with its pictures from elsewhere.
    """
    context = {"html": html, "title": title, "laid_out": laid_out, "more_url": more_url}
    response = render(request, "ui/sheet.html", context)
    response["Content-Security-Policy"] = POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["Referrer-Policy"] = "no-referrer"
    return response
