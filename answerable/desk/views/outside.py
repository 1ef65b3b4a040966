"""Outside tools, for administrators: what each is for, whether it works, what to paste into it; and the address that
they call, where each proves in its own way that it is itself.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.outside_back import hear
from answerable.casework.outside_in import take
from answerable.desk.frame import frame
from answerable.desk.outside_page import shown
from answerable.escalation import outside_calls, outside_tests
from answerable.escalation.alertmanager import read as read_alerts
from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_heard import tool_of
from answerable.escalation.outside_policy import ALERTMANAGER, EVENTS_V2, WEBHOOK, tools
from answerable.escalation.outside_words import Word, read_own, read_pagerduty
from answerable.lib import clock
from answerable.lib.jsonlines import Malformed
from answerable.lib.limits import allowed, network
from answerable.notify import tool_signs
from answerable.notify.tool_out import secret_of
from answerable.people.access import PersonRequest, admins_only, anyone
from answerable.people.queries import vendor

logger = logging.getLogger(__name__)

MOST_BYTES = 1024 * 1024
# By one tool in a minute; and calls in its name that are not its own, by one network in five.
MOST_CALLS, MOST_FORGED = 600, 30
# Of what a tool says: 2xx for what there is nothing to do about, so that nobody sends it again.
_REFUSED = {"not_allowed": 403, "unknown": 404}


@require_safe
@admins_only
def show(request: PersonRequest) -> HttpResponse:
    """All of them; as a fragment, while one is being tried."""
    rows = [shown(tool, vendor().portal_address) for tool in tools()]
    context = {"now": clock.now(), "tools": rows, "waits": any(one.tool.asked_at for one in rows)}
    if request.htmx:
        return render(request, "desk/_outside.html", context)
    context["view_title"] = _("Outside tools")
    return render(request, "desk/outside.html", context | frame(request.user, "outside", clock.now()))


@require_POST
@admins_only
def test(request: PersonRequest, key: str) -> HttpResponse:
    """Send a marked test, and resolve it."""
    outside_tests.ask_test(request.user, key, clock.now())
    messages.success(request, _("A test is on its way."))
    return redirect("desk:outside")


# A tool has no cookie of ours: it proves each call by a secret of its own, which no page can have sent for it.
@csrf_exempt
@require_POST
@anyone
def called(request: HttpRequest, key: str) -> HttpResponse:
    """A tool says something. It is answered once what that changes is committed, so that it repeats what got lost."""
    now = clock.now()
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        return _no(413, _("That is too long: at most %(most)s bytes are taken.") % {"most": MOST_BYTES})
    tool = tool_of(key)
    if tool is None or not tool.secret_variable:
        return _no(404, _("No tool that may call is named so in the policy."))
    secret = secret_of(tool.secret_variable)
    if not secret:
        logger.error("%s called, and its secret is missing: set the environment variable %s", key, tool.secret_variable)
        return _no(503, _("Its secret is missing here. Try again once it is set."))
    if not _is_its_own(request, tool, secret, now):
        return _forged(request, tool, now)
    if not allowed("outside-calls", key, MOST_CALLS, 60):
        return _no(429, _("That is too often. Try again in a minute."), retry=60)
    return _heard(tool, request.body, now)


def _is_its_own(request: HttpRequest, tool: OutsideTool, secret: str, now: datetime) -> bool:
    given = request.headers.get
    if tool.kind == ALERTMANAGER:
        return tool_signs.by_bearer(given("Authorization", ""), secret)
    if tool.kind == EVENTS_V2:
        return tool_signs.by_pagerduty(given("X-PagerDuty-Signature", ""), secret, request.body)
    stamp, signature = given("X-Answerable-Timestamp", ""), given("X-Answerable-Signature", "")
    return tool_signs.by_own(stamp, signature, secret, request.body, now)


def _forged(request: HttpRequest, tool: OutsideTool, now: datetime) -> HttpResponse:
    """Its secret may have been changed on one side alone: whoever looks at the page of tools reads so."""
    here = network(request.META["REMOTE_ADDR"])
    if not allowed("outside-forged", f"{tool.key} {here}", MOST_FORGED, 300):
        return _no(429, _("That is too often. Try again in a few minutes."), retry=300)
    logger.warning("a call in the name of %s from %s is not signed by it", tool.key, here)
    outside_calls.note_heard(tool.pk, now, _("A call in its name was not signed with its secret, or was too old."))
    answer = _no(401, _("This is not signed with the secret of this tool, or more than five minutes old."))
    if tool.kind == ALERTMANAGER:
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _heard(tool: OutsideTool, body: bytes, now: datetime) -> HttpResponse:
    try:
        answer = _taken(tool, body, now) if tool.kind == ALERTMANAGER else _said(tool, _READ[tool.kind](body), now)
    except Malformed as wrong:
        logger.warning("what %s sent cannot be read: %s", tool.key, wrong)
        outside_calls.note_heard(tool.pk, now, str(wrong))
        return _no(400, str(wrong))
    outside_calls.note_heard(tool.pk, now)
    return answer


_READ: dict[str, Callable[[bytes], Word]] = {EVENTS_V2: read_pagerduty, WEBHOOK: read_own}


def _taken(tool: OutsideTool, body: bytes, now: datetime) -> HttpResponse:
    return JsonResponse(vars(take(tool, read_alerts(body), now)))


def _said(tool: OutsideTool, word: Word, now: datetime) -> HttpResponse:
    """PagerDuty gives an address up that refuses what it says: it gets a 200 for whatever was understood."""
    answer = hear(tool, word, now)
    status = _REFUSED.get(answer.outcome, 200) if tool.kind == WEBHOOK else 200
    return JsonResponse({"outcome": answer.outcome, "alert": answer.alert_id}, status=status)


def _no(status: int, message: str, retry: int = 0) -> HttpResponse:
    answer = JsonResponse({"error": message}, status=status)
    if retry:
        answer.headers["Retry-After"] = str(retry)
    return answer
