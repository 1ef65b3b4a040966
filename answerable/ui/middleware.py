"""What every answer carries: a strict content policy; and `Refused` told as a page, a fragment or JSON."""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from answerable.lib.errors import Refused

Handler = Callable[[HttpRequest], HttpResponseBase]

# No inline script or style anywhere: bars are <progress>, module imports are relative (ui/storage.py hashes them).
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    # A page shows what one person may see now: never kept by a proxy, asked again by the browser.
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": CONTENT_POLICY,
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}

STATUS = {"not_found": 404, "not_allowed": 403, "conflict": 409, "too_large": 413}


def security_headers(get_response: Handler) -> Handler:
    """Sets the headers a view has not set itself (a download brings a stricter policy of its own)."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not response.headers["X-Frame-Options"]:  # a page that others may frame: its own policy names them
            del response.headers["X-Frame-Options"]
        return response

    return middleware


class Refusals:
    """Turns `Refused` from a view into an answer its asker can read. A class, for Django's `process_exception` hook."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Django asks this for each exception of a view; None lets it rise."""
        return refusal(request, exception) if isinstance(exception, Refused) else None


def refusals(get_response: Handler) -> Refusals:
    """The middleware, by the name that settings use."""
    return Refusals(get_response)


def refusal(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The one place where a refusal gets its words on the wire."""
    status = STATUS.get(refused.code, 422)
    if _wants_json(request):
        return JsonResponse({"error": refused.code, "message": refused.message, **refused.data}, status=status)
    told = {"code": refused.code, "message": refused.message}
    if "HX-Request" in request.headers:
        response = render(request, "ui/_refused.html", told, status=status)
        response["HX-Retarget"] = "#flashes"
        response["HX-Reswap"] = "beforeend"
        return response
    return render(request, "ui/refused.html", {**told, "back": _back(request)}, status=status)


def _wants_json(request: HttpRequest) -> bool:
    if request.path.startswith("/api/"):
        return True
    return request.get_preferred_type(["text/html", "application/json"]) == "application/json"


def _back(request: HttpRequest) -> str:
    """Where the person came from, if that was a page of ours."""
    came_from = request.headers.get("Referer", "")
    if came_from and url_has_allowed_host_and_scheme(came_from, {request.get_host()}, request.is_secure()):
        return urlsplit(came_from)._replace(scheme="", netloc="").geturl()
    return "/"
