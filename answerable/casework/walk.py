"""The walk over every open clock that a changed calendar, policy or time zone asks for, or the nightly audit.

In small steps, each a short transaction: pages read on, a verb waits for a step at most, a killed worker loses a step.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from answerable.audit.actions import system
from answerable.casework.notices import defect_notices
from answerable.casework.settle import owe, settle_clock
from answerable.casework.terms import promise
from answerable.lib import clock
from answerable.live.actions import publish
from answerable.notify.actions import tell
from answerable.sla import actions as sla
from answerable.sla.models import Defect, Replan
from answerable.sla.queries import legs_by_ticket
from answerable.tickets import access
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change
from answerable.tickets.models import Event, Ticket
from answerable.tickets.queries import count_open, histories

STEP = 50
# These put the policy in force on open tickets; the others only read them anew.
NEW_TERMS = {"policy", "plan"}


def go_on(until: datetime, now: datetime) -> None:
    """Steps of the oldest unfinished walk, until the time is over or nothing is left to do."""
    while clock.exact() < until and _step(now):
        pass


def _step(now: datetime) -> bool:
    with transaction.atomic():
        walk = sla.take_replan(now)
        if walk is None:
            return False
        if walk.started_at is None:
            walk.started_at, walk.total = now, count_open()
        found = access.lock_next_open(walk.cursor, STEP)
        if found:
            walk.moved += _Batch(walk, found, now).run()
            walk.cursor, walk.done = found[-1].pk, walk.done + len(found)
            walk.total = max(walk.total, walk.done)
        else:
            walk.finished_at, walk.total = now, walk.done
        walk.save()
        publish("desk", "replan", id=walk.pk)
    return True


class _Batch:
    """Some locked tickets: looked at one by one, written together."""

    def __init__(self, walk: Replan, found: Sequence[Ticket], now: datetime) -> None:
        self.walk, self.now = walk, now
        self.stored = legs_by_ticket([ticket.pk for ticket in found])
        self.tickets = [ticket for ticket in found if self._concerns(ticket)]
        self.histories = histories([ticket.pk for ticket in self.tickets])
        self.looks: list[sla.Look] = []
        self.changes: list[Change] = []
        self.defects: list[Defect] = []

    def _concerns(self, ticket: Ticket) -> bool:
        """A changed calendar concerns whose clocks are read by it; a changed plan, its organization's."""
        if self.walk.kind == "calendar":
            return any(leg.calendar == self.walk.key for leg in self.stored[ticket.pk].values())
        if self.walk.kind == "plan":
            return str(ticket.organization_id) == self.walk.key
        return True

    def run(self) -> int:
        """Returns how many of them fall due at another time now."""
        moved = sum(self._look(ticket) for ticket in self.tickets)
        sla.save(self.looks)
        tickets.store_promises([change.ticket for change in self.changes])
        tickets.store_events([event for change in self.changes for event in change.events])
        sla.record_defects(self.defects)
        tell(defect_notices(self.defects, self.now))
        return moved

    def _look(self, ticket: Ticket) -> bool:
        change = Change(ticket=ticket, actor=system("new terms"), at=max(self.now, ticket.last_event_at))
        events, stored = self.histories[ticket.pk], self.stored[ticket.pk]
        if self.walk.kind in NEW_TERMS:
            promise(change, _last_terms(events))
        looks = sla.look_at(ticket, [*events, *change.events], stored, change.at)
        audit = self.walk.kind == "audit"
        if any(look.is_late or (look.warned and not audit) for look in looks):
            settle_clock(change, "record_breaches")  # the ordinary way, with all that follows
            return True
        if audit:
            self.defects += sla.differences(ticket, looks, stored, self.now)
        return self._collect(change, looks)

    def _collect(self, change: Change, looks: Sequence[sla.Look]) -> bool:
        # A clock that only its stamps would change says by which calendar and time zone data it was read last.
        stamped = self.walk.kind != "audit"
        self.looks += [look for look in looks if look.differs or (stamped and look.leg.fulfilled_at is None)]
        before = change.ticket.next_due_at
        owe(change, sla.owed([look.leg for look in looks]))
        if change.events:
            change.ticket.last_event_at = change.at
        if change.events or before != change.ticket.next_due_at:
            self.changes.append(change)
        return any(look.moves for look in looks)


def _last_terms(events: Sequence[Event]) -> Event | None:
    return next((event for event in reversed(events) if event.kind == "targets"), None)
