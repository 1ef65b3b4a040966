"""Every message that came in, with what became of it and why; administrators decide on what was set aside."""

from datetime import datetime

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.casework.mail_watch import WAITS_FOR
from answerable.desk import mail_words
from answerable.desk.frame import frame
from answerable.desk.message_page import context, headline, public_numbers
from answerable.desk.views.organizations import asked, number
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.mail import room_queries
from answerable.mail.models import RawMail
from answerable.mail.queries import addresses, checkers, raw_mail
from answerable.mail.room_queries import COUNT_CAP, LEAST_WORDS, SHELVES
from answerable.people.access import PersonRequest, admins_only
from answerable.tickets.queries import worked_titles

PAGE = 50


@require_safe
@admins_only
def show(request: PersonRequest) -> HttpResponse:
    """The log, latest first, paged by id: all of it, a tab, or what a search finds."""
    now = clock.now()
    text, before = asked(request), number(request.GET.get("before", ""))
    tab = request.GET.get("tab", "all")
    tab = tab if tab in SHELVES and not text else "all"
    too_short = bool(text) and len(text) < LEAST_WORDS
    found = room_queries.search(text, before) if text and not too_short else room_queries.shelf(tab, before)
    rows = [] if too_short else list(found[: PAGE + 1])
    shown = rows[:PAGE]
    query = {"q": text} if text else {"tab": tab} if tab != "all" else {}
    first = f"{request.path}?{urlencode(query)}" if query else request.path
    page: dict[str, object] = {
        "view_title": _("Mail received"),
        "rows": [(row, mail_words.outcome(row)) for row in _seen(request, shown)],
        "numbers": public_numbers(row.ticket_id for row in shown),
        "tabs": _tabs(request.path, "" if text else tab),
        "tab": tab,
        "q": text,
        "too_short": too_short,
        **_health(now, wanted=not before and not text),
        "first_url": first if before else "",
        "next_url": f"{request.path}?{urlencode(query | {'before': shown[-1].pk})}" if len(rows) > PAGE else "",
    }
    return render(request, "desk/mail.html", page | frame(request.user, "mail", now))


def _health(now: datetime, *, wanted: bool) -> dict[str, object]:
    health = room_queries.health(now) if wanted else None
    late = health is not None and health.oldest_at is not None and health.oldest_at < now - WAITS_FOR
    return {"health": health, "stuck": late}


def _seen(request: PersonRequest, rows: list[RawMail]) -> list[RawMail]:
    """Held mail says what is on its request: it is listed for who sees that request as staff."""
    held = [row.ticket_id for row in rows if row.outcome == "held" and row.ticket_id]
    theirs = worked_titles(request.user, held, clock.now()) if held else {}
    return [row for row in rows if row.outcome != "held" or row.ticket_id in theirs]


def _tabs(path: str, current: str) -> list[tuple[str, str, str, bool]]:
    """Name, address, count ("" for all), is current."""
    counts = room_queries.counts()
    names = {
        "all": _("All"),
        "quarantine": _("Quarantine"),
        "waiting": _("Waiting"),
        "held": _("Held"),
        "auto": _("Automatic"),
        "unmatched": _("Unmatched bounces"),
        "discarded": _("Discarded"),
    }
    return [
        (name, path if key == "all" else f"{path}?tab={key}", _capped(counts.get(key)), key == current)
        for key, name in names.items()
    ]


def _capped(count: int | None) -> str:
    if count is None:
        return ""
    return f"{COUNT_CAP}+" if count >= COUNT_CAP else str(count)


@require_safe
@admins_only
def senders(request: PersonRequest) -> HttpResponse:
    """How each inbox knows that senders are who they say, and who offers to tell: the policy's file decides (E-86)."""
    found = checkers()
    page = {
        "view_title": _("Proof of senders"),
        "inboxes": [(box, found.get(box.address, [])) for box in addresses().inboxes],
    }
    return render(request, "desk/senders.html", page | frame(request.user, "senders", clock.now()))


@require_safe
@admins_only
def message(request: PersonRequest, pk: int) -> HttpResponse:
    """One message: what became of it and why, what it says as text, and what can be done with it."""
    row = find(request, pk)
    page = {"view_title": headline(row)} | context(row)
    return render(request, "desk/message.html", page | frame(request.user, "mail", clock.now()))


@require_safe
@admins_only
def raw(request: PersonRequest, pk: int) -> HttpResponse:
    """The bytes as they came, as a file."""
    row = find(request, pk)
    if row.purged_at is not None:
        raise Refused("not_found", _("The message was let go of when its term was over; only this record is left."))
    response = HttpResponse(bytes(row.body), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="mail-{row.pk}.eml"'
    return response


def find(request: PersonRequest, pk: int) -> RawMail:
    """The message, if this person may read it. Raises Refused."""
    row = raw_mail(pk)
    if row is None or not _seen(request, [row]):
        raise Refused("not_found", _("There is no such message."))
    return row
