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
    rules = [
        (address, name, "allow" if sender.is_staff else rule_for(address, organization)) for address, name in wanted
    ]
    copies = Copies(
        cc=tuple(contact(address, name, now) for address, name, rule in rules if rule == "allow"),
        pending=tuple(contact(address, name, now) for address, name, rule in rules if rule == "ask"),
    )
    return copies, capped


def rule_for(address: str, organization: Organization | None) -> str:
    """What becomes of somebody whom a customer names: "allow", "ask" staff, or "refuse". The organization's own people
    are always let in."""
    inside = domains_of(organization) if organization else set()
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
