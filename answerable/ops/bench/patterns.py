"""One request of each kind, made by the product's own verbs; `multiply` makes the hundred thousand from them.

Each has three replies. So whatever the verbs write (events, promises, outbox, audit) is in the copies, too.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from answerable.casework import actions as casework
from answerable.casework.later import deliver
from answerable.escalation.alerts import Alert
from answerable.lib.html import from_markdown, from_text
from answerable.lib.jobs import take_back
from answerable.notify.models import Delivery
from answerable.people.models import Organization, Person, Team
from answerable.sla.queries import targets
from answerable.tickets.actions import Message, Opening
from answerable.tickets.models import Ticket

SEVERITIES = ("P0", "P1", "P2", "P3")
# How a request stands, and how long ago its story begins: in parts of its first answer's target, or in days.
KINDS = ("new", "open", "pending", "hold", "solved", "closed")
_DAYS = {"pending": 1, "hold": 1, "solved": 5, "closed": 60}
_CUSTOMER = (
    "The nightly sync of our warehouse stops after the third table since yesterday. The log says that the connection "
    "pool gave up after 300 seconds.\n\nWe have not changed anything on our side. Other jobs on the same host work. "
    "The report that depends on it is read by about forty people every morning."
)
_STAFF = (
    "Thank you for the log, that helps. The pool lost its primary, and your client kept to the old address.\n\n"
    "Please set `pool.refresh: 60` and start the sync once by hand. I am watching it **with you** and answer here as "
    "soon as the third table is through."
)


@dataclass(frozen=True)
class Players:
    """Who plays: one customer with a colleague, one agent."""

    customer: Person
    colleague: Person
    agent: Person
    organization: Organization
    team: Team


@dataclass(frozen=True)
class Pattern:
    """A request to copy. What happened at `anchor` in it happens at another moment in each copy."""

    ticket_id: int
    customer_id: int
    kind: str
    severity: str
    anchor: datetime


def play(crews: Iterable[Players], now: datetime) -> list[Pattern]:
    """Every kind in every severity, each by a crew of its own. No mail leaves, as in the demo."""
    with transaction.atomic():
        each = [(kind, severity) for kind in KINDS for severity in SEVERITIES]
        patterns = [_play(crew, *one, now) for one, crew in zip(each, crews, strict=False)]
        Delivery.objects.filter(state="queued").update(state="sent", sent_at=F("created_at"), attempts=1)
        take_back(deliver)
        # Nobody is paged while something else is measured.
        Alert.objects.update(state="resolved", due_at=None, resolved_at=now)
    return patterns


def _play(players: Players, kind: str, severity: str, now: datetime) -> Pattern:
    step = timedelta(seconds=(targets("", severity).seconds["first_response"] or 0) // 8)
    begin = now - (3 * step if _is_fresh(kind, severity) else timedelta(days=_DAYS[kind]))
    ticket = _open(players, severity, begin)
    said = 1
    for who in _turns(kind):
        casework.add_reply(
            players.agent if who == "agent" else players.customer,
            ticket.pk,
            _staff() if who == "agent" else _customer(),
            begin + said * step,
        )
        said += 1
    last = begin + 2 * step
    if kind in {"pending", "hold", "solved", "closed"}:
        status = "solved" if kind == "closed" else kind
        casework.set_status(
            players.agent, ticket.pk, status, last, "waits for the next release" if kind == "hold" else ""
        )
    if kind == "closed":
        assert casework.close_for_good(ticket.pk, last + casework.reopen_window())
    return Pattern(ticket.pk, players.customer.pk, kind, severity, last)


def _is_fresh(kind: str, severity: str) -> bool:
    """Only a fresh one owes nothing yet: a P0 that waits is one of them, since its news go on (multiply.py agrees)."""
    return kind not in _DAYS or (severity == "P0" and kind in {"pending", "hold"})


def _turns(kind: str) -> Iterator[str]:
    if kind == "new":
        yield from ("customer", "customer")
    elif kind == "open":
        yield from ("agent", "customer")
    else:
        yield from ("customer", "agent")


def _open(players: Players, severity: str, at: datetime) -> Ticket:
    opening = Opening(
        subject="Warehouse sync stops after the third table",
        requester=players.customer,
        organization=players.organization,
        team=players.team,
        severity=severity,
        channel="mail",
    )
    return casework.open_ticket(opening, _customer(), at, casework.Copies(cc=(players.colleague,)))


def _customer() -> Message:
    return Message(text=_CUSTOMER, new_text=_CUSTOMER, html=from_text(_CUSTOMER), channel="mail")


def _staff() -> Message:
    return Message(text=_STAFF, new_text=_STAFF, html=from_markdown(_STAFF), channel="desk")
