"""What came to a ticket since somebody looked: ids and whose, never a word. It tells of notes and held mail all the
same, so it is guarded like them (import-linter).
"""

from typing import NamedTuple

from answerable.lib import sql


class Seen(NamedTuple):
    """How far a page went: its last entry, and the last reply on its way that it showed."""

    entry: int
    draft: int


class Came(NamedTuple):
    """Something that came after that, of somebody else: a reply, note, held mail, or a reply that is on its way."""

    kind: str
    id: int
    author_id: int | None


def read_seen(text: str) -> Seen | None:
    """As a page's hidden field says it, "12-3"; None for a page that says nothing."""
    entry, _, draft = text.partition("-")
    if not entry.isdecimal() or not draft.isdecimal() or max(len(entry), len(draft)) > 18:
        return None
    return Seen(int(entry), int(draft))


_CAME = """
SELECT 'reply', r.id, r.author_id FROM tickets_reply r
WHERE r.ticket_id = %(ticket)s AND r.id > %(entry)s AND r.author_id <> %(me)s AND NOT r.automatic
  AND NOT coalesce((r.origin->>'draft')::bigint <= %(draft)s, false)
UNION ALL
SELECT 'note', n.id, n.author_id FROM tickets_note n
WHERE n.ticket_id = %(ticket)s AND n.id > %(entry)s AND n.author_id <> %(me)s
UNION ALL
SELECT 'held', h.id, NULL FROM tickets_held h WHERE h.ticket_id = %(ticket)s AND h.id > %(entry)s
UNION ALL
SELECT 'sending', d.id, d.author_id FROM tickets_draft d
WHERE d.ticket_id = %(ticket)s AND d.id > %(draft)s AND d.author_id <> %(me)s AND d.send_at IS NOT NULL
ORDER BY 2
"""


def came_since(ticket_id: int, person_id: int, seen: Seen) -> list[Came]:
    """What this person has not seen, oldest first."""
    values = {"ticket": ticket_id, "me": person_id, "entry": seen.entry, "draft": seen.draft}
    return [Came._make(row) for row in sql.rows(_CAME, values)]
