"""Push in a browser: its worker, what an iPhone needs to install the desk, the key, turning it on, another address."""

from functools import cache
from pathlib import Path

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from answerable.lib import clock
from answerable.lib.addresses import url
from answerable.notify import push_actions as actions
from answerable.notify.push_keys import make_key_pair
from answerable.notify.push_services import Subscription, read
from answerable.people.access import PersonRequest, anyone, staff_only
from answerable.people.queries import vendor

# No page loads it, so it is no static file: it has one address, which stays.
WORKER = Path(__file__).parents[1] / "push_worker.js"
# It asks us when its address has changed, and nobody else for anything.
WORKER_POLICY = "default-src 'none'; connect-src 'self'"


@cache
def _worker() -> bytes:
    return WORKER.read_bytes()


@require_safe
@anyone
def worker(request: HttpRequest) -> HttpResponse:
    """At an address that stays, below which it rules: a browser asks for it now and then, logged in or not."""
    answer = HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")
    answer.headers["Content-Security-Policy"] = WORKER_POLICY
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@require_safe
@anyone
def manifest(request: HttpRequest) -> HttpResponse:
    """With it the desk can be put on a home screen, which is where an iPhone has push."""
    name = _("%(vendor)s desk") % {"vendor": vendor().name}
    icon = {"src": static("ui/push/icon.png"), "sizes": "192x192", "type": "image/png"}
    told = {"name": name, "short_name": name, "start_url": url("desk:queue"), "scope": "/", "display": "standalone"}
    return JsonResponse(told | {"icons": [icon]}, content_type="application/manifest+json")


@require_POST
@staff_only
def key(request: PersonRequest) -> HttpResponse:
    """The public key that a browser subscribes with; the first one who asks has it made."""
    return HttpResponse(make_key_pair(clock.now()).public, content_type="text/plain; charset=utf-8")


def _given(request: HttpRequest) -> Subscription:
    return read(*(request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")))


@require_POST
@staff_only
def on(request: PersonRequest) -> HttpResponse:
    """Pages reach this browser from now on; a test is on its way."""
    row = actions.turn_on(request.user, _given(request), request.headers.get("User-Agent", ""), clock.now())
    messages.success(request, _("Pages reach “%(name)s” now. A test is on its way there.") % {"name": row.name})
    return redirect("desk:contacts")


@csrf_exempt
@require_POST
@anyone
def renew(request: HttpRequest) -> HttpResponse:
    """The worker's own word that its address has changed. Its token is the proof: no session, so nothing to forge."""
    actions.renew(request.POST.get("token", ""), _given(request), clock.now())
    return HttpResponse(status=204)
