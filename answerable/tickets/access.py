"""Who may see and do what with a ticket: DESIGN.md §5 in code. Every read of tickets starts at `visible_to`.

`visible_to` asks the database, `may_see` decides in Python, `seen.visible` is the first in SQL for pages; the tests
prove over generated worlds that all three agree.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec

from django.db.models import Exists, OuterRef, Q, QuerySet

from answerable.lib.errors import Refused
from answerable.people.models import Person, Role
from answerable.people.queries import granted_ids, grants_in_force, teams_of
from answerable.tickets import shown
from answerable.tickets.models import IS_OPEN, NOT_DELETED, OPEN_TO_READERS, Participant, Ticket
from answerable.tickets.seen import asks, visible

P = ParamSpec("P")


def visible_to(person: Person, now: datetime) -> QuerySet[Ticket]:
    """The tickets that this person may see at `now`."""
    if not person.is_active:
        return Ticket.objects.none()
    if not person.is_staff:
        return Ticket.objects.filter(_takes_part(person) | _reads(person, now), _within(person))
    return Ticket.objects.filter(_seen_by_staff(person))


def _seen_by_staff(person: Person) -> Q:
    return worked_by(person) | _takes_part(person) if teams_of(person).shut_in else Q()


def _within(person: Person) -> Q:
    """Where staff see as this person: what those staff see themselves."""
    by = person.seen_by
    if by is None:
        return Q()
    return _seen_by_staff(by) if by.is_staff else Q(pk__isnull=True)


def taking_part(person: Person, role: str) -> QuerySet[Ticket]:
    """The person's own requests (`requester`), or those they are CC'd on (`cc`)."""
    if not person.is_active:
        return Ticket.objects.none()
    mine = Participant.objects.filter(person=person, role=role, pending=False, ended_at__isnull=True)
    return Ticket.objects.filter(_within(person), NOT_DELETED, pk__in=mine.values("ticket"))


def worked_by(person: Person) -> Q:
    """Of the tickets visible to this person, those that they see as staff, with notes."""
    if not person.is_staff:
        return Q(pk__isnull=True)
    if not teams_of(person).shut_in:
        return Q()
    return Q(team__in=teams_of(person).ids) | Q(assignee=person)


def _takes_part(person: Person) -> Q:
    mine = Participant.objects.filter(
        ticket=OuterRef("pk"), person=person, role__in=["requester", "cc"], pending=False, ended_at__isnull=True
    )
    return Q(Exists(mine)) & NOT_DELETED


def _reads(person: Person, now: datetime) -> Q:
    granted = grants_in_force(person, now).values("organization")
    return Q(organization__in=granted) & OPEN_TO_READERS


@dataclass(frozen=True)
class Standing:
    """What one person is to one ticket, at one moment."""

    person_id: int
    role: str
    active: bool
    requester: bool = False
    cc: bool = False
    reader: bool = False
    csm: bool = False
    shut_out: bool = False
    sensitive: bool = False
    unverified: bool = False
    # Staff look with the person's eyes: what there is to see is the same, and nothing is to be done.
    only_seen: bool = False

    @property
    def works_it(self) -> bool:
        """Staff whose work this ticket may be."""
        return self.active and self.role != Role.CUSTOMER and not self.shut_out and not self.only_seen

    @property
    def takes_part(self) -> bool:
        """The requester or somebody CC'd."""
        return self.active and (self.requester or self.cc)


def standing(person: Person, ticket: Ticket, now: datetime) -> Standing:
    """Find out what the person is to the ticket (at most two queries)."""
    on_it = () if ticket.is_deleted else shown.people_on(ticket)
    roles = {row.role for row in on_it if row.person_id == person.pk and not row.pending}
    return Standing(
        person_id=person.pk,
        role=person.role,
        active=person.is_active and not _is_kept_from(person.seen_by, ticket, now),
        requester="requester" in roles,
        cc="cc" in roles,
        reader=not ticket.is_deleted and _is_reader(person, ticket, now),
        csm=_is_csm(person, ticket),
        shut_out=_is_shut_out(person, ticket),
        sensitive=ticket.sensitive,
        unverified=ticket.unverified,
        only_seen=person.seen_by is not None,
    )


def _is_kept_from(by: Person | None, ticket: Ticket, now: datetime) -> bool:
    """Whether there are staff who see as somebody and may not see the ticket themselves."""
    return by is not None and not (by.is_staff and may_see(standing(by, ticket, now)))


def _is_reader(person: Person, ticket: Ticket, now: datetime) -> bool:
    if person.is_staff or ticket.organization_id is None:
        return False
    return ticket.organization_id in granted_ids(person, now)


def _is_csm(person: Person, ticket: Ticket) -> bool:
    if person.role != Role.CSM or ticket.organization is None:
        return False
    return ticket.organization.csm_id == person.pk


def _is_shut_out(person: Person, ticket: Ticket) -> bool:
    if not person.is_staff or not teams_of(person).shut_in:
        return False
    return ticket.team_id not in teams_of(person).ids and ticket.assignee_id != person.pk


