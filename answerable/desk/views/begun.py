"""What is being written, kept while one types: the text, its files, and how it will look."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import begun_actions, note_actions
from answerable.desk.begun import field
from answerable.desk.forms import MOST_TEXT
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown, safe
from answerable.lib.uploads import CAPS, read_all
from answerable.people.access import PersonRequest, staff_only
from answerable.people.queries import staff
from answerable.tickets import access
from answerable.tickets.begun import KINDS, Typed, states

LONGEST_LINE = 2_000


@require_POST
@staff_only
def save(request: PersonRequest, number: int, kind: str) -> HttpResponse:
    """Keep what was typed; JSON: the mark to go on from, or (409) what stands there instead."""
    now = clock.now()
    _known(kind)
    ticket, _standing = find(request.user, number, now)
    try:
        mark = begun_actions.save(request.user, ticket, kind, _typed(request), now)
    except Refused as refused:
        if refused.code != "conflict":
            raise
        return JsonResponse({"message": refused.message, **refused.data}, status=409)
    return JsonResponse({"mark": mark})


def _typed(request: PersonRequest) -> Typed:
    said = {name: request.POST.get(name, "").replace("\x00", "") for name in ("text", "mark", "cc", "tags", "aside")}
    if len(said["text"]) > MOST_TEXT:
        raise Refused("too_long", _("That is longer than %(most)s characters.") % {"most": MOST_TEXT})
    return Typed(
        text=said["text"].replace("\r\n", "\n"),
        bases=tuple(base.replace("\x00", "")[:32] for base in request.POST.getlist("base")[:20]) or ("",),
        mark=said["mark"].lstrip("~")[:32] or get_random_string(16),
        cc=said["cc"][:LONGEST_LINE],
        tags=tuple(tag.strip()[:64] for tag in said["tags"][:LONGEST_LINE].split(",") if tag.strip()),
        aside=int(said["aside"]) if said["aside"].isdecimal() and len(said["aside"]) < 19 else None,
    )


def _known(kind: str) -> None:
    if kind not in KINDS:
        raise Refused("not_found", _("There is no such page."))


@require_safe
@staff_only
def state(request: PersonRequest, number: int, kind: str) -> HttpResponse:
    """What stands there now, for a tab that is looked at again."""
    _known(kind)
    ticket, _standing = find(request.user, number, clock.now())
    there = field(kind, states(request.user.pk, ticket.pk).get(kind))
    return JsonResponse({"mark": there.mark, "text": there.text, "cc": there.cc, "tags": there.tags})


@require_POST
@staff_only
def attach(request: PersonRequest, number: int, kind: str) -> HttpResponse:
    """Keep files with it; answers with all of them."""
    now = clock.now()
    _known(kind)
    ticket, _standing = find(request.user, number, now)
    begun_actions.attach(request.user, ticket, kind, read_all(request.FILES.getlist("files")), now)
    return _files(request, ticket.pk, number, kind)


@require_POST
@staff_only
def detach(request: PersonRequest, number: int, kind: str, pk: int) -> HttpResponse:
    """Take one off."""
    _known(kind)
    ticket, _standing = find(request.user, number, clock.now())
    begun_actions.detach(request.user, ticket, kind, pk)
    return _files(request, ticket.pk, number, kind)


def _files(request: PersonRequest, ticket_id: int, number: int, kind: str) -> HttpResponse:
    there = field(kind, states(request.user.pk, ticket_id).get(kind))
    return render(request, "desk/_begun_files.html", {"field": there, "number": number, "caps": CAPS.words})


@require_POST
@staff_only
def look(request: PersonRequest, number: int, kind: str) -> HttpResponse:
    """How it will look: made as what is sent is made."""
    _known(kind)
    find(request.user, number, clock.now())
    text = request.POST.get("text", "")[:MOST_TEXT].replace("\r\n", "\n").replace("\x00", "").strip()
    html = note_actions.look(text) if kind == "note" else from_markdown(text)
    return render(request, "desk/_look.html", {"html": safe(html), "kind": kind})


@require_safe
@staff_only
def colleagues(request: PersonRequest, number: int) -> HttpResponse:
    """Who may be named in a note by "@": JSON, with who would not be told because they may not see the request."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    return JsonResponse(
        {
            "people": [
                {"id": one.pk, "name": one.label, "sees": access.works(one, ticket)}
                for one in staff()
                if one.pk != request.user.pk
            ]
        }
    )
