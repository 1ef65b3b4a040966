"""What an outside tool is told of an alert: its title, which names no customer's words, and a link for staff."""

import uuid
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.escalation.outside import OutsideCall, OutsideTool
from answerable.lib.addresses import url
from answerable.notify.tool_out import Target, Told
from answerable.people.queries import vendor


def target(tool: OutsideTool) -> Target:
    """Where it is told."""
    return Target(tool.kind, tool.url, tool.key_variable)


def told(call: OutsideCall) -> Told:
    """The link asks to log in: a tool is nobody in particular."""
    alert, house = call.alert, vendor()
    return Told(
        id=str(call.uuid),
        action=call.action,
        dedup_key=call.dedup_key,
        title=alert.title,
        severity=alert.severity,
        team=alert.team.name if alert.team else "",
        link=f"{house.portal_address}{url('desk:alert', pk=alert.pk)}",
        house=house.name,
        raised_at=alert.raised_at,
        is_test=alert.is_drill,
    )


def test_told(action: str, name: str, now: datetime) -> Told:
    """A test, marked as one. `name`: the same for its trigger and what resolves it."""
    house = vendor()
    return Told(
        id=str(uuid.uuid4()),
        action=action,
        dedup_key=f"{house.portal_address}/tests/{name}",
        title=_("Test of Answerable: there is nothing to do"),
        severity="P3",
        team="",
        link=f"{house.portal_address}{url('desk:outside')}",
        house=house.name,
        raised_at=now,
        is_test=True,
    )
