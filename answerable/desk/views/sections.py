"""The sections of the help center: made, renamed, moved, put away and brought back."""

from collections.abc import Callable
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.article_forms import section_in
from answerable.desk.article_page import section_choices
from answerable.desk.frame import frame
from answerable.desk.views.article_parts import number
from answerable.knowledge.access import may_publish
from answerable.knowledge.desk_queries import Shelved, archived_sections, find_section, tree
from answerable.knowledge.languages import LANGUAGES
from answerable.knowledge.section_actions import archive_section, change_section, make_section
from answerable.knowledge.section_moves import bring_section_back, move_section
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """The tree of all."""
    return _page(request)


def _page(request: PersonRequest, refused: str = "", open_pk: int | None = None, status: int = 200) -> HttpResponse:
    """`open_pk`: the section whose form was refused, 0 for the new one; its fields hold what was posted."""
    shelved = tree()
    context = {
        "view_title": _("Sections"),
        "rows": [(one, _parents(shelved, one)) for one in shelved],
        "parents": section_choices([one for one in shelved if one.depth < 2]),
        "archived": archived_sections(),
        "languages": [(key, str(name)) for key, name in LANGUAGES.items()],
        "may_arrange": may_publish(request.user),
        "refused": refused,
        "open_pk": open_pk,
        "posted": request.POST,
    }
    return render(request, "desk/sections.html", context | frame(request.user, "articles", clock.now()), status=status)


def _parents(shelved: list[Shelved], one: Shelved) -> list[tuple[int, str]]:
    """Below which this one may stand: not below itself, and nothing deeper than three."""
    at = shelved.index(one)
    below = {one.section.pk}
    deepest = 0
    for other in shelved[at + 1 :]:
        if other.depth <= one.depth:
            break
        below.add(other.section.pk)
        deepest = max(deepest, other.depth - one.depth)
    return section_choices([row for row in shelved if row.section.pk not in below and row.depth + deepest < 2])


@require_POST
@staff_only
def save(request: PersonRequest) -> HttpResponse:
    """A new one, or `section` otherwise."""
    pk, now = number(request.POST.get("section", "")), clock.now()
    try:
        if pk is None:
            section = make_section(request.user, section_in(request.POST, 9999), now)
        else:
            old = find_section(pk)
            section = change_section(request.user, pk, section_in(request.POST, old.position, old.external_id), now)
    except Refused as refused:
        if refused.code in {"not_allowed", "not_found"}:
            raise
        return _page(request, refused.message, pk or 0, 422)
    messages.success(request, _("“%(title)s” is saved.") % {"title": section.title})
    return redirect("desk:sections")


Act = Callable[[Person, int, datetime], object]
_ACTS: dict[str, Act] = {
    "up": lambda by, pk, now: move_section(by, pk, -1, now),
    "down": lambda by, pk, now: move_section(by, pk, 1, now),
    "archive": archive_section,
    "bring-back": bring_section_back,
}


@require_POST
@staff_only
def act(request: PersonRequest, pk: int, what: str) -> HttpResponse:
    """Up, down, away or back."""
    if what not in _ACTS:
        raise Refused("not_found", _("There is no such thing to do."))
    _ACTS[what](request.user, pk, clock.now())
    words = {"archive": _("It is put away, and can be brought back below."), "bring-back": _("It is back.")}
    if what in words:
        messages.success(request, words[what])
    return redirect("desk:sections")
