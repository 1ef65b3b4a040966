"""Rows of people who are CC'd on every request of an organization. Called by casework alone, on locked tickets."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from answerable.audit.actions import Actor
from answerable.lib.rows import update_many
from answerable.people.models import StandingCC
from answerable.tickets.actions import Change, join
from answerable.tickets.models import REMOVED, Event, Participant, Ticket


def join_one(change: Change, row: StandingCC) -> None:
    """Put the person on the ticket of a change, also one who had been taken off before."""
    if change.is_new or not _revive([change.ticket], row, change.at):
        join(change, row.person, "cc", "standing", added_by=row.set_by, standing=row)
    change.event("standing_cc", person=row.person_id, label=row.person.label)


def taken_off(ticket: Ticket) -> set[int]:
    """Whom somebody took off this very request."""
    rows = Participant.objects.filter(ticket=ticket, source=REMOVED, ended_at__isnull=False)
    return set(rows.values_list("person", flat=True))


def leave_all(change: Change, why: str) -> list[int]:
    """Take everybody off whom a standing CC has put on the ticket; returns who they are."""
    rows = list(
        Participant.objects.filter(ticket=change.ticket, standing__isnull=False, ended_at__isnull=True).select_related(
            "person"
        )
    )
    Participant.objects.filter(pk__in=[row.pk for row in rows]).update(ended_at=change.at)
    for row in rows:
        change.event("standing_cc_ended", person=row.person_id, label=row.person.label, why=why)
    change.ticket.__dict__.pop("_people_on", None)
    return [row.person_id for row in rows]


def join_many(found: Sequence[Ticket], row: StandingCC, actor: Actor, now: datetime) -> list[Ticket]:
    """Put the person on these tickets, but those that they take part in; returns the ones that changed."""
    on = Participant.objects.filter(
        ticket__in=found, person=row.person_id, role__in=["requester", "cc"], pending=False, ended_at__isnull=True
    )
    already = set(on.values_list("ticket", flat=True))
    wanted = [ticket for ticket in found if ticket.pk not in already]
    revived = _revive(wanted, row, now)
    Participant.objects.bulk_create(
        Participant(
            ticket=ticket,
            person_id=row.person_id,
            role="cc",
            since=now,
            source="standing",
            added_by_id=row.set_by_id,
            standing=row,
        )
        for ticket in wanted
        if ticket.pk not in revived
    )
    _say(wanted, "standing_cc", row, actor, now)
    return wanted


def _revive(tickets: Sequence[Ticket], row: StandingCC, now: datetime) -> set[int]:
    """Rows of the person that had ended, or wait to be let in, count again."""
    rows = Participant.objects.filter(ticket__in=tickets, person=row.person_id, role="cc")
    found = set(rows.values_list("ticket", flat=True))
    if found:
        rows.update(ended_at=None, pending=False, since=now, source="standing", added_by=row.set_by_id, standing=row.pk)
    return found


def end_rows(row: StandingCC, now: datetime) -> int:
    """Whom it has put on requests takes part in none of them from now on, in one statement; returns on how many."""
    return Participant.objects.filter(standing=row, ended_at__isnull=True).update(ended_at=now)


def ended_rows(row: StandingCC, after: int, limit: int) -> list[tuple[int, int]]:
    """(participant id, ticket id) of the rows that ended with it, by id."""
    rows = Participant.objects.filter(standing=row, ended_at=row.ended_at, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", "ticket")[:limit])


def strays(row: StandingCC, limit: int) -> list[int]:
    """Tickets on which it put the person just while it was ended."""
    rows = Participant.objects.filter(standing=row, ended_at__isnull=True)
    return list(rows.order_by("ticket").values_list("ticket", flat=True)[:limit])


def say_ended(found: Sequence[Ticket], row: StandingCC, actor: Actor, now: datetime) -> None:
    """Write into the history of these tickets that the person is CC'd no longer."""
    if row.ended_at is not None:
        # Never the moment by which `ended_rows` finds the others.
        late = max(now, row.ended_at + timedelta(seconds=1))
        Participant.objects.filter(standing=row, ticket__in=found, ended_at__isnull=True).update(ended_at=late)
    _say(found, "standing_cc_ended", row, actor, now)


def _say(found: Sequence[Ticket], kind: str, row: StandingCC, actor: Actor, now: datetime) -> None:
    """Not `store`: what happens on every request at once is no activity that would move it up in anybody's list."""
    events = []
    for ticket in found:
        ticket.last_event_at = max(now, ticket.last_event_at)
        ticket.version += 1
        events.append(_event(ticket, kind, row, actor))
    Event.objects.bulk_create(events)
    update_many(found, ["last_event_at", "version"])


def _event(ticket: Ticket, kind: str, row: StandingCC, actor: Actor) -> Event:
    return Event(
        ticket=ticket,
        kind=kind,
        occurred_at=ticket.last_event_at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        data={"person": row.person_id, "label": row.person.label},
    )
