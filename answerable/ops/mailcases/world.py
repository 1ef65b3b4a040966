"""What stands before a case arrives: inboxes, agents, tickets with their people and the mails that we sent on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from answerable.casework import actions as casework
from answerable.casework.merge_actions import merge
from answerable.lib.errors import Refused
from answerable.mail import compose, tokens
from answerable.mail.actions import InboxSpec, apply_inboxes, remember
from answerable.mail.models import MessageRef
from answerable.mail.queries import addresses, instance_id, token_keys
from answerable.notify.models import Delivery
from answerable.people.actions import contact, make_person
from answerable.people.models import Person
from answerable.people.queries import by_email, teams_by_key
from answerable.sla.queries import terms
from answerable.tickets.actions import Message, Opening
from answerable.tickets.models import Ticket

SUPPORT = "support@answerable.example"
# How long ago all of it happened.
EARLIER = timedelta(days=1)


@dataclass
class World:
    """The tickets by the key that the cases call them by."""

    tickets: dict[str, Ticket] = field(default_factory=dict)

    def key_of(self, ticket_id: int | None) -> str:
        """The key of a ticket, "none" without one, "new" for one that is not of this world."""
        if ticket_id is None:
            return "none"
        return next((key for key, ticket in self.tickets.items() if ticket.pk == ticket_id), "new")


def build(spec: Mapping[str, Any], now: datetime) -> World:
    """The world of a file. Raises Refused where it asks for what there is not."""
    open_inboxes(spec.get("inboxes") or [SUPPORT], spec.get("reply_domain"), spec.get("trusted_authserv", ()), now)
    for address, name in spec.get("agents", {}).items():
        make_person(address, name, "agent", None, now - EARLIER)
    world = World()
    tickets = spec.get("tickets", {})
    for key, ticket in tickets.items():
        world.tickets[key] = _ticket(ticket, now - EARLIER)
    for key, ticket in tickets.items():
        _merge(world, key, ticket.get("status", "open"), now)
    return world


def _merge(world: World, key: str, status: str, now: datetime) -> None:
    word, _, target = status.partition(":")
    if word == "merged":
        merge(_agent(None, now), world.tickets[key].pk, world.tickets[target].pk, now - EARLIER)
        Delivery.objects.filter(ticket_id=world.tickets[key].pk).update(state="sent", sent_at=now - EARLIER)
        world.tickets[key].refresh_from_db()


def open_inboxes(
    found: list[str], reply_domain: str | None, trusted: list[str] | tuple[str, ...], now: datetime
) -> None:
    """These addresses take mail, and the defaults of the contract hold."""
    team = next(iter(teams_by_key()))
    specs = [
        InboxSpec(key=f"inbox-{number}", address=address.lower(), team=team, trusted_authserv=tuple(trusted))
        for number, address in enumerate(found)
    ]
    apply_inboxes(specs, reply_domain or found[0].rpartition("@")[2], now)


def _ticket(spec: Mapping[str, Any], at: datetime) -> Ticket:
    requester = contact(spec["requester"], "", at)
    cc = tuple(contact(address, "", at) for address in spec.get("collaborators", []))
    opening = Opening(
        subject=spec.get("subject", ""),
        requester=requester,
        organization=None,
        team=None,
        severity=terms().default_severity,
        channel="mail",
        inbox=addresses().inboxes[0].address,
    )
    ticket = casework.open_ticket(opening, _says("It does not work."), at, casework.Copies(cc=cc, acknowledge=False))
    acknowledged = compose.new_message_id(ticket.number, 0, addresses().reply_domain)
    remember(acknowledged, ours=True, ticket_id=ticket.pk, at=at, entry_id=None, person_id=requester.pk).save()
    agent = _agent(spec.get("assignee"), at)
    if spec.get("assignee"):
        casework.assign(agent, ticket.pk, agent, None, at)
    for number in range(int(spec.get("sent", 0))):
        at += timedelta(minutes=1)
        casework.add_reply(agent, ticket.pk, _says(f"Answer {number + 1}."), at)
    Delivery.objects.filter(ticket_id=ticket.pk).update(state="sent", sent_at=at)
    _end(agent, ticket, spec.get("status", "open"), at)
    ticket.refresh_from_db()
    return ticket


def _end(agent: Person, ticket: Ticket, status: str, at: datetime) -> None:
    if status == "open" or status.startswith("merged:"):
        return
    if status not in {"solved", "closed"}:
        raise Refused("no_status", f"a ticket cannot be {status!r}")
    casework.set_status(agent, ticket.pk, "solved", at)
    if status == "closed":
        casework.close_for_good(ticket.pk, at + casework.reopen_window())


def _agent(address: str | None, at: datetime) -> Person:
    address = address or "agent@answerable.example"
    return by_email(address) or make_person(address, "Agent", "agent", None, at)


def _says(text: str) -> Message:
    return Message(text=text, new_text=text, html=f"<p>{text}</p>", channel="desk")


def set_up(setup: Mapping[str, Any], inbox: str, now: datetime) -> World:
    """One ticket on which a reply was mailed under a given Message-ID, to some people."""
    people = list(setup.get("participants") or [setup["recipient"]])
    spec = {"requester": people[0], "collaborators": people[1:], "subject": "Seeded", "status": "open"}
    ticket = _ticket(spec, now - EARLIER)
    casework.add_reply(_agent(None, now), ticket.pk, _says("Answer."), now - EARLIER)
    sent = Delivery.objects.filter(ticket_id=ticket.pk, address=people[0].lower(), kind="reply").latest("id")
    MessageRef.objects.filter(message_id=sent.message_id.strip("<>")).delete()
    known = setup["outbound_message_id"].strip("<>")
    remember(
        known, ours=True, ticket_id=ticket.pk, at=now - EARLIER, entry_id=sent.entry_id, person_id=sent.person_id
    ).save()
    sent.message_id, sent.state = known, "sent"
    sent.save(update_fields=["message_id", "state"])
    return World({"setup": ticket})


def placeholder(world: World, name: str, key: str, who: str) -> bytes:
    """What stands for `@@NAME:KEY:WHO@@` in a message."""
    if name == "INSTANCE":
        return instance_id().encode()
    ticket = world.tickets[key]
    if name == "NUMBER":
        return str(ticket.number).encode()
    if name == "TAG":
        return f"[#{ticket.number}]".encode()
    if name == "MSGID":
        sent = MessageRef.objects.filter(ticket_id=ticket.pk, ours=True).latest("id")
        return f"<{sent.written}>".encode()
    return tokens.make("reply", ticket.number, contact(who, "", ticket.created_at).pk, token_keys()).encode()
