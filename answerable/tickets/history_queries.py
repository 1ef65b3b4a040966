"""A ticket's whole history: every event with who, when, by which door and why, and whether it can be undone."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from answerable.lib import sql
from answerable.tickets.models import Ticket
from answerable.tickets.undoing import Fact, is_undoable, whys


class Change(NamedTuple):
    """One event. `door`: mail, desk, portal and the like, "job" or "bulk".

    `why_not`: None where there is no undo at all, "" where it can be undone, else why it cannot.
    """

    id: int
    kind: str
    at: datetime
    who: str
    actor_kind: str
    data: Mapping[str, Any]
    door: str
    run: int | None
    undoes: int | None
    why_not: str | None


_EVENTS = """
SELECT e.id, e.kind, e.occurred_at, e.actor_label, e.actor_kind, e.data::json, c.run_id, c.undoes_id
FROM tickets_event e LEFT JOIN tickets_eventcause c ON c.event_id = e.id
WHERE e.ticket_id = %(ticket)s ORDER BY e.occurred_at, e.id
"""
_CHANNELS = "SELECT r.at, r.channel FROM tickets_reply r WHERE r.ticket_id = %(ticket)s"


def changes(ticket: Ticket) -> list[Change]:
    """Every event, oldest first (two statements)."""
    found = sql.rows(_EVENTS, {"ticket": ticket.pk})
    channels: dict[datetime, str] = dict(sql.rows(_CHANNELS, {"ticket": ticket.pk}))
    facts = [Fact(row[0], row[1], row[2], row[5]) for row in found]
    reasons = whys(facts, {row[0]: row[7] for row in found if row[7] is not None})
    return [
        Change._make(
            (
                *row[:6],
                _door(row[4], row[6], channels.get(row[2], ""), row[5]),
                *row[6:],
                reasons[row[0]] if is_undoable(fact) else None,
            )
        )
        for row, fact in zip(found, facts, strict=True)
    ]


def _door(actor_kind: str, run: int | None, channel: str, data: Mapping[str, Any]) -> str:
    """What came with a message came by its way; a person's click else by their own face."""
    if run is not None:
        return "bulk"
    if actor_kind == "system":
        return "job"
    return channel or str(data.get("channel", "")) or ("desk" if actor_kind == "staff" else "portal")
