"""The public entries of a conversation: what is shown of each at once, and what is fetched when somebody looks."""

from datetime import datetime
from typing import Any, NamedTuple

from answerable.lib import sql
from answerable.tickets.models import Attachment, Reply, Ticket

# Bytes: a longer quote is fetched when somebody opens it.
SHORT = 6_000


class Kept(NamedTuple):
    """A file of an entry. `position` is how its HTML names it; `infected`: what a virus scanner called it."""

    id: int
    name: str
    size: int
    position: int
    inline: bool
    role: str
    infected: str


class Entry(NamedTuple):
    """A public entry. `html` is "" where it is `on_sheet`; `has_more`: there is more than the new words.

    `whole_html` or, without HTML, `text` beside `new_text` are that where it is short, else all are "". `address` is
    there where the author's name may not be believed. `flags`, `origin` and `raw_id` are for staff.
    """

    id: int
    author: str
    address: str
    author_id: int
    from_staff: bool
    channel: str
    at: datetime
    html: str
    on_sheet: bool
    has_more: bool
    whole_html: str
    text: str
    new_text: str
    flags: list[str]
    origin: dict[str, Any]
    raw_id: int | None
    files: list[Kept]


_HAS_MORE = r"(r.whole_html <> '' OR btrim(r.text, E' \n\t') <> btrim(r.new_text, E' \n\t'))"
_IS_SHORT_TEXT = f"r.whole_html = '' AND octet_length(r.text) <= {SHORT} AND {_HAS_MORE}"
_SHOWN = f"""
SELECT r.id, coalesce(nullif(p.name, ''), p.email), CASE WHEN r.flags ? 'name_spoof' THEN p.email ELSE '' END,
  r.author_id, r.from_staff, r.channel, r.at, CASE WHEN r.on_sheet THEN '' ELSE r.html END, r.on_sheet, {_HAS_MORE},
  CASE WHEN octet_length(r.whole_html) <= {SHORT} AND NOT r.on_sheet THEN r.whole_html ELSE '' END,
  CASE WHEN {_IS_SHORT_TEXT} THEN r.text ELSE '' END, CASE WHEN {_IS_SHORT_TEXT} THEN r.new_text ELSE '' END,
  r.flags::json, r.origin::json, r.raw_id,
"""
_FILES = """(
  SELECT coalesce(json_agg(
    json_build_array(a.id, a.name, f.size, a.position, a.inline, a.role, f.infected) ORDER BY a.position), '[]')
  FROM tickets_attachment a JOIN tickets_file f ON f.id = a.file_id WHERE a.reply_id = r.id
)"""
_OF_TICKET = """
FROM tickets_reply r JOIN people_person p ON p.id = r.author_id
WHERE r.ticket_id = %(ticket)s AND NOT r.flags @> '["moved"]' ORDER BY r.id
"""


def replies(ticket: Ticket) -> list[Entry]:
    """The public conversation, oldest first, with its files."""
    return [
        Entry._make((*most, [Kept._make(one) for one in files]))
        for *most, files in sql.rows(_SHOWN + _FILES + _OF_TICKET, {"ticket": ticket.pk})
    ]


def newest_reply(ticket: Ticket | None = None) -> int:
    """The id of the last reply, of this ticket or of all; 0 where there is none."""
    rows = Reply.objects.all() if ticket is None else Reply.objects.filter(ticket=ticket)
    return rows.order_by("-id").values_list("id", flat=True).first() or 0


class Words(NamedTuple):
    """All that an entry says, and its pictures by position, each with the id of its file."""

    author: str
    html: str
    whole_html: str
    text: str
    new_text: str
    on_sheet: bool
    pictures: dict[int, int]


def words_of(ticket: Ticket, pk: int) -> Words | None:
    """What an entry of this very ticket says."""
    reply = Reply.objects.filter(ticket=ticket, pk=pk).select_related("author").first()
    if reply is None:
        return None
    shown = Attachment.objects.filter(reply=reply, inline=True, file__infected="")
    pictures = dict(shown.values_list("position", "id"))
    return Words(reply.author.label, reply.html, reply.whole_html, reply.text, reply.new_text, reply.on_sheet, pictures)


def find_attachment(ticket: Ticket, pk: int) -> Attachment | None:
    """A file of this very ticket."""
    return Attachment.objects.filter(ticket=ticket, pk=pk).select_related("file").first()
