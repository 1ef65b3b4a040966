"""Finding articles: as one types a question (`suggest`), and by words (`search`). Each answer is for one reader.

Nothing that a reader may not read moves what they find: ranks and counts come from what they may read alone.
"""

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import QuerySet

from answerable.knowledge.access import Reader, in_language, readable
from answerable.knowledge.languages import stems_of
from answerable.knowledge.models import Translation
from answerable.knowledge.queries import Listed, listed
from answerable.lib.folding import words_of
from answerable.lib.highlight import Pieces, hits, marked, snippet

MOST_WORDS = 12
PAGE = 10
# Whoever looks further than this should say more.
DEEPEST = 100
# Which weights count how much: D (the text), C (nothing), B (headings, labels), A (the title).
_WEIGHTS = [0.1, 0.2, 0.5, 1.0]


@dataclass(frozen=True)
class Found:
    """An article with where its words were found."""

    listed: Listed
    title: Pieces
    snippet: Pieces


@dataclass(frozen=True)
class Results:
    """A page of what was found; `total` is counted up to DEEPEST."""

    found: tuple[Found, ...]
    total: int
    page: int

    @property
    def more(self) -> bool:
        """Whether there is a next page."""
        return self.page * PAGE < self.total


def suggest(reader: Reader, text: str, locale: str, most: int = 5) -> tuple[Found, ...]:
    """What may answer a question that is being typed; the last word may be unfinished. Best first."""
    words = words_of(text)[:MOST_WORDS]
    if not words or len("".join(words)) < 2:
        return ()
    return _found(_ranked(reader, reduce(or_, _asked(words, locale)), locale)[:most], words)


def search(reader: Reader, text: str, locale: str, page: int = 1) -> Results:
    """What has all the words; where nothing has, what has some of them."""
    words = words_of(text)[:MOST_WORDS]
    page = min(max(page, 1), DEEPEST // PAGE)
    if not words:
        return Results((), 0, 1)
    each = _asked(words, locale)
    ranked = _ranked(reader, reduce(and_, each), locale)
    total = ranked[:DEEPEST].count()
    if not total and len(words) > 1:
        ranked = _ranked(reader, reduce(or_, each), locale)
        total = ranked[:DEEPEST].count()
    rows = ranked[(page - 1) * PAGE : page * PAGE]
    return Results(_found(rows, words), total, page)


def _asked(words: list[str], locale: str) -> list[SearchQuery]:
    """For each word its stem; for the last one also whatever begins so."""
    stems = [SearchQuery(word, config=stems_of(locale), search_type="plain") for word in words]
    return [*stems[:-1], stems[-1] | SearchQuery(f"{words[-1]}:*", config="simple", search_type="raw")]


def _ranked(reader: Reader, asked: SearchQuery, locale: str) -> QuerySet[Translation]:
    found = in_language(readable(reader), locale).filter(words=asked)
    rank = SearchRank("words", asked, weights=_WEIGHTS, normalization=1)
    return found.annotate(rank=rank).select_related("article").defer("html", "body", "words").order_by("-rank", "pk")


def _found(rows: QuerySet[Translation], words: list[str]) -> tuple[Found, ...]:
    pattern = hits(words[:-1], words[-1:])
    return tuple(Found(listed(row), marked(row.shown_title, pattern), snippet(row.text, pattern)) for row in rows)
