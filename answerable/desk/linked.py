"""What a request is linked to, as its side column, its pages and its history show it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from answerable.desk.finding import Result, suggest
from answerable.people.models import Person
from answerable.tickets import linked_queries
from answerable.tickets.history_queries import Change
from answerable.tickets.linked_queries import BESIDE, Linked, why_not
from answerable.tickets.models import Status, Ticket
from answerable.tickets.near_queries import mergeable
from answerable.tickets.queries import COUNT_CAP, Row
from answerable.tickets.ticket_links import HOWS

FOUND = 8


@dataclass(frozen=True)
class Group:
    """What the ticket is to some others. `more`: there are more than stand here."""

    how: str
    title: str
    rows: list[Linked]
    more: bool


@dataclass(frozen=True)
class Card:
    """The links of a ticket. `every`, `open`: of its incidents, in words; `offer`: it is solved and they are not."""

    groups: list[Group]
    is_problem: bool = False
    every: str = ""
    open: str = ""
    offer: bool = False


def title_of(how: str, every: str = "") -> str:
    """Over the requests to which it is this."""
    return {
        "has_incident": _("Incidents of this problem (%(count)s)") % {"count": every} if every else _("Incidents"),
        "incident_of": _("Incident of the problem"),
        "duplicate_of": _("Duplicate of"),
        "has_duplicate": _("Duplicates of this"),
        "related": _("Related"),
    }[how]


def card(person: Person, ticket: Ticket, now: datetime) -> Card:
    """One statement; one more on a problem."""
    found = linked_queries.beside(person, ticket, now)
    if "has_incident" not in found:
        return Card(_groups(found, ""))
    counts = linked_queries.counts(person, ticket.pk, now)
    return Card(
        groups=_groups(found, capped(counts.every)),
        is_problem=True,
        every=capped(counts.every),
        open=capped(counts.open),
        offer=bool(counts.open) and ticket.status in (Status.SOLVED, Status.CLOSED) and not ticket.set_aside,
    )


_ORDER = ("incident_of", "has_incident", "duplicate_of", "has_duplicate", "related")


def _groups(found: dict[str, list[Linked]], every: str) -> list[Group]:
    return [
        Group(how, title_of(how, every), found[how][:BESIDE], len(found[how]) > BESIDE)
        for how in _ORDER
        if how in found
    ]


def capped(count: int) -> str:
    """A count in words."""
    return f"{COUNT_CAP}+" if count >= COUNT_CAP else str(count)


class Choice(NamedTuple):
    """One way to link two requests; `why_not` in words, "" where it can be done."""

    how: str
    words: str
    why_not: str


def choices(person: Person, this: Ticket, other: Ticket, now: datetime) -> list[Choice]:
    """All of them, those that cannot be with the reason."""
    numbers = {"this": this.number, "other": other.number}
    words = {
        "related": _("They are related") % numbers,
        "duplicate_of": _("#%(this)s is a duplicate of #%(other)s") % numbers,
        "has_duplicate": _("#%(other)s is a duplicate of #%(this)s") % numbers,
        "incident_of": _("#%(this)s is an incident of the problem #%(other)s") % numbers,
        "has_incident": _("#%(other)s is an incident of the problem #%(this)s") % numbers,
    }
    refused = {how: why_not(person, this, other, how, now) for how in HOWS}
    return [Choice(how, words[how], why.words if (why := refused[how]) else "") for how in HOWS]


@dataclass(frozen=True)
class Candidates:
    """What it may be linked to: open problems first, then what is near it; or what was found by words."""

    problems: list[Row]
    rows: list[Row]


def candidates(person: Person, ticket: Ticket, words: str, now: datetime) -> Candidates:
    """As the merge page finds, but over everything that the person sees."""
    if words.strip():
        return Candidates([], _rows(suggest(words, "", person, now).results, ticket))
    problems = linked_queries.problems(person, ticket.pk, FOUND, now)
    near = [row.number for row in mergeable(person, ticket, "", now) if row.number not in problems]
    return Candidates(_opened(problems, person, ticket, now), _opened(near, person, ticket, now))


def _opened(numbers: Sequence[int], person: Person, ticket: Ticket, now: datetime) -> list[Row]:
    if not numbers:
        return []
    return _rows(suggest("", ",".join(map(str, numbers)), person, now).results, ticket)


def _rows(results: Sequence[Result], ticket: Ticket) -> list[Row]:
    return [one.row for one in results if one.row.number != ticket.number]


def numbered(person: Person, changes: list[Change], now: datetime) -> list[Change]:
    """The history's links with the number of the other request, where this person may see it."""
    known = linked_queries.titles(person, linked_queries.ids_in([(one.kind, one.data) for one in changes]), now)
    return [
        one._replace(data={**one.data, "number": known[one.data["other"]][0]})
        if one.kind in ("linked", "unlinked") and one.data["other"] in known
        else one
        for one in changes
    ]
