"""Where a message goes: the contract's rules in their order. Reads, decides, writes nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from answerable.casework.judging import judged
from answerable.casework.rates import is_too_much
from answerable.escalation.drill_queries import door_of
from answerable.escalation.episodes import episode
from answerable.mail import tokens
from answerable.mail.forwards import Forwarded
from answerable.mail.forwards import read as read_forward
from answerable.mail.models import Inbox, MessageRef, Probe, RawMail
from answerable.mail.parse import Incoming
from answerable.mail.queries import Known, Rates, addresses, instance_id, key_of, known, repeats, token_keys
from answerable.mail.room_queries import probe_of
from answerable.people.models import Organization, Person
from answerable.people.queries import assignable, organizations_of, sender_of
from answerable.tickets.models import Participant, SetAside, Status, Ticket

DUPLICATE_WINDOW = timedelta(days=30)
EVER = datetime(1970, 1, 1, tzinfo=UTC)
PROBE_GOOD_FOR = timedelta(hours=1)
# These never become a ticket of their own (E-47).
EVENTS_ONLY = {"vacation", "mdn", "feedback"}
_TAG = re.compile(r"\[#(\d{1,18})\]")

STRONG, MEDIUM, WEAK = "strong", "medium", "weak"
PARTICIPANT, AGENT, MEMBER, STRANGER = "participant", "agent", "member", "stranger"

PUBLIC, HELD, NEW = "public", "held", "new"
# Who may post once the ticket is found (the table before E-39): (match, sender, verdict) -> outcome, flags.
MAY_POST: dict[tuple[str, str, str], tuple[str, tuple[str, ...]]] = {
    (STRONG, PARTICIPANT, "pass"): (PUBLIC, ()),
    (STRONG, PARTICIPANT, "none"): (PUBLIC, ("unverified",)),
    (STRONG, PARTICIPANT, "fail"): (HELD, ("auth_fail",)),
    (STRONG, AGENT, "pass"): (PUBLIC, ()),
    (STRONG, AGENT, "none"): (HELD, ("unverified",)),
    (STRONG, AGENT, "fail"): (HELD, ("auth_fail",)),
    (STRONG, STRANGER, "pass"): (HELD, ("non_participant",)),
    (STRONG, STRANGER, "none"): (HELD, ("non_participant",)),
    (STRONG, STRANGER, "fail"): (HELD, ("non_participant", "auth_fail")),
    (WEAK, PARTICIPANT, "pass"): (PUBLIC, ()),
    (WEAK, PARTICIPANT, "none"): (HELD, ("unverified",)),
    (WEAK, PARTICIPANT, "fail"): (NEW, ("auth_fail",)),
    (WEAK, AGENT, "pass"): (PUBLIC, ()),
    (WEAK, AGENT, "none"): (NEW, ()),
    (WEAK, AGENT, "fail"): (NEW, ("auth_fail",)),
    (WEAK, STRANGER, "pass"): (NEW, ()),
    (WEAK, STRANGER, "none"): (NEW, ()),
    (WEAK, STRANGER, "fail"): (NEW, ()),
}
# A received id finds the ticket for participants and agents only; for them it is as good as one of ours.
MAY_POST |= {
    (MEDIUM, who, word): MAY_POST[STRONG, who, word]
    for who in (PARTICIPANT, AGENT)
    for word in ("pass", "none", "fail")
}
# Where the inbox lets them find it (E-33): somebody of the requester's organization who is not on the request.
MAY_POST |= {(MEDIUM, MEMBER, word): MAY_POST[STRONG, STRANGER, word] for word in ("pass", "none", "fail")}


@dataclass(frozen=True)
class Route:
    """Where the message goes. `kind`: new, forward, reply, joined, held, event, auto, bounce, duplicate,
    quarantine, probe or ack.

    `by`: the member of staff who decided it; None: the rules did. `quiet`: no acknowledgement. `from_now`: its promise
    counts from the decision, not from the arrival.
    """

    kind: str
    reason: str = ""
    flags: tuple[str, ...] = ()
    verdict: str = "none"
    source: str = ""
    sender: Person | None = None
    # Whose mail domain the sender's address has.
    organization: Organization | None = None
    ticket: Ticket | None = None
    follow_up_of: Ticket | None = None
    duplicate_of: RawMail | None = None
    forwarded: Forwarded | None = None
    # The episode that it was written to, at its address of one purpose, by the very person (E-41).
    ladder: int | None = None
    probe: Probe | None = None
    # The leg of a drill, by the probe's door.
    drill: int | None = None
    alert: int | None = None
    by: Person | None = None
    quiet: bool = False
    from_now: bool = False


def route(incoming: Incoming, raw: RawMail, inbox: Inbox | None, now: datetime) -> Route:
    """Own probe, own loop, bounce, automatic, duplicate, thread, new: first hit decides (E-43)."""
    mark = _own_mark(raw)
    probe, drill = (probe_of(mark, now - PROBE_GOOD_FOR), door_of(mark)) if mark else (None, None)
    if probe is not None or drill is not None:
        return Route("probe", probe=probe, drill=drill)
    if incoming.quarantine:
        return Route("quarantine", incoming.quarantine)
    met = known(raw, [*incoming.thread_ids, *incoming.original_ids], EVER if repeats(raw) else now - DUPLICATE_WINDOW)
    apart = _set_apart(incoming, met)
    if apart is not None:
        return apart
    sender, organization = sender_of(incoming.sender)
    if met.blocked or (inbox and inbox.known_contacts_only and not _is_known(sender)):
        return Route("quarantine", "sender_blocked")
    word, source = judged(incoming, raw, inbox)
    found = _thread(incoming, met.refs, sender, members=inbox is not None and inbox.members_find)
    so_far = replace(found.route, verdict=word, source=source, sender=sender, organization=organization)
    decided = _answers_page(so_far, incoming) or _as_forward(_decide(found, incoming, so_far), incoming)
    if _must_wait(decided, met.rates, incoming.sender, now):
        return replace(decided, kind="quarantine", reason="rate_limited")
    if _borrows_a_name(incoming, sender):
        decided = replace(decided, flags=(*decided.flags, "name_spoof"))
    if met.reused:
        decided = replace(decided, flags=(*decided.flags, "message_id_reused"))
    decided = replace(decided, ladder=_ladder(decided, incoming))
    return replace(decided, flags=tuple(dict.fromkeys((*incoming.flags, *decided.flags))))


def _ladder(decided: Route, incoming: Incoming) -> int | None:
    """Never by a machine, by somebody else, or where the sender may be one."""
    if decided.kind != "reply" or decided.sender is None or decided.verdict == "fail" or incoming.auto_class:
        return None
    named = [one.ticket for one in _tokens(incoming, "ladder") if one.person == decided.sender.pk]
    return named[0] if len(named) == 1 else None


def _set_apart(incoming: Incoming, met: Known) -> Route | None:
    """What never looks for a request of its own: a loop, what came before, a bounce."""
    if _is_own_loop(incoming, met.refs):
        return Route("quarantine", "loop")
    if met.same:
        return Route("duplicate", duplicate_of=met.same, ticket=_ticket(met.same.ticket_id))
    if incoming.bounce:
        return Route("bounce")
    return None


def _own_mark(raw: RawMail) -> str:
    """The token of the probe or drill that this message is, by the address that the envelope names: good once (E-43a).
    "" for any other."""
    names = [address.lower().rpartition("@") for address in raw.envelope_to]
    marks = [local.partition("+")[2] for local, _, domain in names if local.startswith("probe+") and domain]
    return marks[0] if len(marks) == 1 else ""


def _answers_page(route: Route, incoming: Incoming) -> Route | None:
    """The answer of its very reader to a page, unless a machine gave it or somebody in their name (E-41)."""
    sender = route.sender
    if sender is None or not sender.is_staff or route.verdict == "fail" or incoming.auto_class:
        return None
    named = next((token for token in _tokens(incoming, "ack") if token.person == sender.pk), None)
    return replace(route, kind="ack", ticket=None, alert=named.ticket) if named else None


def _as_forward(decided: Route, incoming: Incoming) -> Route:
    """What one of us passes on is the request of whoever wrote it, if it was really one of us (E-97)."""
    sender = decided.sender
    if decided.kind != "new" or sender is None or not sender.is_staff or incoming.auto_class:
        return decided
    forwarded = read_forward(incoming)
    if forwarded is None or addresses().is_own(forwarded.sender):
        return decided
    if decided.verdict != "pass":
        flag = "auth_fail" if decided.verdict == "fail" else "unverified"
        return replace(decided, flags=tuple(dict.fromkeys((*decided.flags, flag))))
    flags = (*decided.flags, "forwarded_by_agent")
    return replace(decided, kind="forward", forwarded=forwarded, flags=flags, follow_up_of=None)


def _must_wait(decided: Route, rates: Rates, address: str, now: datetime) -> bool:
    """Too much new mail of one sender waits for staff; an agent with a proven address never does (E-95)."""
    if decided.kind != "new" or (decided.sender and decided.sender.is_staff and decided.verdict == "pass"):
        return False
    return is_too_much(rates, address, decided.sender, decided.organization, now)


def _borrows_a_name(incoming: Incoming, sender: Person | None) -> bool:
    """A stranger who calls themselves like somebody of our staff (E-23)."""
    name = " ".join(incoming.sender_name.split()).lower()
    if not name or (sender is not None and sender.is_staff):
        return False
    return any(name == known.lower() for _, known in assignable()[0])


def _is_known(sender: Person | None) -> bool:
    """Has an account, or takes part in a request. Having asked for an account is not enough: anybody can."""
    if sender is None:
        return False
    return sender.email_verified_at is not None or Participant.objects.filter(person=sender, pending=False).exists()


def _is_own_loop(incoming: Incoming, refs: dict[str, list[MessageRef]]) -> bool:
    if incoming.instance == instance_id():
        return True
    if any(ref.ours for ref in refs.get(key_of(incoming.message_id), ())):
        return True
    return addresses().is_own(incoming.sender)


@dataclass(frozen=True)
class _Found:
    match: str
    who: str
    route: Route


def _thread(incoming: Incoming, refs: dict[str, list[MessageRef]], sender: Person | None, *, members: bool) -> _Found:
    """The ticket that the message belongs to (E-31 to E-36)."""
    hits = list(_hits(incoming, refs))
    flags = ("bad_token",) if _has_bad_token(incoming) else ()
    for match, named in hits:
        ticket, who = _merged(named, sender)
        if match == MEDIUM and who == STRANGER and members and _is_member(sender, ticket):
            who = MEMBER
        if match != STRONG and who == STRANGER:
            continue
        if any(_end_of(other) != _end_of(named) for how, other in hits if how in {STRONG, WEAK}):
            flags = (*flags, "thread_conflict")
        return _Found(match, who, Route("reply", ticket=ticket, flags=flags))
    return _Found("", STRANGER, Route("new", flags=flags))


def _merged(ticket: Ticket, sender: Person | None) -> tuple[Ticket, str]:
    """Where a merged ticket is handled now, for those who are on that one; for all others it is a closed one (E-37)."""
    end = _end_of(ticket)
    if end != ticket and (who := who_is(sender, end)) != STRANGER:
        return end, who
    return ticket, who_is(sender, ticket)


def _end_of(ticket: Ticket) -> Ticket:
    while ticket.merged_into_id is not None:
        ticket = _by_ids([ticket.merged_into_id])[0]
    return ticket


def _is_member(sender: Person | None, ticket: Ticket) -> bool:
    if sender is None or ticket.organization_id is None:
        return False
    return organizations_of(sender).filter(pk=ticket.organization_id).exists()


def _hits(incoming: Incoming, refs: dict[str, list[MessageRef]]) -> Iterator[tuple[str, Ticket]]:
    # A receipt or complaint names its message elsewhere than an answer does (E-54).
    named = incoming.original_ids if incoming.report else incoming.thread_ids
    found_ids = [refs.get(key_of(message_id), []) for message_id in named]
    ours = [ref.ticket_id for found in found_ids for ref in found if ref.ours]
    # An id that came with two messages may have been planted: it leads nowhere (E-81).
    received = [[ref.ticket_id for ref in found if not ref.ours] for found in found_ids]
    numbers = [token.ticket for token in _tokens(incoming)]
    climbing = [row.ticket_id for one in _tokens(incoming, "ladder") if (row := episode(one.ticket))]
    tag = _TAG.findall(incoming.subject)[-1:]
    found = [
        (STRONG, _by_ids(ours)),
        (STRONG, _by_numbers(numbers)),
        (STRONG, _by_ids(climbing)),
        (MEDIUM, _by_ids([tickets[0] for tickets in received if len(tickets) == 1])),
        (WEAK, _by_numbers([int(number) for number in tag])),
    ]
    return ((match, ticket) for match, tickets in found for ticket in tickets)


def _by_ids(ids: Sequence[int]) -> list[Ticket]:
    rows = Ticket.objects.select_related("organization", "requester").in_bulk(ids) if ids else {}
    return [rows[pk] for pk in dict.fromkeys(ids) if pk in rows]


def _by_numbers(numbers: Sequence[int]) -> list[Ticket]:
    return (
        list(Ticket.objects.select_related("organization", "requester").filter(number__in=numbers)) if numbers else []
    )


def _ticket(pk: int | None) -> Ticket | None:
    return Ticket.objects.filter(pk=pk).first() if pk else None


def _tokens(incoming: Incoming, kind: str = "reply") -> list[tokens.Token]:
    ours = [address.rpartition("@") for address in incoming.recipients]
    locals_ = [local for local, _, domain in ours if domain.lower() == addresses().reply_domain]
    return [token for local in locals_ if (token := tokens.read(local, token_keys())) and token.kind == kind]


def _has_bad_token(incoming: Incoming) -> bool:
    domain = addresses().reply_domain
    shaped = [a for a in incoming.recipients if a.lower().startswith("reply+") and a.lower().endswith(f"@{domain}")]
    return bool(shaped) and not _tokens(incoming)


def who_is(sender: Person | None, ticket: Ticket) -> str:
    """What somebody who writes is to the ticket: participant, agent or stranger."""
    if sender is None or not sender.is_active:
        return STRANGER
    on_it = Participant.objects.filter(
        ticket=ticket, person=sender, role__in=["requester", "cc"], pending=False, ended_at__isnull=True
    )
    if on_it.exists():
        return PARTICIPANT
    return AGENT if sender.is_staff else STRANGER


def _decide(found: _Found, incoming: Incoming, route: Route) -> Route:
    """Apply the table; automatic mail never reopens, acknowledges or opens what a person would (E-47)."""
    if incoming.auto_class in EVENTS_ONLY:
        return replace(route, kind="event" if route.ticket else "auto", reason=incoming.auto_class)
    if route.ticket is None:
        return route
    outcome, flags = MAY_POST[found.match, found.who, route.verdict]
    is_closed = route.ticket.status == Status.CLOSED
    old = route.ticket if found.who == PARTICIPANT and route.ticket.set_aside != SetAside.SPAM else None
    route = replace(route, flags=(*route.flags, *flags))
    if outcome == NEW:
        return replace(route, kind="new", ticket=None)
    if is_closed:
        return replace(route, kind="new", ticket=None, follow_up_of=old)
    return replace(
        route, kind="reply" if outcome == PUBLIC else "held", reason=",".join(flags) if outcome == HELD else ""
    )
