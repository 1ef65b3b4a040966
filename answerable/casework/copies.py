"""Who else a mail brings onto a ticket: To and Cc, less ourselves, machines, and whom the policy refuses (E-26)."""

import re
from datetime import datetime

from answerable.casework.actions import Copies
from answerable.mail.parse import Incoming
from answerable.mail.queries import addresses
from answerable.people.actions import contact
from answerable.people.models import Organization, Person
from answerable.people.queries import domains_of, vendor

MOST_PER_MESSAGE = 20
_MACHINE = re.compile(r"(^|[-_.+])(no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?)([-_.+]|$)")


def copies_for(
    incoming: Incoming, sender: Person, organization: Organization | None, now: datetime
) -> tuple[Copies, bool]:
    """The people to CC, made contacts where they are new, and whether some were too many. Nobody, if we were not openly
    addressed."""
    if incoming.auto_class or not _openly_addressed(incoming):
        return Copies(), False
    named = _wanted(incoming)
    wanted, capped = named[:MOST_PER_MESSAGE], len(named) > MOST_PER_MESSAGE
    if not wanted:
        return Copies(), False
    inside = _inside(organization)
    # Who is refused leaves no trace, not even a contact.
    welcome = [(address, name) for address, name in wanted if sender.is_staff or _rule(address, inside) != "refuse"]
    found = [(address, contact(address, name, now)) for address, name in welcome]
    rules = [(*one, "allow" if sender.is_staff else rule_for(*one, organization)) for one in found]
    copies = Copies(
        cc=tuple(who for _, who, rule in rules if rule == "allow"),
        pending=tuple((address, who) for address, who, rule in rules if rule == "ask"),
    )
    return copies, capped


_STRICTEST = ("refuse", "ask", "allow")


def rule_for(address: str, person: Person, organization: Organization | None) -> str:
    """What becomes of somebody whom a customer names: "allow", "ask" staff, or "refuse". The organization's own people
    are always let in. Of who was merged into somebody else, both addresses count, the stricter way."""
    inside = _inside(organization)
    return min((_rule(one, inside) for one in (address, person.email)), key=_STRICTEST.index)


def _inside(organization: Organization | None) -> set[str]:
    """Domains whose people a customer may add without asking: the organization's own."""
    return domains_of(organization) if organization else set()


def _rule(address: str, inside: set[str]) -> str:
    return "allow" if address.rpartition("@")[2] in inside else str(vendor().settings.get("cc_outside", "ask"))


def _openly_addressed(incoming: Incoming) -> bool:
    return any(addresses().is_own(address) for address in (*incoming.to, *incoming.cc))


def _wanted(incoming: Incoming) -> list[tuple[str, str]]:
    names = dict(incoming.names)
    return [
        (address, names.get(address, ""))
        for address in dict.fromkeys((*incoming.to, *incoming.cc))
        if address not in {incoming.sender, *incoming.list_addresses}
        and not addresses().is_own(address)
        and not _MACHINE.search(address.rpartition("@")[0])
    ]
