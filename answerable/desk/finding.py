"""What a search at the desk shows: requests with the piece that was found, people and organizations, and where there is
nothing, what to loosen.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from answerable.lib.addresses import url
from answerable.lib.clock import exact
from answerable.lib.folding import fold
from answerable.lib.highlight import Pieces, hits, marked, snippet
from answerable.people.find_queries import Named, named
from answerable.people.models import Person
from answerable.tickets.internal_search import (
    MOST,
    Found,
    Part,
    Wanted,
    common_tags,
    common_words,
    find,
    opened,
    parts_of,
    read_place,
)
from answerable.tickets.queries import Row
from answerable.tickets.search_filters import Narrowed, Wrong, narrow
from answerable.tickets.search_language import Filter, Query, instead, read, without
from answerable.tickets.words import share_read

# Of people and of organizations, as many stand beside the requests.
BESIDE = 5
# Ways out of an empty page, and how many are tried for them.
MOST_WAYS, MOST_TRIED = 4, 8
# All of them together, whose page waits for them.
WAYS_TAKE = timedelta(seconds=2)
IN_PALETTE = 7
# Letters that are looked at, of whatever comes.
MOST_TYPED = 2000


@dataclass(frozen=True)
class Result:
    """A request: its subject with what was found marked, and a piece of the part where else it was."""

    row: Row
    subject: Pieces
    where: str
    piece: Pieces
    href: str


@dataclass(frozen=True)
class Way:
    """A link that finds something: what it says, and what it searches."""

    words: str
    href: str


@dataclass(frozen=True)
class Page:
    """All that stands on the page of a search. `newest`: how many were looked at, where there are more."""

    query: Query
    found: Found
    results: list[Result] = field(default_factory=list)
    people: list[Named] = field(default_factory=list)
    organizations: list[Named] = field(default_factory=list)
    wrong: list[tuple[str, Way | None]] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    next_url: str = ""
    first_url: str = ""
    newest: int = 0
    share_read: int | None = None


def search_url(text: str, **more: str) -> str:
    """The address of a search."""
    return f"{url('desk:search')}?{urlencode({'q': text} | {key: value for key, value in more.items() if value})}"


def page(text: str, sort: str, after: str, person: Person, now: datetime) -> Page:
    """The page for what was typed."""
    query = read(text)
    if not query:
        return Page(query, Found([]), share_read=share_read())
    narrowed = narrow(query)
    wanted = Wanted(query, narrowed, recent=sort == "recent", after=read_place(after))
    found = find(wanted, person, now)
    rows = found.rows if wanted.after else _with_number(query, found.rows, person, now)
    people, organizations = _beside(query, BESIDE) if not wanted.after else ([], [])
    return Page(
        query=query,
        found=found,
        results=_results(rows, query, narrowed, person, now),
        people=people,
        organizations=organizations,
        wrong=[(one.why, _better(query, one)) for one in narrowed.wrong],
        ways=[] if rows or found.late else _ways(wanted, person, now),
        next_url=search_url(text, sort=sort, after=str(found.next)) if found.next else "",
        first_url=search_url(text, sort=sort) if wanted.after else "",
        newest=MOST if found.bounded else 0,
        share_read=share_read(),
    )


def _with_number(query: Query, rows: list[Row], person: Person, now: datetime) -> list[Row]:
    """The request whose number was typed comes first."""
    first = opened([query.number], person, now) if query.number is not None else []
    return [*first, *(row for row in rows if row not in first)]


def _beside(query: Query, most: int) -> tuple[list[Named], list[Named]]:
    """People and organizations with all the words; filters are about requests."""
    return named(" ".join(word for term in query.wanted for word in term.words), most)


def _results(rows: list[Row], query: Query, narrowed: Narrowed, person: Person, now: datetime) -> list[Result]:
    parts = parts_of([row.id for row in rows], query, narrowed.weights, person, now)
    pattern = _pattern(query)
    return [_result(row, parts.get(row.id), pattern) for row in rows]


def _pattern(query: Query) -> re.Pattern[str] | None:
    whole = {word for term in query.wanted for word in term.words}
    return hits(whole, [term.words[-1] for term in query.wanted if term.begins])


def _result(row: Row, part: Part | None, pattern: re.Pattern[str] | None) -> Result:
    href = url("desk:ticket", number=row.number)
    title = marked(row.subject[:200] or _("(no subject)"), pattern)
    if part is None:
        return Result(row, title, "", [(row.preview, False)] if row.preview else [], href)
    jump = f"#e{part.entry}" if part.entry else ""
    return Result(row, title, _where(part.kind), snippet(part.text, pattern), href + jump)


def _where(kind: str) -> str:
    return {"note": _("Note"), "held": _("Held mail"), "file": _("File"), "tag": _("Tag")}.get(kind, "")


def _better(query: Query, one: Wrong) -> Way | None:
    return Way(one.better, search_url(instead(query, one.raw, one.better))) if one.better else None


def _ways(wanted: Wanted, person: Person, now: datetime) -> list[Way]:
    """Searches that differ in one thing and find something."""
    found: list[Way] = []
    until = exact() + WAYS_TAKE
    for tried, (words, text) in enumerate(_loosened(wanted.query)):
        left = int((until - exact()).total_seconds() * 1000)
        if tried == MOST_TRIED or len(found) == MOST_WAYS or left <= 0:
            break
        query = read(text)
        one = replace(wanted, query=query, narrowed=narrow(query), after=None, most=100, page=1)
        there = find(one, person, now, left)
        if there.late:
            break
        if count := there.count:
            said = _("%(count)s requests") % {"count": count} if count > 1 else _("1 request")
            found.append(Way(f"{words} · {_('100 or more requests') if count == one.most else said}", search_url(text)))
    return found


def _loosened(query: Query) -> Iterator[tuple[str, str]]:
    """(what it says, text): without one filter, with words and tags that are known, without one word."""
    parts = len(query.filters) + len(query.terms)
    for one in query.filters:
        if parts > 1:
            yield _loosening(one), without(query, one.raw)
    for raw, other in _known_instead(query):
        yield _("Did you mean “%(part)s”?") % {"part": other[:60]}, instead(query, raw, other)
    for term in query.terms:
        if parts > 1:
            yield _("Without “%(part)s”") % {"part": term.raw[:60]}, without(query, term.raw)


def _loosening(one: Filter) -> str:
    if one.key in ("status", "is") and not one.negated and one.values[0].lower() in ("open", "unsolved"):
        return _("In solved and closed requests, too")
    return _("Without “%(part)s”") % {"part": one.raw[:60]}


def _known_instead(query: Query) -> Iterator[tuple[str, str]]:
    words = [term for term in query.wanted if len(term.words) == 1]
    if words:
        known = [word for word in common_words() if len(word) > 2]
        for term in words:
            for close in get_close_matches(term.words[0], known, 1, 0.75):
                if close != term.words[0]:
                    yield term.raw, close
    for one in query.filters:
        if one.key == "tag" and not one.negated:
            tags = {fold(tag): tag for tag in common_tags()}
            for close in get_close_matches(fold(one.values[0]), list(tags), 1, 0.6):
                yield one.raw, f'tag:"{tags[close]}"' if " " in close else f"tag:{tags[close]}"


@dataclass(frozen=True)
class Suggested:
    """What the palette shows for what has been typed so far."""

    text: str
    results: list[Result]
    people: list[Named]
    organizations: list[Named]
    all_url: str


def suggest(text: str, recent: str, person: Person, now: datetime) -> Suggested:
    """At most three statements where words are typed; before that, the requests that were opened last."""
    query = read(text)
    if not query:
        numbers = [int(one) for one in recent.split(",")[:IN_PALETTE] if one.isascii() and one.isdecimal()]
        rows = opened(numbers, person, now)
        return Suggested("", [_result(row, None, None) for row in rows], [], [], "")
    rows = opened([query.number], person, now) if query.number is not None else []
    if not rows:
        rows = find(Wanted(query, narrow(query), recent=True, most=IN_PALETTE, page=IN_PALETTE), person, now).rows
    people, organizations = _beside(query, 3) if query.number is None else ([], [])
    results = [_result(row, None, _pattern(query)) for row in rows]
    return Suggested(text, results, people, organizations, search_url(text))
