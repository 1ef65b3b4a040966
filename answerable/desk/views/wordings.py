"""What our mails say, for administrators: each text, a look at it with a real request, its versions."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.previews import preview
from answerable.casework.wording_actions import change_wording, restore_wording
from answerable.casework.wordings import LANGUAGE, MAILS, of_the_file, source
from answerable.desk.frame import frame
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.html import safe
from answerable.mail.queries import latest_wordings, wording_history
from answerable.mail.wording import LONGEST, problems
from answerable.people.access import PersonRequest, admins_only
from answerable.people.models import Person
from answerable.policy.queries import line_of
from answerable.tickets.access import find
from answerable.tickets.queries import latest_number

VERSIONS = 50


@require_safe
@admins_only
def show_all(request: PersonRequest) -> HttpResponse:
    """Every text, and who changed it last."""
    changed, owned = latest_wordings(), of_the_file()
    rows = [
        (key, one.title, one.about, changed.get((key, LANGUAGE)) if owned is None else None, key in (owned or {}))
        for key, one in MAILS.items()
    ]
    line = line_of("mail", "texts") if owned is not None else None
    context = {"view_title": _("What our mails say"), "rows": rows, "line": line, "is_owned": owned is not None}
    return render(request, "desk/wordings.html", context | frame(request.user, "wordings", clock.now()))


@require_safe
@admins_only
def show(request: PersonRequest, key: str) -> HttpResponse:
    """One text as it holds."""
    _known(key)
    return _page(request, key, Draft(source(key), request.GET.get("number", "")))


@require_POST
@admins_only
def look(request: PersonRequest, key: str) -> HttpResponse:
    """What a text that is not saved would say; as a fragment, the preview alone."""
    _known(key)
    draft = _draft(request)
    if request.htmx:
        context = {"now": clock.now(), **_preview(request.user, key, draft, clock.now())}
        return render(request, "desk/_wording_preview.html", context)
    return _page(request, key, draft)


@require_POST
@admins_only
def save(request: PersonRequest, key: str) -> HttpResponse:
    """Say it so from now on; what is wrong comes back by line, with the text."""
    _known(key)
    draft = _draft(request)
    if problems(draft.text, MAILS[key].places):
        return _page(request, key, draft, status=422)
    try:
        change_wording(request.user, key, draft.text, _number(request.POST.get("seen", "")), clock.now())
    except Refused as refused:
        if refused.code != "conflict":
            raise
        return _page(request, key, draft, status=409, refused=refused.message)
    messages.success(request, _("Saved. Mails say it so from now on."))
    return redirect("desk:wording", key=key)


@require_POST
@admins_only
def restore(request: PersonRequest, key: str) -> HttpResponse:
    """Back to a version, or to the built-in text."""
    _known(key)
    version, seen = request.POST.get("version", ""), _number(request.POST.get("seen", ""))
    restore_wording(request.user, key, _number(version) if version else None, seen, clock.now())
    messages.success(request, _("That text holds again."))
    return redirect("desk:wording", key=key)


@dataclass(frozen=True)
class Draft:
    """A text under way, and the number of the request to look at it with."""

    text: str
    number: str


def _draft(request: PersonRequest) -> Draft:
    text = request.POST.get("text", "").replace("\r\n", "\n").replace("\x00", "")
    return Draft(text[: LONGEST + 1], request.POST.get("number", ""))


def _known(key: str) -> None:
    if key not in MAILS:
        raise Refused("not_found", _("There is no such mail."))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _page(request: PersonRequest, key: str, draft: Draft, *, status: int = 200, refused: str = "") -> HttpResponse:
    now, mail = clock.now(), MAILS[key]
    versions, owned = wording_history(key, LANGUAGE, VERSIONS), of_the_file()
    context = {
        "view_title": _(mail.title),
        "key": key,
        "about": mail.about,
        "places": list(mail.places.items()),
        "text": draft.text,
        "seen": versions[0].pk if versions else 0,
        "is_built_in": key not in owned if owned is not None else not versions or not versions[0].text,
        "versions": versions,
        "built_in": mail.built_in(),
        "refused": refused,
        "is_owned": owned is not None,
        "line": line_of("mail", "texts", key) or line_of("mail", "texts") if owned is not None else None,
        **_preview(request.user, key, draft, now),
    }
    return render(request, "desk/wording.html", context | frame(request.user, "wordings", now), status=status)


def _preview(person: Person, key: str, draft: Draft, now: datetime) -> dict[str, object]:
    """What is wrong; else the mail, with a request that this person may see."""
    wrong = problems(draft.text, MAILS[key].places)
    number = _number(draft.number) or latest_number(person, now)
    shown, missing = None, ""
    if number and not wrong:
        try:
            ticket, _standing = find(person, number, now)
        except Refused as refused:
            missing = refused.message
        else:
            shown = preview(key, draft.text, ticket, person)
    return {
        "number": number or "",
        "problems": [(one.line, str(one)) for one in wrong],
        "missing": missing,
        "shown": shown,
        "main": safe(shown.main) if shown else "",
        "foot": safe(shown.foot) if shown else "",
    }
