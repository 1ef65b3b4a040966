"""Follow a ticket or no longer; snooze it until later, or wake it."""

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from answerable.casework.follow_actions import follow, unfollow
from answerable.casework.snooze_actions import snooze, unsnooze
from answerable.desk.snoozing import read
from answerable.desk.views.sorting import answered
from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.people.access import PersonRequest, staff_only


@require_POST
@staff_only
def set_following(request: PersonRequest, number: int) -> HttpResponse:
    """Follow it ("yes"), or no longer."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    (follow if request.POST.get("follow") == "yes" else unfollow)(request.user, ticket.pk, now)
    return answered(request, number)


@require_POST
@staff_only
def set_snooze(request: PersonRequest, number: int) -> HttpResponse:
    """Until a moment; "wake": back at once."""
    now = clock.now()
    ticket, _standing = find(request.user, number, now)
    if request.POST.get("until") == "wake":
        unsnooze(request.user, ticket.pk, now)
    else:
        snooze(request.user, ticket.pk, read(request.POST.get("at") or request.POST.get("until", "")), now)
    return answered(request, number)
