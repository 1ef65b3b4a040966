"""Count in = count out: whether each message that ever came ended in exactly one outcome (mail contract E-6)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.lib import sql

# A message that nobody has handled for so long is lost, not on its way.
LOST_AFTER = timedelta(minutes=10)
# So many of each kind are named.
MOST_NAMED = 20


@dataclass(frozen=True)
class Finding:
    """A mistake and the ids of the messages that have it, the first MOST_NAMED of `count`."""

    what: str
    ids: tuple[int, ...]
    count: int


_ENTRY = "EXISTS (SELECT FROM tickets_reply e WHERE e.raw_id = m.id)"
_HELD = "EXISTS (SELECT FROM tickets_held h WHERE h.raw_id = m.id)"
_OPEN_HELD = "EXISTS (SELECT FROM tickets_held h WHERE h.raw_id = m.id AND h.settled_at IS NULL)"
_RAW = "EXISTS (SELECT FROM mail_rawmail m WHERE m.id = e.raw_id)"
_ENDS = "('new', 'reply', 'held', 'event', 'auto', 'bounce', 'duplicate', 'quarantine', 'probe', 'ack')"
# Told of messages `m`, or of entries `e` whose `raw_id` is named.
_WRONG = {
    "nobody has handled it": "m.state = 'received' AND m.received_at < %(lost)s",
    "it was handled, and has no outcome": f"m.state <> 'received' AND m.outcome NOT IN {_ENDS}",
    "it is in quarantine and has another outcome": "(m.state = 'quarantined') <> (m.outcome = 'quarantine')",
    "it became an entry that is not there": f"m.outcome IN ('new', 'reply', 'probe') AND NOT {_ENTRY}",
    "it is held, and no request holds it": f"m.outcome = 'held' AND NOT {_HELD}",
    "it is a copy of no message": "m.outcome = 'duplicate' AND m.duplicate_of_id IS NULL",
    "it is told on no request": "m.outcome = 'event' AND m.ticket_id IS NULL",
    "it became an entry and ended otherwise too": f"m.outcome NOT IN ('new', 'reply', 'probe') AND {_ENTRY}",
    "it waits to be let in and ended otherwise too": f"m.outcome <> 'held' AND {_OPEN_HELD}",
}
_ORPHANS = {
    "an entry of a message that is not there": f"tickets_reply e WHERE e.raw_id IS NOT NULL AND NOT {_RAW}",
    "a held entry of a message that is not there": f"tickets_held e WHERE e.raw_id > 0 AND NOT {_RAW}",
}
_MESSAGES = "SELECT m.id FROM mail_rawmail m WHERE {}"
_ENTRIES = "SELECT e.raw_id FROM {}"


def check(now: datetime) -> list[Finding]:
    """Everything that is not as it must be; reads every message, so it is for the command line and for tests."""
    wrong = {what: _MESSAGES.format(condition) for what, condition in _WRONG.items()}
    wrong |= {what: _ENTRIES.format(rest) for what, rest in _ORPHANS.items()}
    values = {"lost": now - LOST_AFTER}
    found = {what: sorted(pk for (pk,) in sql.rows(text, values)) for what, text in wrong.items()}
    return [Finding(what, tuple(ids[:MOST_NAMED]), len(ids)) for what, ids in found.items() if ids]
