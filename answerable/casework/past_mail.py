"""Old mail becomes history (mail contract E-84): read like any other, promised nothing, and nobody is told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from answerable.audit.actions import line, system
from answerable.casework.actions import reopen_window
from answerable.casework.copies import copies_for, rule_for
from answerable.casework.messages import message_of
from answerable.mail.actions import remember
from answerable.mail.models import Inbox, MessageRef, RawMail
from answerable.mail.parse import Incoming
from answerable.mail.queries import addresses, instance_id, key_of, known
from answerable.mail.verdict import verdict
from answerable.people.actions import contact
from answerable.people.models import Organization, Person
from answerable.people.queries import actor_of, assignable, organization_of_address, sender_of, teams_by_key, vendor
from answerable.sla.queries import terms
from answerable.tickets import access
from answerable.tickets import actions as tickets
from answerable.tickets.actions import IMPORT, Change, Message, Opening
from answerable.tickets.models import Participant, Ticket

SOURCE = "import"
EVER = datetime(1970, 1, 1, tzinfo=UTC)
# As in the mail room: these are nobody's words.
_NOBODYS = {"vacation", "mdn", "feedback"}
# Ids of a thread's messages that are not there (yet): so many of one message lead to its ticket.
_MOST_IDS = 20


@dataclass(frozen=True)
class _Letter:
    """One old message. `house`: written by our side, by a colleague or in the name of an inbox."""

    raw: RawMail
    incoming: Incoming
    inbox: Inbox | None
    author: Person
    house: bool
    verdict: str
    now: datetime

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.raw.received_at


def take(raw: RawMail, incoming: Incoming, inbox: Inbox | None, now: datetime) -> tuple[str, str]:
    """The outcome and its reason, in the transaction of the mail room."""
    if incoming.quarantine:
        return "quarantine", incoming.quarantine
    met = known(raw, incoming.thread_ids, EVER)
    ids = [ref for one in (incoming.message_id, *incoming.thread_ids) for ref in met.refs.get(key_of(one), ())]
    if _is_ours(incoming, met.refs.get(key_of(incoming.message_id), ())):
        return "auto", "ours"
    if met.same is not None:
        raw.duplicate_of, raw.ticket_id, raw.entry_id = met.same, met.same.ticket_id, met.same.entry_id
        return "duplicate", ""
    if incoming.bounce:
        return "bounce", "past"
    if incoming.auto_class in _NOBODYS:
        return "auto", incoming.auto_class
    raw.flags = [*incoming.flags, *(["message_id_reused"] if met.reused else [])]
    raw.verdict = verdict(incoming, inbox.believed if inbox else ())
    return _write(raw, incoming, inbox, ids, now)


def _is_ours(incoming: Incoming, refs: Sequence[MessageRef]) -> bool:
    """It left from here: its words are on a request already."""
    return incoming.instance == instance_id() or any(ref.ours for ref in refs)


def _write(
    raw: RawMail, incoming: Incoming, inbox: Inbox | None, refs: Sequence[MessageRef], now: datetime
) -> tuple[str, str]:
    author, house = _author(incoming, raw.received_at)
    if house and raw.verdict == "fail":
        return "auto", "auth_fail"
    letter = _Letter(raw, incoming, inbox, author, house, raw.verdict, now)
    ticket = _ticket(letter, refs)
    if ticket is not None:
        _join(letter, ticket)
        return "reply", ""
    requester = _requester(letter)
    if requester is None:
        return "auto", "internal"
    _open(letter, requester)
    return "new", incoming.auto_class or ""


def _author(incoming: Incoming, at: datetime) -> tuple[Person, bool]:
    """Who wrote it, and whether that is our side. What an inbox sent was written by the colleague of that name."""
    if addresses().is_own(incoming.sender):
        named = {name.lower(): pk for pk, name in assignable()[0]}
        name = " ".join(incoming.sender_name.split())
        pk = named.get(name.lower())
        if pk is not None:
            return Person.objects.get(pk=pk), True
        return contact(incoming.sender, name or vendor().name, at), True
    person, _organization = sender_of(incoming.sender)
    person = person or contact(incoming.sender, incoming.sender_name, at)
    return person, person.is_staff


def _ticket(letter: _Letter, refs: Sequence[MessageRef]) -> Ticket | None:
    """The request that the message belongs to. What goes on here now is joined by our side and who takes part alone."""
    ids = list(dict.fromkeys(ref.ticket_id for ref in refs))
    found = Ticket.objects.in_bulk(ids) if ids else {}
    return next((found[pk] for pk in ids if pk in found and _may_join(letter, found[pk])), None)


def _may_join(letter: _Letter, ticket: Ticket) -> bool:
    if letter.verdict == "fail":
        return False
    return letter.house or ticket.channel == IMPORT or _is_on(letter.author, ticket)


def _is_on(person: Person, ticket: Ticket) -> bool:
    rows = Participant.objects.filter(ticket=ticket, person=person, pending=False, ended_at__isnull=True)
    return rows.exclude(role="follower").exists()


def _requester(letter: _Letter) -> Person | None:
    """Whose request it is: its author's, or where our side wrote first, the one to whom."""
    if not letter.house:
        return letter.author
    names = dict(letter.incoming.names)
    outside = (one for one in (*letter.incoming.to, *letter.incoming.cc) if not addresses().is_own(one))
    people = (contact(one, names.get(one, ""), letter.at) for one in outside)
    return next((person for person in people if not person.is_staff), None)


