"""Who will get a reply, and what its author should know of them before it leaves. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from answerable.lib.domains import is_free_mail
from answerable.mail.addresses import is_no_reply
from answerable.people.models import Person
from answerable.tickets.models import Participant


@dataclass(frozen=True)
class Recipient:
    """One of them.

    `marks`: new (since the agent's last reply), outside (the requester's organization), no_reply (nobody reads that
    address), undeliverable or complained (mail does not reach them).
    """

    name: str
    address: str
    marks: tuple[str, ...] = ()


def recipients(
    author: Person,
    rows: Iterable[Participant],
    inside: frozenset[str],
    answered_at: datetime | None,
    stopped: Mapping[int, Sequence[str]],
) -> list[Recipient]:
    """In the order of the rows; who waits to be let in, follows only, or is suspended gets no mail.

    `inside`: domains of the requester's side, empty where nobody can tell; `stopped`: why automatic mail to a person
    has stopped.
    """
    return [
        Recipient(row.person.label, row.person.email, tuple(_marks(row, inside, answered_at, stopped)))
        for row in rows
        if row.role != "follower" and not row.pending and row.person.is_active and row.person_id != author.pk
    ]


def inside_of(domains: frozenset[str], requester: Person) -> frozenset[str]:
    """The organization's domains; without any, the requester's own, unless anybody can have an address there."""
    if domains:
        return domains
    own = _domain(requester.email)
    return frozenset() if is_free_mail(own) else frozenset({own})


def _marks(
    row: Participant, inside: frozenset[str], answered_at: datetime | None, stopped: Mapping[int, Sequence[str]]
) -> Iterable[str]:
    person = row.person
    if row.role == "cc" and answered_at is not None and row.since > answered_at:
        yield "new"
    if row.role == "cc" and inside and not person.is_staff and _domain(person.email) not in inside:
        yield "outside"
    if is_no_reply(person.email):
        yield "no_reply"
    yield from stopped.get(row.person_id, ())[:1]


def _domain(address: str) -> str:
    return address.rpartition("@")[2]
