"""Two requests about one thing become one, and can become two again: a link and two events, while replies stay where
they were written (DESIGN.md §4, sla contract §1.4)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.casework.letters import Letters, tell_copied, tell_merged
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.live.actions import end_streams
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.sla.actions import open_legs
from answerable.tickets import access, copying, setting_aside
from answerable.tickets.actions import Change, set_status, why_closed
from answerable.tickets.models import OPEN_STATUSES, Participant, Reply, SetAside, Status, Ticket
from answerable.tickets.queries import histories
from answerable.tickets.shown import people_on

_SOURCE = "merged"


def merge(person: Person, ticket_id: int, into_id: int, now: datetime, copies: Collection[int] = ()) -> Ticket:
    """Handle the ticket as part of the other, which takes over its open promises; returns the other.

    `copies`: who of its people are CC'd on the other (ids); nobody else there learns of it. Across organizations it is
    refused.
    """
    if ticket_id == into_id:
        raise Refused("same", _("A request cannot be merged into itself."))
    with transaction.atomic():
        away, into = _locked(person, ticket_id, into_id, now)
        for change in (away, into):
            if change.ticket.set_aside or change.ticket.status == Status.CLOSED:
                raise Refused("closed", why_closed(change.ticket, staff=True))
        _same_house(away.ticket, into.ticket)
        legs = open_legs(away.ticket, histories([ticket_id])[ticket_id], away.at)
        waits = away.ticket.waits_for
        setting_aside.put(away, SetAside.MERGED, into=into_id, number=into.ticket.number)
        away.ticket.merged_into = into.ticket
        letters = _copy(away.ticket, into, person, copies)
        settle(away, "merge", tell_merged(into.ticket.number, _on(into)))
        _take_over(into, away.ticket, legs, waits)
        return settle(into, "merge", lambda _change: letters)


def _locked(person: Person, first: int, second: int, now: datetime) -> tuple[Change, Change]:
    """Both, locked in the order of their ids; neither runs behind the other. Raises Refused."""
    found = {ticket.pk: ticket for ticket in access.lock_many([first, second])}
    for pk in (first, second):
        standing = access.standing(person, found[pk], now) if pk in found else None
        if standing is None or not access.may_see_notes(standing):
            raise Refused("not_found", _("There is no such request, or you may not see it."))
        access.require(access.may_work(standing))
    at = max(now, *(ticket.last_event_at for ticket in found.values()))
    return (
        Change(ticket=found[first], actor=actor_of(person), at=at),
        Change(ticket=found[second], actor=actor_of(person), at=at),
    )


def _same_house(one: Ticket, other: Ticket) -> None:
    if one.organization_id != other.organization_id and one.requester_id != other.requester_id:
        raise Refused("other_organization", _("Requests of different organizations stay apart."))


def _copy(away: Ticket, into: Change, by: Person, copies: Collection[int]) -> Letters:
    letters = Letters()
    on = _on(into)
    for row in people_on(away):
        if row.person_id in copies and row.person_id not in on and not row.pending:
            copying.put(into, row.person, by, _SOURCE)
            into.event("cc_added", person=row.person_id, label=row.person.label)
            told = tell_copied(row.person, by.label)(into)
            letters.deliveries += told.deliveries
            letters.refs += told.refs
    return letters


def _on(into: Change) -> set[int]:
    rows = [*people_on(into.ticket), *into.participants]
    return {row.person_id for row in rows if not row.pending and row.role != "follower"}


def _take_over(into: Change, away: Ticket, legs: Sequence[object], waits: str) -> None:
    """The other's open promises are kept here; who waits there waits here."""
    if waits == "us" and into.ticket.status not in {Status.NEW, Status.OPEN}:
        set_status(into, Status.OPEN)
    into.event("merged_in", source=away.pk, number=away.number, legs=legs)
    if waits == "us":
        into.ticket.waits_for = waits


def unmerge(person: Person, ticket_id: int, now: datetime) -> Ticket:
    """The ticket stands for itself again, with its promises: the customer has waited all the while, unless a reply on
    the other one reached them. Whom the merge CC'd there is taken off."""
    with transaction.atomic():
        into_id = Ticket.objects.values_list("merged_into", flat=True).filter(pk=ticket_id).first()
        if into_id is None:
            raise Refused("conflict", _("This request is not merged into another one."))
        away, into = _locked(person, ticket_id, into_id, now)
        since = setting_aside.put_at(away.ticket, SetAside.MERGED)
        answered = _answered(away.ticket, into_id, since)
        setting_aside.take_back(away, SetAside.MERGED, "unmerged", into=into_id, answered_at=answered)
        away.ticket.merged_into = None
        if away.ticket.status in OPEN_STATUSES and answered:
            away.ticket.waits_for = "customer"
        into.event("unmerged", source=ticket_id, number=away.ticket.number)
        _take_off(away.ticket, into, since)
        settle(into, "unmerge")
        return settle(away, "unmerge")


def _answered(away: Ticket, into_id: int, since: datetime) -> str | None:
    """When staff first wrote on the other request to this one's requester, since it was merged."""
    on = Participant.objects.filter(
        ticket=into_id, person=away.requester_id, role__in=["requester", "cc"], pending=False, ended_at__isnull=True
    ).first()
    if on is None:
        return None
    replies = Reply.objects.filter(ticket=into_id, from_staff=True, automatic=False, at__gte=max(since, on.since))
    first = replies.order_by("id").first()
    return first.at.isoformat() if first else None


def _take_off(away: Ticket, into: Change, since: datetime) -> None:
    rows = Participant.objects.filter(
        ticket=into.ticket, role="cc", source=_SOURCE, since__gte=since, ended_at__isnull=True
    )
    mine = Participant.objects.filter(ticket=away).values("person")
    for row in rows.filter(person__in=mine).select_related("person"):
        copying.take_off(into, row)
        into.event("cc_removed", person=row.person_id, label=row.person.label)
        end_streams(row.person_id)
