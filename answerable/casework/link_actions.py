"""The links in mails that show one request without logging in: opened, and revoked."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.actions import begin
from answerable.casework.links import read_reading
from answerable.casework.settle import settle
from answerable.lib.browsers import browser
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets import access, copying
from answerable.tickets.link_queries import ended_at, linked, reached
from answerable.tickets.models import LinkOpening, Ticket

# Each is a row: who has the link cannot fill the database with it.
OPENED_AN_HOUR = 60


def find_by_link(token: str, now: datetime) -> tuple[Ticket, Person]:
    """The request that the link opens, and as whom. Raises Refused where it opens nothing (any more).

    Access is asked again: who no longer sees the request does not by an older mail either.
    """
    link = read_reading(token, now)
    found = reached(link.ticket_id, link.person_id, now) if link else None
    if link is None or found is None:
        raise Refused("not_found", _("This link does not work (any more). Log in to see your requests."))
    end = ended_at(link.ticket_id, link.person_id)
    if vendor().settings.get("mail_links", "read") == "log_in" or (end is not None and link.made_at <= end):
        raise Refused("not_found", _("This link does not work (any more). Log in to see your requests."))
    return found


def note_opening(ticket: Ticket, person: Person, agent: str, now: datetime, *, is_part: bool = False) -> None:
    """List the opening on the request. Raises Refused where there are too many.

    `is_part`: of a page, listed only where the page itself was not, within the last hour.
    """
    if is_part and LinkOpening.objects.filter(ticket=ticket, person=person, at__gt=now - timedelta(hours=1)).exists():
        return
    if not allowed("link", f"{ticket.pk}:{person.pk}", OPENED_AN_HOUR):
        raise Refused("too_many", _("This link was opened very often within the hour. Log in, or wait a little."))
    LinkOpening.objects.create(ticket=ticket, person=person, at=now, browser=browser(agent))


def end_links(by: Person, ticket_id: int, whose: int, now: datetime) -> None:
    """The links that this person's mails about the request have had so far show nothing any more: for staff, and for
    whose they are; on a closed request too."""
    with transaction.atomic():
        change, standing = begin(by, ticket_id, now, closed_too=True)
        access.require(standing.works_it or by.pk == whose)
        person = linked(change.ticket, whose)
        if person is None:
            raise Refused("not_found", _("Nobody's links to this request end by that."))
        copying.end_links(change, by, whose)
        change.event("links_ended", person=person.pk, label=person.label)
        settle(change, "end_links")
