"""Write down what is promised on a ticket, so that its clocks are read from its own history."""

from typing import Any

from answerable.sla.queries import targets
from answerable.tickets.actions import Change
from answerable.tickets.models import Event


def promise(change: Change, before: Event | None = None) -> None:
    """The promises of the ticket's plan and severity from now on, if they differ from those written down `before`.

    The engine reads it from the history, whatever the policy says later. Targets and calendar are written together.
    """
    ticket = change.ticket
    plan = ticket.organization.plan if ticket.organization else ""
    offer = targets(plan, ticket.severity)
    promised: dict[str, Any] = {
        "targets": offer.seconds,
        "calendar": offer.calendar,
        "pausable": offer.pausable,
        "retarget": offer.retarget,
    }
    if before is None or any(before.data.get(name) != value for name, value in promised.items()):
        change.event("targets", policy=offer.policy_version, plan=plan, severity=ticket.severity, **promised)
