"""Who else a mail brings onto a ticket: To and Cc, less ourselves, machines, and whom the policy refuses (E-26)."""

import re
from datetime import datetime

from answerable.casework.actions import Copies
from answerable.mail import tokens
from answerable.mail.parse import Incoming
from answerable.mail.queries import addresses, kept_off, token_keys
from answerable.people.actions import contact
from answerable.people.models import Organization, Person
from answerable.people.queries import domains_of, vendor
from answerable.tickets.models import Ticket
from answerable.tickets.shown import people_on

MOST_PER_MESSAGE = 20
MOST_ON_A_TICKET = 50
_MACHINE = re.compile(r"(^|[-_.+])(no-?reply|do-?not-?reply|mailer-daemon|postmaster|bounces?)([-_.+]|$)")


def copies_for(
    incoming: Incoming, sender: Person, organization: Organization | None, now: datetime, ticket: Ticket | None = None
) -> tuple[Copies, bool]:
    """The people to CC, made contacts where they are new, and whether some were too many. Nobody, if we were not openly
    addressed. `ticket`: which they join, None for a new one."""
    if incoming.auto_class or not _openly_addressed(incoming):
        return Copies(), False
    named = _wanted(incoming)
    if not named:
        return Copies(), False
    on_it = {row.person.email for row in people_on(ticket)} if ticket else set()
    off = kept_off([address for address, _ in named])
    named = [one for one in named if one[0] not in off | on_it]
    most = max(0, min(MOST_PER_MESSAGE, MOST_ON_A_TICKET - len(on_it)))
    wanted, capped = named[:most], len(named) > most
    if not wanted:
        return Copies(), capped
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
        and not _is_token(address)
    ]


def _is_token(address: str) -> bool:
    """A signed address of ours under another domain's name leads to a person's own thread: it is nobody's CC."""
    detail = address.rpartition("@")[0].partition("+")[2]
    return bool(detail) and any(tokens.read(f"{kind}+{detail}", token_keys()) for kind in tokens.KINDS)
