"""Articles beside a request: what may answer it, and whether its requester could read that."""

from dataclasses import dataclass

from answerable.knowledge.access import reader_of
from answerable.knowledge.beside_queries import read_by
from answerable.knowledge.search import suggest
from answerable.lib.addresses import url
from answerable.lib.highlight import Pieces
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets.models import Ticket


@dataclass(frozen=True)
class Suggested:
    """An article for an agent. `for_them`: the requester may read it; `link`: for a reply, as Markdown."""

    article: int
    locale: str
    title: Pieces
    snippet: Pieces
    audience: str
    for_them: bool
    href: str
    link: str


def suggested(person: Person, ticket: Ticket, text: str, locale: str) -> list[Suggested]:
    """The best that the words find, of all that staff may read."""
    found = suggest(reader_of(person), text, locale)
    theirs = read_by(reader_of(ticket.requester), [one.listed.article for one in found])
    base = vendor().portal_address
    rows = []
    for one in found:
        at = one.listed
        path = url("portal:help_article", pk=at.article, slug=at.slug)
        title = at.title.replace("[", "(").replace("]", ")")
        readable = at.article in theirs
        rows.append(
            Suggested(
                at.article, at.locale, one.title, one.snippet, at.audience, readable, path, f"[{title}]({base}{path})"
            )
        )
    return rows
