"""Parts of the page of an article: how its text will look, its files, and the organizations to choose from."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.article_page import article_of, attached, look
from answerable.desk.asked import words_in
from answerable.knowledge.actions import LONGEST
from answerable.knowledge.desk_queries import named
from answerable.knowledge.file_actions import add_files, remove_file
from answerable.lib import clock
from answerable.lib.uploads import read_all
from answerable.people.access import PersonRequest, staff_only
from answerable.people.organization_queries import search

FEW = 10


def number(text: str) -> int | None:
    """An id in a form; None for a mangled one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


@require_POST
@staff_only
def preview(request: PersonRequest) -> HttpResponse:
    """How the text will look; `article`: whose pictures it may show."""
    text = request.POST.get("text", "")[:LONGEST].replace("\x00", "")
    html = look(number(request.POST.get("article", "")), text)
    return render(request, "desk/_article_look.html", {"html": html})


@require_POST
@staff_only
def attach(request: PersonRequest, pk: int) -> HttpResponse:
    """Files put beside the article while it is written."""
    add_files(request.user, article_of(pk).pk, read_all(request.FILES.getlist("files")), clock.now())
    return _files(request, pk)


@require_POST
@staff_only
def detach(request: PersonRequest, pk: int, file: int) -> HttpResponse:
    """One of them taken off."""
    remove_file(request.user, pk, file, clock.now())
    if "text/html" in request.headers.get("Accept", "") and not request.htmx:
        return redirect("desk:article", pk=pk)
    return _files(request, pk)


def _files(request: PersonRequest, pk: int) -> HttpResponse:
    return render(request, "desk/_article_files.html", dict(attached(pk)))


@require_safe
@staff_only
def organizations(request: PersonRequest) -> HttpResponse:
    """Those that are ticked, and those that the search finds."""
    ticked = [pk for pk in map(number, request.GET.getlist("organization")) if pk is not None][:100]
    text = words_in(request.GET, "find", 100)
    rows = [(row.pk, row.name) for row in search(text, None).rows if row.pk not in ticked] if text else []
    context = {"organizations": named(ticked), "found": rows[:FEW], "find": text}
    return render(request, "desk/_article_organizations.html", context)
