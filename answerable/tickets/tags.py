"""Tags as they are kept: lower case, no blanks or commas, each once; and which ones are in use."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.lib import sql
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.tickets.seen import asks, visible

MOST = 20
LONGEST = 64
# Suggestions look at so many of the newest tagged requests, whatever there are.
LOOKED_AT = 2000
SUGGESTED = 10


def normal(tag: str) -> str:
    """One tag as it is kept. Raises Refused."""
    found = tag.strip().removeprefix("#").lower()
    if not found:
        raise Refused("tag_empty", _("A tag needs at least one letter."))
    if len(found) > LONGEST:
        words = {"tag": found[:LONGEST], "most": LONGEST}
        raise Refused("tag_long", _("“%(tag)s…” is too long: a tag has at most %(most)s letters.") % words)
    if "," in found or not found.isprintable() or any(letter.isspace() for letter in found):
        raise Refused("tag_words", _("“%(tag)s” has blanks or commas: join its words with a hyphen.") % {"tag": found})
    return found


def normal_all(tags: Iterable[str]) -> list[str]:
    """Each once, in their order. Raises Refused, also for too many."""
    found = list(dict.fromkeys(normal(tag) for tag in tags))
    if len(found) > MOST:
        raise Refused("tags_many", _("A request has at most %(most)s tags.") % {"most": MOST})
    return found


def read(text: str) -> list[str]:
    """What somebody typed: tags with blanks or commas between them. Raises Refused."""
    return normal_all(text.replace(",", " ").split())


_USED = """
SELECT tag FROM (
  SELECT t.* FROM tickets_ticket t WHERE t.tags <> '{}' ORDER BY t.id DESC LIMIT %(looked_at)s
) t, unnest(t.tags) AS tag
"""
_MOST_USED = "GROUP BY tag ORDER BY count(*) DESC, tag LIMIT %(most)s"


def suggestions(person: Person, begins: str, now: datetime) -> list[str]:
    """The tags that recent requests have, of those that the person may see, most used first."""
    start = begins.strip().lower()[:LONGEST]
    values = asks(person, now) | {"begins": start, "looked_at": LOOKED_AT, "most": SUGGESTED}
    found = sql.rows(f"{_USED} WHERE {visible(person)} AND starts_with(tag, %(begins)s) {_MOST_USED}", values)
    return [tag for (tag,) in found]