def _open(letter: _Letter, requester: Person) -> None:
    organization = None if letter.verdict == "fail" else organization_of_address(requester.email)
    inbox = letter.inbox
    opening = Opening(
        subject=letter.incoming.subject,
        requester=requester,
        organization=organization,
        team=teams_by_key().get(inbox.team) if inbox else None,
        severity=terms().default_severity,
        channel=IMPORT,
        inbox=inbox.address if inbox else letter.raw.inbox,
        unverified=organization is not None and letter.verdict != "pass",
    )
    change = tickets.start(opening, actor_of(requester), letter.at)
    _add(letter, change, organization, joins=False)


def _join(letter: _Letter, ticket: Ticket) -> None:
    locked = access.lock(ticket.pk)
    change = Change(ticket=locked, actor=actor_of(letter.author), at=letter.at)
    if not letter.house and not _is_on(letter.author, locked):
        rule = rule_for(letter.incoming.sender, letter.author, locked.organization)
        if rule != "refuse":
            tickets.join(change, letter.author, "cc", IMPORT, pending=rule == "ask", named=letter.incoming.sender)
    _add(letter, change, locked.organization, joins=True)


def _add(letter: _Letter, change: Change, organization: Organization | None, *, joins: bool) -> None:
    """The entry, whom it was copied to, the ids that lead here; stored without anything that follows from a change."""
    _copy_in(letter, change, organization)
    message = message_of(letter.incoming, letter.raw, flags=tuple(letter.raw.flags), joins=joins)
    reply = tickets.write_past(change, letter.author, message, from_staff=letter.house)
    if change.is_new or (change.ticket.channel == IMPORT and not change.ticket.is_open):
        tickets.rest(change, reopen_window(), letter.now)
    trail = line(system("import of old mail"), "import_mail", ("ticket", change.ticket.pk), letter.now, entry=reply.pk)
    tickets.store(change, [trail, *_refs(letter, change, message)])
    letter.raw.ticket_id, letter.raw.entry_id = change.ticket.pk, reply.pk


def _copy_in(letter: _Letter, change: Change, organization: Organization | None) -> None:
    if letter.verdict == "fail":
        return
    copies, _capped = copies_for(letter.incoming, letter.author, organization, letter.at)
    ticket = change.ticket
    others = [one for one in copies.cc if one != ticket.requester and not one.is_staff]
    for person in others:
        tickets.join(change, person, "cc", IMPORT)
    for address, person in copies.pending:
        if person != ticket.requester and not person.is_staff:
            tickets.join(change, person, "cc", IMPORT, pending=True, named=address)


def _refs(letter: _Letter, change: Change, message: Message) -> list[MessageRef]:
    """This message's id, and those of its thread that lead nowhere yet: their messages may come later, or never."""
    ticket_id = change.ticket.pk
    assert change.reply is not None
    rows = []
    if message.message_id:
        told = {"entry_id": change.reply.pk, "person_id": letter.author.pk}
        rows.append(remember(message.message_id, ours=False, ticket_id=ticket_id, at=letter.at, **told))
    ids = {key_of(one): one for one in letter.incoming.thread_ids[:_MOST_IDS]}
    there = set(MessageRef.objects.filter(message_id__in=ids).values_list("message_id", flat=True))
    for key in ids.keys() - there:
        row = remember(ids[key], ours=False, ticket_id=ticket_id, at=letter.at, entry_id=None, person_id=None)
        row.written = ""  # nobody's answer refers to it
        rows.append(row)
    return rows
