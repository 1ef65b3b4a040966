"""Finding articles: as one types a question (`suggest`), and by words (`search`). Each answer is for one reader.

Nothing that a reader may not read moves what they find: lists, ranks and counts come from what they may read alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from answerable.knowledge.access import Reader, in_language, readable
from answerable.knowledge.asked import Asked, asked, audiences_of, languages_of
from answerable.knowledge.found import found_pattern, in_a_line
from answerable.knowledge.models import Translation
from answerable.knowledge.queries import Listed, listed
from answerable.lib import sql
from answerable.lib.folding import words_of
from answerable.lib.highlight import Pieces, marked, snippet

MOST_WORDS = 12
PAGE = 10
# Whoever looks further than this should say more.
DEEPEST = 100
# So many texts of each word and audience are looked at, the heaviest first; the best of these then by all the words.
_FEW, _MANY = 150, 600
_BEST = {_FEW: 40, _MANY: DEEPEST}
_WORTHWHILE = 0.3
_SHOWN = ("article", "slug", "locale", "shown_title", "text", "published_at", "article__audience", "article__section")


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


@dataclass(frozen=True)
class _Hit:
    translation: int
    score: float


_HITS = """
WITH asked AS MATERIALIZED (
  SELECT * FROM unnest(%(locales)s::text[], %(places)s::int[], %(words)s::text[], %(worths)s::float[])
    a(locale, place, word, worth)
), listed AS (
  SELECT a.place, p.translation_id, max(a.worth * p.weight) AS score
  FROM asked a CROSS JOIN unnest(%(audiences)s::text[]) o(audience) CROSS JOIN LATERAL (
    SELECT p.translation_id, p.weight FROM knowledge_posting p
    WHERE p.audience = o.audience AND p.locale = a.locale AND p.word = a.word
      AND (o.audience <> 'organizations' OR %(staff)s OR EXISTS (
        SELECT FROM knowledge_articleorganization r
        WHERE r.article_id = p.article_id AND r.organization_id = ANY(%(organizations)s)))
    ORDER BY p.weight DESC LIMIT %(most)s) p
  GROUP BY 1, 2
), best AS (
  SELECT translation_id FROM listed GROUP BY 1 ORDER BY sum(score) DESC, 1 LIMIT %(deepest)s
), whole AS (
  SELECT a.place, best.translation_id, max(a.worth * p.weight) AS score
  FROM best CROSS JOIN asked a CROSS JOIN LATERAL (
    SELECT p.weight FROM knowledge_posting p
    WHERE p.translation_id = best.translation_id AND p.word = a.word AND p.locale = a.locale LIMIT 1) p
  GROUP BY 1, 2
)
SELECT translation_id, sum(score) FROM whole GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %(deepest)s
"""


def suggest(reader: Reader, text: str, locale: str, most: int = 5) -> tuple[Found, ...]:
    """What may answer a question that is being typed; the last word may be unfinished. Best first."""
    words = words_of(text)[:MOST_WORDS]
    if len("".join(words)) < 2:
        return ()
    looked, hits = _look(reader, words, locale, _FEW, most)
    return _found(reader, hits[:most], words, looked)


def search(reader: Reader, text: str, locale: str, page: int = 1) -> Results:
    """What answers words, best first, as far as it is not much worse than the best."""
    words = words_of(text)[:MOST_WORDS]
    page = min(max(page, 1), DEEPEST // PAGE)
    looked, hits = _look(reader, words, locale, _MANY, PAGE)
    hits = [hit for hit in hits if hit.score >= _WORTHWHILE * hits[0].score][:DEEPEST]
    return Results(_found(reader, hits[(page - 1) * PAGE : page * PAGE], words, looked), len(hits), page if hits else 1)


def _look(reader: Reader, words: Sequence[str], locale: str, lists: int, enough: int) -> tuple[list[Asked], list[_Hit]]:
    """What was looked for and found: in the reader's language, and where that is not enough in the others."""
    looked = asked(reader, words, [locale])
    hits = _hits(reader, looked, lists)
    if words and len(hits) < enough:
        others = asked(reader, words, [one for one in languages_of(audiences_of(reader)) if one != locale])
        looked = [*looked, *others]
        hits += _in_language(reader, _hits(reader, others, lists), locale)
    return looked, hits


def _hits(reader: Reader, looked: Sequence[Asked], most: int) -> list[_Hit]:
    if not looked:
        return []
    values = {
        "locales": [one.locale for one in looked],
        "places": [one.place for one in looked],
        "words": [one.word for one in looked],
        "worths": [one.worth for one in looked],
        "audiences": audiences_of(reader),
        "staff": reader.staff,
        "organizations": sorted(reader.organizations),
        "most": most,
        "deepest": _BEST[most],
    }
    return [_Hit(*row) for row in sql.rows(_HITS, values)]


def _in_language(reader: Reader, hits: Sequence[_Hit], locale: str) -> list[_Hit]:
    """Those of articles that aren't there in this language, one of each."""
    if not hits:
        return []
    found = in_language(readable(reader), locale).filter(pk__in=[hit.translation for hit in hits])
    kept = set(found.values_list("pk", flat=True))
    return [hit for hit in hits if hit.translation in kept]


def _found(reader: Reader, hits: Sequence[_Hit], words: Sequence[str], looked: Sequence[Asked]) -> tuple[Found, ...]:
    if not hits:
        return ()
    found = readable(reader).filter(pk__in=[hit.translation for hit in hits]).select_related("article")
    rows: dict[int, Translation] = {row.pk: row for row in found.only(*_SHOWN)}
    pattern = found_pattern(words, looked)
    return tuple(
        Found(listed(row), marked(row.shown_title, pattern), snippet(in_a_line(row.text), pattern))
        for hit in hits
        if (row := rows.get(hit.translation))
    )
