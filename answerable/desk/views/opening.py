"""A new request for a customer: first for whom, found as one types, then what it is about, beside what is open."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.opening_actions import Wanted, may_open, open_for
from answerable.desk.asked import words_in
from answerable.desk.frame import frame
from answerable.desk.new_forms import NewForm
from answerable.desk.opening import Whom, organization_of, whom
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.uploads import read_all
from answerable.people.access import PersonRequest, staff_only
from answerable.people.actions import contact
from answerable.people.models import Person
from answerable.people.person_queries import search
from answerable.people.queries import assignable, by_email, staff, teams
from answerable.sla.queries import severities, terms
from answerable.tickets import access
from answerable.tickets import tags as tag_words
from answerable.tickets.near_queries import SHOWN, open_near

FOUND = 8


@require_safe
@staff_only
def new(request: PersonRequest) -> HttpResponse:
    """For whom; with a person or an address, the form."""
    _require(request.user)
    for_whom = _whom(request.GET)
    if for_whom is not None:
        return _page(request, for_whom, _form(for_whom, initial=_initial(for_whom)))
    words = words_in(request.GET, "q", 200)
    found = {"words": words, "people": search(words, None).rows[:FOUND] if words else [], "address": _unknown(words)}
    if request.htmx:
        return render(request, "desk/_new_whom.html", found)
    context = found | {"view_title": _("New request")}
    return render(request, "desk/new_whom.html", context | frame(request.user, "new", clock.now()))


def _require(person: Person) -> None:
    access.require(may_open(person), _("Only your team may open requests for others."))


def _unknown(words: str) -> str:
    """The address that was typed, where nobody has it."""
    address = words.lower()
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return "" if len(address) > 254 or by_email(address) else address


def _whom(given: Any) -> Whom | None:
    person, address = given.get("person", ""), given.get("address", "").replace("\x00", "").strip().lower()[:254]
    if person.isdecimal() and len(person) < 19:
        return whom(int(person))
    if _unknown(address):
        return Whom(None, address)
    known = by_email(address) if address else None
    return whom(known.pk) if known else None


def _form(for_whom: Whom, *args: Any, **kwargs: Any) -> NewForm:
    agents, all_teams = assignable()
    form = NewForm(
        *args,
        organizations=[(one.pk, one.name) for one in for_whom.organizations],
        severities=[(key, f"{key} {value['name']}") for key, value in severities().items()],
        teams=all_teams,
        agents=agents,
        **kwargs,
    )
    if for_whom.person is not None:
        del form.fields["name"]
    return form


def _initial(for_whom: Whom) -> dict[str, object]:
    first = next(iter(for_whom.organizations), None)
    return {
        "person": for_whom.person.pk if for_whom.person else "",
        "address": for_whom.address,
        "once": get_random_string(24),
        "severity": terms().default_severity,
        "organization": first.pk if first else "",
    }


def _page(request: PersonRequest, for_whom: Whom, form: NewForm, status: int = 200) -> HttpResponse:
    now = clock.now()
    near = []
    if for_whom.person is not None:
        first = next(iter(for_whom.organizations), None)
        near = open_near(request.user, for_whom.person.pk, first.pk if first else None, now)
    context = {
        "view_title": _("New request"),
        "whom": for_whom,
        "form": form,
        "near": near[:SHOWN],
        "near_more": len(near) > SHOWN,
    }
    return render(request, "desk/new.html", context | frame(request.user, "new", now), status=status)


@require_POST
@staff_only
def create(request: PersonRequest) -> HttpResponse:
    """The request; what is wrong is said beside its field, and nothing that was written is lost."""
    _require(request.user)
    now = clock.now()
    for_whom = _whom(request.POST)
    if for_whom is None:
        raise Refused("not_found", _("Say first for whom the request is."))
    form = _form(for_whom, request.POST, request.FILES)
    if form.is_valid():
        try:
            ticket = _open(request, for_whom, form.cleaned_data, now)
        except Refused as refused:
            form.add_error(None, refused.message)
        else:
            return redirect("desk:ticket", number=ticket.number)
    return _page(request, for_whom, form, status=422)


def _open(request: PersonRequest, for_whom: Whom, data: dict[str, Any], now: Any) -> Any:
    said = data["said"] == "yes"
    with transaction.atomic():
        requester = for_whom.person or contact(for_whom.address, data.get("name", ""), now)
        wanted = Wanted(
            requester=requester,
            organization=organization_of(for_whom, data.get("organization"), requester),
            said=said,
            subject=data["subject"],
            text=data["text"],
            severity=data["severity"],
            once=data["once"],
            why=data["why"],
            team=teams().filter(pk=data.get("team") or 0).first(),
            assignee=staff().filter(pk=data["assignee"] or 0).first(),
            tags=tag_words.read(data["tags"]),
            cc=data["cc"],
            files=read_all(data["enclosed"]),
            status=data["status"] or ("" if said else "pending"),
        )
        return open_for(request.user, wanted, now)
