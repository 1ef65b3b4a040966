"""Pages of the ladder: a level that waits is an alert, which pages its holders on their own channels as others do.

It has no steps and no timers: those are the ladder's. A page is one row for each episode and level (the alert), for
whom it asks (the turn: who holds the level, or the contacts), attempt, person and channel.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from answerable.audit.actions import Actor
from answerable.escalation.alert_actions import NewAlert, pages_for, raise_alert, write
from answerable.escalation.alerts import Alert, Page
from answerable.escalation.paging import Entry, Move, Plan
from answerable.lib.rows import insert
from answerable.notify.channel_queries import rules_of
from answerable.people.models import Team

HOLDERS, CONTACTS = 0, 1
_NO_PLAN = ("", Plan(()))


@dataclass(frozen=True)
class Asked:
    """Whom one row of the ladder's log asks: in which turn, and as which attempt, counted from 1."""

    turn: int
    attempt: int
    people: Collection[int]


def running(ticket_id: int) -> Alert | None:
    """The level of this request that is not over, locked for a change. The caller has locked the request."""
    rows = Alert.objects.select_for_update(of=("self",)).filter(ticket_id=ticket_id, level__isnull=False)
    return rows.exclude(state="resolved").order_by("-id").first()


def open_level(new: NewAlert, actor: Actor, now: datetime) -> Alert:
    """Somebody of this level is wanted. The caller has looked that none is running."""
    row = raise_alert(new, _NO_PLAN, actor, now)
    assert row is not None, f"{new.dedup_key} is running"
    return row


def name_team(alert: Alert, team: Team | None) -> None:
    """Whose request it is by now: in what its pages say, and for whose leads are told of it."""
    if alert.team != team:
        alert.team = team
        alert.save(update_fields=["team"])


def page(alert: Alert, asked: Asked, actor: Actor, now: datetime) -> None:
    """Write the pages of one attempt; they leave within seconds."""
    people, number = tuple(asked.people), asked.attempt - 1
    found = Move(people=people, turn=asked.turn, number=number)
    insert(pages_for(alert, found, rules_of(people), now), once=Page)
    write(alert, [Entry("paged", now, asked.turn, {"people": list(people), "number": number})], actor, now)
