"""What somebody types, as words of the vocabulary: stems, how an unfinished word may go on, what a typo may have meant.

The vocabulary is that of the audiences that the reader is in as a whole, so nothing here tells them of others.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from answerable.knowledge.access import Reader
from answerable.knowledge.languages import LANGUAGES, dictionary_of
from answerable.knowledge.models import Audience
from answerable.knowledge.postings import LONGEST
from answerable.lib import sql

# How much a word counts that isn't quite what was typed.
UNFINISHED, MISTYPED = 0.7, 0.5
# An unfinished word is tried with the most frequent words that begin so.
_ENDINGS, _MEANT = 8, 2
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

# The stem of a word that says nothing ("the") is NULL.
_STEMS = """
WITH said AS (
  SELECT d.locale, w.place, w.joined, (ts_lexize(d.dictionary::regdictionary, w.word))[1] AS stem
  FROM unnest(%(locales)s::text[], %(dictionaries)s::text[]) d(locale, dictionary)
  CROSS JOIN unnest(%(words)s::text[], %(places)s::int[], %(joined)s::bool[]) w(word, place, joined)
)
SELECT locale, place, joined, stem,
  (SELECT coalesce(sum(k.documents), 0)::int FROM knowledge_known k
   WHERE k.audience = ANY(%(audiences)s) AND k.locale = said.locale AND k.word = said.stem),
  (SELECT coalesce(sum(k.documents), 0)::int FROM knowledge_known k
   WHERE k.audience = ANY(%(audiences)s) AND k.locale = said.locale AND k.word = '')
FROM said WHERE stem <> ''
"""
# The word "" counts the texts.
_SPOKEN = """
SELECT l.locale FROM unnest(%(locales)s::text[]) l(locale)
WHERE EXISTS (SELECT FROM knowledge_known k
  WHERE k.audience = ANY(%(audiences)s) AND k.locale = l.locale AND k.word = '' AND k.documents > 0)
ORDER BY 1
"""
_ALIKE = """
SELECT said.locale, said.place, k.word, sum(k.documents)::int
FROM unnest(%(locales)s::text[], %(places)s::int[], %(words)s::text[]) said(locale, place, word)
JOIN knowledge_known k ON k.locale = said.locale AND k.word = said.word
WHERE k.audience = ANY(%(audiences)s) AND k.documents > 0 GROUP BY 1, 2, 3 ORDER BY 4 DESC
"""
_BEGUN = """
SELECT k.word, sum(k.documents)::int FROM knowledge_known k
WHERE k.audience = ANY(%(audiences)s) AND k.locale = %(locale)s AND k.documents > 0
  AND k.word >= %(begun)s AND k.word < %(end)s AND k.word <> %(begun)s
GROUP BY 1 ORDER BY 2 DESC LIMIT %(most)s
"""


@dataclass(frozen=True)
class Asked:
    """One word to look for: it stands for the word typed at `place`, and finding it says `worth`."""

    locale: str
    place: int
    word: str
    worth: float
    documents: int


@dataclass(frozen=True)
class _Stem:
    locale: str
    place: int
    joined: bool
    word: str
    documents: int
    all: int

    def asked(self, word: str, documents: int, share: float = 1.0) -> Asked:
        """This word, or another one in its place."""
        # Rare words tell more; one that nobody counted may be in texts for some organizations alone.
        worth = math.log(1 + (self.all + 1) / (documents + 0.5))
        return Asked(self.locale, self.place, word, share * worth, documents)


def whole_audiences(reader: Reader) -> list[str]:
    """Those of which this reader may read every article."""
    return list(Audience.values) if reader.staff else reader.audiences


def audiences_of(reader: Reader) -> list[str]:
    """Those, and the one of which it depends on the article."""
    some = [Audience.ORGANIZATIONS.value] if reader.organizations and not reader.staff else []
    return [*whole_audiences(reader), *some]


def languages_of(audiences: Sequence[str]) -> list[str]:
    """Those in which an audience has texts."""
    return [row[0] for row in sql.rows(_SPOKEN, {"audiences": list(audiences), "locales": list(LANGUAGES)})]


def asked(reader: Reader, words: Sequence[str], locales: Sequence[str]) -> list[Asked]:
    """What to look for in texts of these languages. Of the last word it may be that its writer goes on."""
    if not words or not locales:
        return []
    audiences = whole_audiences(reader)
    # Two words may be written as one: log in, login.
    said = [*enumerate(words), *((place, one + other) for place, (one, other) in enumerate(pairwise(words)))]
    values = {
        "locales": list(locales),
        "dictionaries": [dictionary_of(one) for one in locales],
        "places": [place for place, _word in said],
        "joined": [number >= len(words) for number in range(len(said))],
        "words": [word[:LONGEST] for _place, word in said],
        "audiences": audiences,
    }
    stems = [_Stem(*row) for row in sql.rows(_STEMS, values)]
    found = [stem.asked(stem.word, stem.documents) for stem in stems if stem.documents or not stem.joined]
    stems = [stem for stem in stems if not stem.joined]
    last = len(words) - 1
    endings = {stem: _endings(stem, words[last], audiences) for stem in stems if stem.place == last}
    unknown = [stem for stem in stems if not stem.documents and not endings.get(stem) and len(stem.word) > 3]
    return [*found, *(one for some in endings.values() for one in some), *_meant(unknown, audiences)]


def _endings(stem: _Stem, typed: str, audiences: Sequence[str]) -> list[Asked]:
    """The words that begin as the last one does."""
    if len(typed) < 2:
        return []
    values = {"audiences": audiences, "locale": stem.locale, "begun": typed, "end": _after(typed), "most": _ENDINGS}
    begun = sql.rows(_BEGUN, values)
    return [stem.asked(word, documents, UNFINISHED) for word, documents in begun if word != stem.word]


def _after(typed: str) -> str:
    return typed[:-1] + chr(ord(typed[-1]) + 1)


def _meant(unknown: Sequence[_Stem], audiences: Sequence[str]) -> Iterator[Asked]:
    """Words one letter away from those that nobody knows, the most frequent ones."""
    tried = [(stem, word) for stem in unknown for word in _one_off(stem.word)]
    if not tried:
        return
    values = {
        "audiences": audiences,
        "locales": [stem.locale for stem, _word in tried],
        "places": [stem.place for stem, _word in tried],
        "words": [word for _stem, word in tried],
    }
    by_place = {(stem.locale, stem.place): stem for stem in unknown}
    given: dict[tuple[str, int], int] = {}
    for locale, place, word, documents in sql.rows(_ALIKE, values):
        given[locale, place] = given.get((locale, place), 0) + 1
        if given[locale, place] <= _MEANT:
            yield by_place[locale, place].asked(word, documents, MISTYPED)


def _one_off(word: str) -> set[str]:
    """A letter too many, too few, another one, or two in the wrong order."""
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    fewer = {left + right[1:] for left, right in cuts if right}
    turned = {left + right[1] + right[0] + right[2:] for left, right in cuts if len(right) > 1}
    other = {left + one + right[1:] for left, right in cuts if right for one in _LETTERS}
    more = {left + one + right for left, right in cuts for one in _LETTERS}
    return (fewer | turned | other | more) - {word}