def works(person: Person, ticket: Ticket) -> bool:
    """`standing(…).works_it` alone: asks nothing where the person's teams are known."""
    return person.is_staff and not _is_shut_out(person, ticket)


def may_see(s: Standing) -> bool:
    """The ticket, its replies and attachments."""
    if s.works_it or s.takes_part:
        return True
    return s.active and s.reader and not s.sensitive and not s.unverified


def may_see_notes(s: Standing) -> bool:
    """Notes, held mail and staff-only fields."""
    return s.works_it


def _act(rule: Callable[Concatenate[Standing, P], bool]) -> Callable[Concatenate[Standing, P], bool]:
    """Nobody acts with somebody else's eyes."""

    @wraps(rule)
    def may(s: Standing, /, *args: P.args, **kwargs: P.kwargs) -> bool:
        return not s.only_seen and rule(s, *args, **kwargs)

    return may


@_act
def may_reply(s: Standing) -> bool:
    """Reply, close, reopen, state severity and impact."""
    return s.works_it or s.takes_part


@_act
def may_add_cc(s: Standing) -> bool:
    """Add somebody to the CC list."""
    return s.works_it or s.takes_part


@_act
def may_remove_cc(s: Standing, added_by: int | None, who: int) -> bool:
    """Take somebody off: staff anybody, the requester whom they added, a CC'd person themselves."""
    if s.works_it:
        return True
    if s.active and s.requester and added_by == s.person_id:
        return True
    return s.active and s.cc and who == s.person_id


@_act
def may_mark_sensitive(s: Standing) -> bool:
    """Hide from organization readers; customers only where the policy allows it (the verb asks the policy)."""
    if s.works_it:
        return s.role != Role.CSM or s.csm
    return s.active and s.requester


@_act
def may_ask_for_cc(s: Standing) -> bool:
    """Ask to be CC'd: who can read it and takes no part yet."""
    return may_see(s) and not s.works_it and not s.takes_part


@_act
def may_approve_cc(s: Standing) -> bool:
    """Answer such a request."""
    if s.works_it:
        return s.role != Role.CSM or s.csm
    return s.active and s.requester


@_act
def may_escalate(s: Standing) -> bool:
    """Climb the ladder; staff on the customer's behalf."""
    if s.works_it:
        return s.role != Role.CSM or s.csm
    return s.takes_part


@_act
def may_work(s: Standing) -> bool:
    """Determine severity, assign, merge, approve held mail: agents, leads and administrators."""
    return s.works_it and s.role in {Role.AGENT, Role.LEAD, Role.ADMIN}


@_act
def may_delete(s: Standing) -> bool:
    """Take a request out of everybody's sight, or bring it back."""
    return s.works_it and s.role in {Role.LEAD, Role.ADMIN}


@_act
def may_redact(s: Standing) -> bool:
    """Remove for good what ought not to have been written: whoever works the request, so that it goes at once."""
    return may_work(s)


@_act
def may_excuse(s: Standing) -> bool:
    """Mark a broken promise as not counting."""
    return s.works_it and s.role in {Role.LEAD, Role.ADMIN}


def find(person: Person, number: int, now: datetime) -> tuple[Ticket, Standing]:
    """The ticket with this number, for this person. A ticket they may not see reads like one that does not exist."""
    values = asks(person, now) | {"number": number}
    ticket = shown.ticket(f"t.number = %(number)s AND {visible(person)}", values)
    if ticket is None:
        raise Refused("not_found", "There is no such request, or you may not see it.")
    return ticket, standing(person, ticket, now)


_WITH = ("organization", "team", "requester")


def lock(ticket_id: int) -> Ticket:
    """The ticket, locked until the transaction ends: every verb that writes takes this lock first."""
    return Ticket.objects.select_for_update(of=("self",)).select_related(*_WITH).get(pk=ticket_id)


def lock_unless_held(ticket_id: int) -> Ticket | None:
    """The same, or None while somebody else holds it: for those who look after clocks, which whoever holds it does."""
    rows = Ticket.objects.select_for_update(of=("self",), skip_locked=True).select_related(*_WITH)
    return rows.filter(pk=ticket_id).first()


def lock_next_open(after: int, limit: int) -> list[Ticket]:
    """The next open tickets by id, locked: for walks over all of them, a few at a time and always in this order."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related(*_WITH)
    return list(rows.filter(IS_OPEN, pk__gt=after).order_by("pk")[:limit])


def lock_open_of(organization_id: int, after: int, limit: int) -> list[Ticket]:
    """The next open requests of an organization by id that its readers may see, locked in this order."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related(*_WITH)
    mine = rows.filter(IS_OPEN, OPEN_TO_READERS, organization=organization_id, pk__gt=after)
    return list(mine.order_by("pk")[:limit])


def lock_many(ids: Iterable[int]) -> list[Ticket]:
    """These tickets, locked in the order of their ids."""
    rows = Ticket.objects.select_for_update(of=("self",)).select_related(*_WITH)
    return list(rows.filter(pk__in=list(ids)).order_by("pk"))


def require(allowed: bool, message: str = "You may not do this on this request.") -> None:
    """Raise Refused("not_allowed") unless allowed."""
    if not allowed:
        raise Refused("not_allowed", message)
