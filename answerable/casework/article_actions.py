"""An article from a request: its public words without the customer, and the request remembers it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.neutral import Known, hosts_in, names_in, neutral, unsigned
from answerable.casework.settle import settle
from answerable.knowledge.access import may_write
from answerable.knowledge.actions import Origin, Place, Text
from answerable.knowledge.actions import begin as begin_article
from answerable.knowledge.models import Translation
from answerable.lib.domains import is_free_mail
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.naming_queries import colleagues, known_domains, known_organizations, known_people, names_of
from answerable.people.queries import actor_of, organizations_of
from answerable.tickets import access
from answerable.tickets.actions import Change
from answerable.tickets.models import Ticket
from answerable.tickets.told_queries import Conversation, conversation


@dataclass(frozen=True)
class Words:
    """What an article may begin with, to be read through."""

    title: str
    text: str


def words_for_article(by: Person, ticket: Ticket, now: datetime) -> Words:
    """The public conversation without customer data. Raises Refused for a sensitive request; notes are never asked."""
    _require(by, ticket, now)
    told = conversation(ticket)
    clean = neutral(_known(ticket, told))
    parts: list[str] = []
    last = None
    for one in told.entries:
        text = clean(unsigned(one.text))
        if not text:
            continue
        if one.from_staff != last:
            parts.append(_("## Answer") if one.from_staff else _("## Question"))
            last = one.from_staff
        parts.append(text)
    return Words(clean(ticket.subject)[:200], "\n\n".join(parts))


def write_article(by: Person, origin: Origin, place: Place, text: Text, now: datetime) -> Translation:
    """Begin an article from the request that `origin` names, whose history says so. Raises Refused."""
    assert origin.ticket is not None
    with transaction.atomic():
        ticket = access.lock(origin.ticket)
        _require(by, ticket, now)
        change = Change(ticket=ticket, actor=actor_of(by), at=max(now, ticket.last_event_at))
        row = begin_article(by, place, text, now, origin)
        change.event("article", article=row.article_id)
        settle(change, "write_article")
    return row


def _require(by: Person, ticket: Ticket, now: datetime) -> None:
    standing = access.standing(by, ticket, now)
    if not access.may_see_notes(standing):
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    access.require(access.may_work(standing) and may_write(by))
    if ticket.sensitive:
        words = _("The request is sensitive: its words stay in it. Write the article with words of your own.")
        raise Refused("sensitive", words)


def _known(ticket: Ticket, told: Conversation) -> Known:
    """Everybody who took part, everybody of their organizations, and whoever else the words name in full."""
    every = " ".join([ticket.subject, *(one.text for one in told.entries)])
    customers = [one for one in told.people if not one.is_staff]
    ids = {ticket.organization_id, *(one.pk for person in customers for one in organizations_of(person))}
    organizations = [pk for pk in ids if pk is not None]
    said, hosts = names_in(every), hosts_in(every)
    everybody = [*customers, *colleagues(organizations), *known_people(said)]
    return Known(
        customers=[one.name for one in everybody if one.name],
        staff=[one.name for one in told.people if one.is_staff and one.name],
        organizations=[*names_of(organizations), *known_organizations(said)],
        domains=[*known_domains(hosts, organizations), *_domains(everybody)],
        files=told.files,
        addresses=[one.email for one in everybody],
    )


def _domains(people: Iterable[Person]) -> set[str]:
    found = {one.email.rpartition("@")[2].lower() for one in people}
    return {one for one in found if one and not is_free_mail(one)}
