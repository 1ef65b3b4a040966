"""Canned replies: the menu of the composer, and the pages where they are written."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework import canned_actions
from answerable.casework.canned_actions import Spec, may_change, spec_of
from answerable.desk.asked import words_in
from answerable.desk.canned_forms import CannedForm
from answerable.desk.frame import frame
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown, safe
from answerable.people.access import PersonRequest, staff_only
from answerable.people.models import Person, Role
from answerable.people.queries import teams, teams_of
from answerable.tickets.canned import Canned, Scope, canned_managed, find_canned, find_one, versions_of
from answerable.tickets.placeholders import PLACES, fill, problems
from answerable.tickets.queries import latest_number

VERSIONS = 20


@require_safe
@staff_only
def menu(request: PersonRequest, number: int) -> HttpResponse:
    """What the menu finds, each as it would be put in."""
    ticket, _standing = find(request.user, number, clock.now())
    q = words_in(request.GET, "q", 100)
    rows = canned_actions.filled(request.user, ticket, find_canned(request.user, q))
    return render(request, "desk/_canned_menu.html", {"rows": rows, "q": q, "number": number})


@require_POST
@staff_only
def put(request: PersonRequest, number: int, pk: int) -> HttpResponse:
    """One for the reply: JSON."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    row, filled = canned_actions.put(request.user, ticket, pk, now)
    said = {"text": filled.text, "missing": list(filled.missing), "status": row.status, "tags": row.tags}
    return JsonResponse(said)


@require_safe
@staff_only
def show_all(request: PersonRequest) -> HttpResponse:
    """What there is, by folder."""
    now, deleted = clock.now(), "deleted" in request.GET
    rows = [(row, may_change(request.user, row)) for row in canned_managed(request.user, deleted=deleted)]
    context = {"view_title": _("Canned replies"), "rows": rows, "is_deleted": deleted}
    return render(request, "desk/canned.html", context | frame(request.user, "canned", now))


@require_safe
@staff_only
def new(request: PersonRequest) -> HttpResponse:
    """A form for another one."""
    scopes = _scopes(request.user)
    return _page(request, None, _form(request.user, initial={"scope": scopes[-1]}))


@require_POST
@staff_only
def create(request: PersonRequest) -> HttpResponse:
    """Keep it."""
    form = _form(request.user, request.POST)
    wrong = _refusal(form)
    if not wrong:
        try:
            row = canned_actions.write(request.user, form.spec(), clock.now())
        except Refused as refused:
            wrong = refused.message
        else:
            messages.success(request, _("“%(name)s” is in the menu now.") % {"name": row.name})
            return redirect("desk:canned")
    return _page(request, None, form, status=422, refused=wrong)


@require_safe
@staff_only
def show(request: PersonRequest, pk: int) -> HttpResponse:
    """One of them: its form, how it looks, and what it was."""
    row = _find(request.user, pk)
    return _page(request, row, _form(request.user, initial=_initial(spec_of(row)), row=row))


@require_POST
@staff_only
def save(request: PersonRequest, pk: int) -> HttpResponse:
    """Say it otherwise from now on."""
    row = _find(request.user, pk)
    form = _form(request.user, request.POST, row=row)
    wrong, status = _refusal(form), 422
    if not wrong:
        try:
            canned_actions.change(request.user, pk, form.spec(), _number(request.POST.get("seen", "")), clock.now())
        except Refused as refused:
            if refused.code in {"not_allowed", "not_found"}:
                raise
            wrong, status = refused.message, 409 if refused.code == "conflict" else 422
        else:
            messages.success(request, _("Saved."))
            return redirect("desk:canned_one", pk=pk)
    return _page(request, row, form, status=status, refused=wrong)


@require_POST
@staff_only
def delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Take it out of the menu; its page offers to bring it back."""
    row = canned_actions.delete(request.user, pk, clock.now())
    messages.success(request, _("“%(name)s” is deleted. It can be brought back from here.") % {"name": row.name})
    return redirect("desk:canned_one", pk=pk)


@require_POST
@staff_only
def restore(request: PersonRequest, pk: int) -> HttpResponse:
    """Bring it back."""
    row = canned_actions.delete(request.user, pk, clock.now(), deleted=False)
    messages.success(request, _("“%(name)s” is in the menu again.") % {"name": row.name})
    return redirect("desk:canned_one", pk=pk)


@require_POST
@staff_only
def look(request: PersonRequest) -> HttpResponse:
    """How it looks on a real request."""
    context = _preview(request.user, request.POST.get("body", ""), request.POST.get("number", ""), clock.now())
    return render(request, "desk/_canned_look.html", context)


def _find(person: Person, pk: int) -> Canned:
    row = find_one(pk)
    if row is None or (row.scope == Scope.PERSONAL and row.owner_id != person.pk):
        raise Refused("not_found", _("There is no such canned reply."))
    return row


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 19 else 0


def _scopes(person: Person, row: Canned | None = None) -> list[str]:
    """For whom this person may write."""
    every = [Scope.PERSONAL.value]
    if person.role in {Role.LEAD, Role.ADMIN}:
        every += [Scope.TEAM.value, Scope.SHARED.value]
    elif teams_of(person).ids:
        every.append(Scope.TEAM.value)
    if row is not None and row.scope not in every:
        every.append(row.scope)
    return every


def _form(person: Person, *args: object, row: Canned | None = None, **kwargs: object) -> CannedForm:
    everywhere = person.role in {Role.LEAD, Role.ADMIN}
    mine = [(team.pk, team.name) for team in teams() if everywhere or team.pk in teams_of(person).ids]
    if row is not None and row.team is not None and row.team_id not in dict(mine):
        mine.append((row.team.pk, row.team.name))
    return CannedForm(*args, scopes=_scopes(person, row), teams=mine, **kwargs)


def _initial(spec: Spec) -> dict[str, object]:
    return vars(spec) | {"tags": ", ".join(spec.tags)}


def _refusal(form: CannedForm) -> str:
    return "" if form.is_valid() else _("Something below needs mending.")


def _page(
    request: PersonRequest, row: Canned | None, form: CannedForm, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    now = clock.now()
    context = {
        "view_title": row.name if row else _("New canned reply"),
        "row": row,
        "form": form,
        "refused": refused,
        "may_change": row is None or may_change(request.user, row),
        "places": list(PLACES.items()),
        "versions": versions_of(row.pk, VERSIONS) if row else [],
        **_preview(request.user, str(form["body"].value() or ""), request.POST.get("number", ""), now),
    }
    return render(request, "desk/canned_one.html", context | frame(request.user, "canned", now), status=status)


def _preview(person: Person, body: str, number: str, now: datetime) -> dict[str, object]:
    """With a request that this person may see: the latest, unless they name one."""
    body = body.replace("\r\n", "\n").replace("\x00", "")
    wrong = problems(body) if body.strip() else []
    asked, missing, html = _number(number) or latest_number(person, now), "", ""
    waiting: tuple[str, ...] = ()
    if asked and body.strip() and not wrong:
        try:
            ticket, _standing = find(person, asked, now)
        except Refused as refused:
            missing = refused.message
        else:
            filled = fill(body, canned_actions.values(person, ticket))
            html, waiting = from_markdown(filled.text), filled.missing
    return {
        "number": asked or "",
        "problems": wrong,
        "missing": missing,
        "waiting": waiting,
        "html": safe(html),
    }
