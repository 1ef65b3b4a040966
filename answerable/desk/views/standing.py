"""Who is CC'd on every request of an organization: first on how many open ones that would be, then the act; its end."""

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.standing_actions import end_standing, set_standing
from answerable.desk.organization_forms import StandingForm
from answerable.desk.views.grants import Ending, Offer, cared_for, offered, shown_before_its_end
from answerable.desk.views.organization_verbs import back_to
from answerable.lib import clock
from answerable.lib.forms import checked
from answerable.lib.zones import end_of
from answerable.people.access import PersonRequest, staff_only
from answerable.people.person_queries import person
from answerable.people.standing_queries import standing
from answerable.tickets.organization_queries import loss_of_standing, standing_preview


@require_safe
@staff_only
def new(request: PersonRequest, slug: str) -> HttpResponse:
    """Whom to CC, and on how much."""
    names = ("desk:standing_new", "desk:standing")
    title = _("CC somebody on each request")
    return offered(request, slug, Offer("desk/standing_new.html", title, *names, standing_preview, StandingForm))


@require_POST
@staff_only
def begin(request: PersonRequest, slug: str) -> HttpResponse:
    """From now on."""
    row = cared_for(request, slug)
    data = checked(StandingForm(request.POST))
    until = end_of(data["until"], row.zone) if data["until"] else None
    set_standing(request.user, person(data["person"]), row, until, clock.now(), open_too=data["open_too"])
    return back_to(request, slug)


@require_safe
@staff_only
def over(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """What the end of a standing CC takes."""
    row = cared_for(request, slug)
    found = standing(row, pk)
    words = _("They leave every request that this put them on, at once, and are told by mail.")
    ending = Ending(_("End the CC of %(name)s"), words, _("End it now"), "desk:standing_end")
    return shown_before_its_end(request, row, found, loss_of_standing(found, clock.now()), ending)


@require_POST
@staff_only
def end(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Over, on every request."""
    row = cared_for(request, slug)
    end_standing(request.user, standing(row, pk).pk, clock.now())
    return back_to(request, slug)
