"""What a drill's test P0 raises: it is paged as its team's P0s are, says that it is a drill, and ends with the plan."""

from dataclasses import replace

from answerable.escalation.alert_actions import NewAlert
from answerable.escalation.alerts import DRILL
from answerable.escalation.paging import Plan
from answerable.escalation.paging_policy import policy_of
from answerable.lib.addresses import url
from answerable.tickets.models import Ticket

# The channel of its request.
CHANNEL = "drill"


def drilled(ticket: Ticket) -> tuple[NewAlert, tuple[str, Plan]]:
    """The alert, about no request that anybody could open, with its policy and plan."""
    key, plan = policy_of(ticket.team)
    name = f"{DRILL}{ticket.pk}"
    new = NewAlert(name, ticket.subject, ticket.severity, name, link=url("desk:drills"), team=ticket.team)
    return new, (key, replace(plan, goes_on=False))
