"""The same for a reply. It tells of notes and held mail, so no verb that speaks to customers may reach it."""

from django.utils.translation import gettext as _

from answerable.casework.meeting import MET
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.tickets.since import Seen, came_since


def require_seen(author: Person, ticket_id: int, seen: Seen | None) -> None:
    """Raises Refused where something came that the author's page did not show. None: the page did not say."""
    if seen is None:
        return
    came = came_since(ticket_id, author.pk, seen)
    if came:
        words = _("Not sent yet: something came meanwhile. Read it, then send once more.")
        raise Refused(MET, words, came=[(one.kind, one.id) for one in came])
