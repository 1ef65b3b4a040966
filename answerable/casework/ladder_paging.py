"""Who of the staff hears of a ladder that moved. `page` is the one place through which a level is asked; those of a P0
or P1 are paged besides, by their own channels (`ladder_pages`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from answerable.casework import ladder_pages, ladder_rules
from answerable.casework.ladder_steps import rows_of
from answerable.escalation.episodes import LadderStep
from answerable.notify.actions import summon, tell
from answerable.notify.models import Notice
from answerable.people.models import Person, Role
from answerable.people.queries import staff
from answerable.tickets.actions import Change
from answerable.tickets.ladder_words import title
from answerable.tickets.models import Ticket

KIND = "escalation"
# Moves of which the customer success manager gets a copy.
_COPIED = {"asked": "asked", "raised": "moved", "lowered": "moved", "ended": "ended"}


def tell_staff(change: Change) -> None:
    """After the rows are stored: pages to who is asked, copies of each move, and what others should know."""
    ladder_pages.follow(change)
    rows = rows_of(change)
    if not rows:
        return
    asked: set[int] = set()
    for row in rows:
        if row.kind in {"paged", "fallback"}:
            page(change.ticket, row, change.at)
            asked.update(row.people)
    told = {person: how for person, how in _others(change, rows).items() if person not in asked}
    tell_about(change, rows[-1], told)


def page(ticket: Ticket, row: LadderStep, now: datetime) -> None:
    """Ask the people of this page, which is one row of the log: whatever they otherwise want to be told of."""
    how = "page" if row.kind == "paged" else "fallback"
    key = f"page:{ticket.pk}:{row.episode}:{row.level}:{row.attempt}:{how}"
    data = {**_data(ticket, row), "as": how}
    told = (Notice(person_id=pk, kind=KIND, key=key, ticket_id=ticket.pk, data=data, at=now) for pk in row.people)
    summon(told, by_mail=not ladder_pages.is_paged(ticket))


def tell_about(change: Change, last: LadderStep, told: dict[int, str]) -> None:
    """Everybody else: the representative and the CSM by name, others as they want it."""
    ticket = change.ticket
    named: list[Notice] = []
    others: list[Notice] = []
    for pk, how in told.items():
        who = ticket.requester.label if how == "confirm" else change.actor.label
        data = {**_data(ticket, last), "as": how, "who": who}
        key = f"ladder:{ticket.pk}:{ticket.version}:{how}"
        notice = Notice(person_id=pk, kind=KIND, key=key, ticket_id=ticket.pk, data=data, at=change.at)
        (others if how in {"acked", "added"} else named).append(notice)
    summon(named)
    tell(others)


def _data(ticket: Ticket, row: LadderStep) -> dict[str, Any]:
    given = ladder_rules.rules()
    return {
        "number": ticket.number,
        "who": row.by_label,
        "title": title(row.level, given.name(row.level)),
        "level": row.level,
        "due_at": row.due_at.isoformat() if row.due_at else None,
    }


def _others(change: Change, rows: Iterable[LadderStep]) -> dict[int, str]:
    """By person, as what; never who did it. A later line counts for more."""
    found: dict[int, str] = {}
    for row in rows:
        if row.kind in {"acked", "joined"}:
            found |= dict.fromkeys(_involved(change.ticket, row), "acked" if row.kind == "acked" else "added")
        if row.kind == "raised":
            found |= dict.fromkeys(_involved(change.ticket, row), "moved")
        if row.kind in _COPIED:
            found |= dict.fromkeys(_copied(change.ticket, change.at), _COPIED[row.kind])
        if row.kind == "empty":
            found |= dict.fromkeys(_alarmed(), "empty")
        if row.kind == "asked" and row.due_at is not None and change.ticket.assignee_id is not None:
            found[change.ticket.assignee_id] = "confirm"
    if change.actor.kind == "staff":
        found.pop(change.actor.id or 0, None)
    return found


def _involved(ticket: Ticket, row: LadderStep) -> set[int]:
    """Who was asked in this episode so far, and the representative: who was passed stays informed."""
    asked = LadderStep.objects.filter(ticket_id=ticket.pk, episode=row.episode, kind="paged")
    found = {pk for people in asked.values_list("people", flat=True) for pk in people} | {ticket.assignee_id}
    return {pk for pk in found if pk is not None}


def _copied(ticket: Ticket, now: datetime) -> list[int]:
    """The organization's customer success manager at this moment; without one, the policy's contacts."""
    given = ladder_rules.rules()
    if not given.csm:
        return []
    csm: Person | None = ticket.organization.csm if ticket.organization else None
    if csm is not None and csm.is_staff:
        return [csm.pk]
    return [one.pk for one in ladder_rules.contacts(given, ticket, now)]


def _alarmed() -> list[int]:
    """A level that nobody holds is for administrators to mend."""
    return list(staff().filter(role=Role.ADMIN).values_list("pk", flat=True))
