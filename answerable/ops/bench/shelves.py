"""Fills a help center: the articles of the questions, and around them as many more as are asked for.

Those speak with the words of the former, as often as they do, and with words of their own: what is common is common
in all of them, so that a search that read every article with a common word would show.
"""

import itertools
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from answerable.knowledge import posted
from answerable.knowledge.body import render, slug_of
from answerable.knowledge.models import Article, ArticleOrganization, Audience, Revision, Section, Translation
from answerable.lib.folding import words_of
from answerable.ops.bench.questions import fill
from answerable.people.models import Organization, Person

_AUDIENCES = (*[Audience.PUBLIC] * 14, *[Audience.CUSTOMERS] * 3, *[Audience.STAFF] * 2, Audience.ORGANIZATIONS)
_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "en", "ar", "ost")]
_OWN_WORDS, _LENGTH, _BATCH, _SHELVES = 6000, 130, 200, 60


def crowd(by: Person, articles: int, now: datetime, say: Callable[[str], None]) -> dict[int, str]:
    """So many articles in all. The short names of those that questions are about, by number."""
    names = fill(by, now)
    said = _Words()
    shelves = Section.objects.bulk_create(
        Section(title=f"Shelf {n}", position=100 + n, external_id=f"bench-{n}") for n in range(_SHELVES)
    )
    organizations = list(Organization.objects.order_by("pk")[:20])
    left = max(0, articles - Article.objects.count())
    for batch in _batches(range(left)):
        with transaction.atomic():
            _put(by, [(n, shelves[n % _SHELVES], said) for n in batch], organizations, now)
        if batch[-1] % 4000 < _BATCH:
            say(f"{batch[-1] + 1:,} of {left:,} articles more")
    return names


def _batches(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), _BATCH):
        yield numbers[start : start + _BATCH]


class _Chance:
    """Numbers as by chance, and the same ones each time."""

    def __init__(self) -> None:
        self._state = 7

    def below(self, end: int) -> int:
        """From 0 on (a linear congruential generator: Knuth's MMIX)."""
        self._state = (self._state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        return (self._state >> 33) % end

    def some(self, words: Sequence[str], count: int) -> list[str]:
        """So many of these."""
        return [words[self.below(len(words))] for _ in range(count)]


class _Words:
    """Titles and texts."""

    def __init__(self) -> None:
        self._chance = _Chance()
        self._own = ["".join(self._chance.some(_SYLLABLES, 2 + self._chance.below(3))) for _ in range(_OWN_WORDS)]
        # A few of them often, most of them seldom.
        self._weights = list(itertools.accumulate(1_000_000 // (place + 10) for place in range(_OWN_WORDS)))
        texts = Translation.objects.filter(locale="en").values_list("text", flat=True)
        self._said = [word for text in texts for word in words_of(text)]
        counts = Counter(self._said)
        self._common = [word for word, count in counts.items() if count > 8 and len(word) > 3]

    def title(self) -> str:
        """Some words that everybody says, some of its own."""
        return self._mixed([*self._chance.some(self._common, 2), *self._of_own(2)]).capitalize()

    def body(self) -> str:
        """Two parts with headings."""
        return f"{self._text(40)}\n\n## {self.title()}\n\n{self._text(_LENGTH)}\n"

    def _text(self, length: int) -> str:
        return self._mixed([*self._chance.some(self._said, length * 2 // 3), *self._of_own(length // 3)])

    def _mixed(self, words: list[str]) -> str:
        return " ".join(sorted(words, key=lambda _word: self._chance.below(1 << 30)))

    def _of_own(self, count: int) -> list[str]:
        return [self._own[bisect(self._weights, self._chance.below(self._weights[-1]))] for _ in range(count)]


def _put(
    by: Person, rows: Sequence[tuple[int, Section, _Words]], organizations: Sequence[Organization], now: datetime
) -> None:
    """What the verbs would leave of a published article, many at a time; every fifth one in German too."""
    articles = Article.objects.bulk_create(
        Article(
            section=shelf,
            position=n,
            audience=_AUDIENCES[n % len(_AUDIENCES)] if organizations else Audience.PUBLIC,
            created_at=now,
            created_by=by,
            labels=[],
        )
        for n, shelf, _words in rows
    )
    ArticleOrganization.objects.bulk_create(
        ArticleOrganization(article=one, organization=organizations[one.pk % len(organizations)])
        for one in articles
        if one.audience == Audience.ORGANIZATIONS
    )
    translations = Translation.objects.bulk_create(
        _shown(article, locale, words.title(), words.body(), now - timedelta(minutes=n))
        for article, (n, _shelf, words) in zip(articles, rows, strict=True)
        for locale in (("en", "de") if n % 5 == 0 else ("en",))
    )
    Revision.objects.bulk_create(
        Revision(translation=one, number=1, title=one.title, body=one.body, at=now, by=by, by_label=by.label)
        for one in translations
    )
    for one in translations:
        posted.put(one, [heading.title for heading in render(one.body).headings])


def _shown(article: Article, locale: str, title: str, body: str, at: datetime) -> Translation:
    made = render(body)
    return Translation(
        article=article,
        locale=locale,
        title=title,
        body=body,
        edited_at=at,
        published=1,
        published_at=at,
        first_published_at=at,
        shown_title=title,
        slug=slug_of(title),
        html=made.html,
        text=made.text,
    )
