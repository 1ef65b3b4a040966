"""Who is CC'd on every request of an organization: first on how many open ones that would be, then the act; its end."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from answerable.casework.standing_actions import end_standing, set_standing
from answerable.desk.frame import frame
from answerable.desk.organization_forms import StandingForm
from answerable.desk.views.grants import cared_for, wanted
from answerable.desk.views.organization_verbs import back_to
from answerable.lib import clock
from answerable.lib.forms import checked
from answerable.lib.zones import end_of
from answerable.people.access import PersonRequest, staff_only
from answerable.people.person_queries import person
from answerable.people.queries import organizations_of
from answerable.people.standing_queries import standing
from answerable.tickets.organization_queries import loss_of_standing, standing_preview


@require_safe
@staff_only
def new(request: PersonRequest, slug: str) -> HttpResponse:
    """Whom to CC, and on how much."""
    now = clock.now()
    row = cared_for(request, slug)
    to, address_form = wanted(request)
    context: dict[str, object] = {
        "view_title": _("CC somebody on each request"),
        "organization": row,
        "address_form": address_form,
        "to": to,
    }
    if to is not None:
        belongs = list(organizations_of(to))
        context |= {
            "opens": standing_preview(to, row),
            "belongs": [one.name for one in belongs],
            "is_member": row in belongs,
            "form": StandingForm(initial={"person": to.pk}, auto_id="standing-%s"),
        }
    return render(request, "desk/standing_new.html", context | frame(request.user, "organizations", now))


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
    """How much somebody would no longer see, before it is so."""
    now = clock.now()
    row = cared_for(request, slug)
    found = standing(row, pk)
    context = {
        "view_title": _("End the CC of %(name)s") % {"name": found.person.label},
        "organization": row,
        "who": found.person,
        "loss": loss_of_standing(found, now),
        "words": _("They leave every request that this put them on, at once, and are told by mail."),
        "button": _("End it now"),
        "action": reverse("desk:standing_end", kwargs={"slug": slug, "pk": pk}),
    }
    return render(request, "desk/access_over.html", context | frame(request.user, "organizations", now))


@require_POST
@staff_only
def end(request: PersonRequest, slug: str, pk: int) -> HttpResponse:
    """Over, on every request."""
    row = cared_for(request, slug)
    end_standing(request.user, standing(row, pk).pk, clock.now())
    return back_to(request, slug)
