"""How a person wants to be told: by kind, and when they want to be left alone."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.desk.frame import frame
from answerable.desk.wish_forms import QuietForm, kinds_of, zones
from answerable.lib import clock
from answerable.notify.kinds import KINDS, Wish
from answerable.notify.wishes import Asked, asked_by, wish_so
from answerable.people.access import PersonRequest, administers, staff_only
from answerable.people.models import Person
from answerable.people.queries import vendor


@require_safe
@staff_only
def show(request: PersonRequest) -> HttpResponse:
    """As it is."""
    asked = asked_by(request.user.pk)
    kinds = {line: asked.wish(line) for line in _lines(request.user)}
    return _page(request, kinds, QuietForm(initial=_initial(request.user, asked)))


@require_POST
@staff_only
def save(request: PersonRequest) -> HttpResponse:
    """From now on, so; what is wrong comes back with all that was chosen."""
    kinds, form = kinds_of(request.POST.dict(), _lines(request.user)), QuietForm(request.POST)
    if not form.is_valid():
        return _page(request, kinds, form, status=422)
    wish_so(request.user, kinds, form.quiet(), form.cleaned_data["zone"], clock.now())
    messages.success(request, _("Saved. You are told so from now on."))
    return redirect("desk:wishes")


def _lines(person: Person) -> list[str]:
    return [line for line, kind in KINDS.items() if not kind.admins or administers(person)]


def _initial(person: Person, asked: Asked) -> dict[str, object]:
    found: dict[str, object] = {"zone": asked.zone or person.zone or vendor().zone or "UTC", "days": list("01234")}
    if asked.quiet:
        found |= {"start": asked.quiet.start, "end": asked.quiet.end, "days": list(map(str, asked.quiet.days))}
    return found


def _page(request: PersonRequest, kinds: dict[str, Wish], form: QuietForm, *, status: int = 200) -> HttpResponse:
    context = {
        "view_title": _("How I am told"),
        "rows": [(line, _(KINDS[line].title), KINDS[line].wider, wish) for line, wish in kinds.items()],
        "form": form,
        "zones": zones(),
    }
    return render(request, "desk/wishes.html", context | frame(request.user, "notices", clock.now()), status=status)
