"""Whom a promise at risk or broken concerns (sla contract §3), and what else needs somebody's decision."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from answerable.notify.models import Delivery, Notice
from answerable.people.models import Person, Role
from answerable.people.queries import on_duty, staff
from answerable.sla.actions import Fact
from answerable.sla.models import Defect
from answerable.tickets.access import works
from answerable.tickets.models import Ticket


def notices(ticket: Ticket, facts: Iterable[Fact], now: datetime) -> list[Notice]:
    """One for each fact and each person whom it concerns."""
    told = _once(facts)
    found = [_notice(ticket, fact, person, now) for person in (concerned(ticket) if told else ()) for fact in told]
    for row in found:
        row.wide = row.person_id != ticket.assignee_id
    return found


def concerned(ticket: Ticket) -> list[Person]:
    """The assignee, the ticket's team and the organization's customer success manager: whose work it is at present."""
    csm_id = ticket.organization.csm_id if ticket.organization else None
    return [one for one in on_duty(ticket.team_id, [ticket.assignee_id, csm_id]) if works(one, ticket)]


def said_notices(ticket: Ticket, kind: str, who: str, what: str, now: datetime) -> list[Notice]:
    """To the assignee, if there is one: a customer's position that moves nothing by itself ("stated"), or a reader who
    asks to be CC'd ("asked")."""
    if ticket.assignee is None:
        return []
    key = f"{kind}:{ticket.pk}:{ticket.version}"
    data = {"number": ticket.number, "who": who, "what": what}
    return [Notice(person=ticket.assignee, kind=kind, key=key, ticket_id=ticket.pk, data=data, at=now)]


def rated_notices(ticket: Ticket, rating: int, who: str, now: datetime) -> list[Notice]:
    """To the assignee, if there is one: the requester was not content. What they wrote stands on the request."""
    if ticket.assignee is None:
        return []
    data = {"number": ticket.number, "who": who}
    key = f"rated:{rating}"
    return [Notice(person=ticket.assignee, kind="rated", key=key, ticket_id=ticket.pk, data=data, at=now)]


def undelivered_notices(ticket: Ticket, delivery: Delivery, now: datetime) -> list[Notice]:
    """To the assignee, if there is one: a mail did not arrive. Once, until somebody sends it again."""
    if ticket.assignee is None:
        return []
    key = f"undelivered:{delivery.pk}:{delivery.again}"
    data = {"number": ticket.number, "who": delivery.address, "what": delivery.last_error[:200]}
    return [Notice(person=ticket.assignee, kind="undelivered", key=key, ticket_id=ticket.pk, data=data, at=now)]


def defect_notices(defects: Sequence[Defect], now: datetime) -> list[Notice]:
    """To each administrator, one for each clock that an audit found wrong: `defects` have their ids."""
    admins = list(staff().filter(role=Role.ADMIN)) if defects else []
    return [
        Notice(
            person=admin,
            kind="defect",
            key=f"defect:{defect.pk}",
            ticket_id=defect.ticket_id,
            data={"number": defect.number, "metric": defect.metric},
            at=now,
        )
        for defect in defects
        for admin in admins
    ]


def _once(facts: Iterable[Fact]) -> list[Fact]:
    """Thresholds of one promise that are reached together ("25 %" of 2 h, and "30 min") make one notice."""
    found: dict[tuple[str, str, int], Fact] = {}
    for fact in sorted(facts, key=lambda fact: fact.id):
        found.setdefault((fact.kind, fact.metric, fact.index), fact)
    return list(found.values())


def _notice(ticket: Ticket, fact: Fact, person: Person, now: datetime) -> Notice:
    return Notice(
        person=person,
        kind=fact.kind,
        key=f"emission:{fact.id}",
        ticket_id=ticket.pk,
        data={
            "number": ticket.number,
            "metric": fact.metric,
            "due_at": _iso(fact.due_at),
            "at": _iso(fact.at),
            "answered_at": _iso(fact.answered_at),
            "threshold": fact.threshold,
        },
        at=now,
    )


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
