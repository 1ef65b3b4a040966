"""What the help center's pages ask besides: an article's addresses in its languages, its kin, what feeds and maps list.

Each answer is for one reader, like those of `queries`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from answerable.knowledge.access import ANYBODY, Reader, readable
from answerable.knowledge.asked import languages_of, whole_audiences
from answerable.knowledge.found import in_a_line
from answerable.knowledge.models import Audience, Section, Translation
from answerable.knowledge.queries import Listed, Shown, last_published, listed, moment
from answerable.knowledge.search import Found, suggest

SUMMARY = 300
# A map has room for 50,000 addresses; an article has one for each of its languages.
PART = 2_000


@dataclass(frozen=True)
class Mapped:
    """A public article in the map: its address in each language, and when that was published."""

    article: int
    slugs: dict[str, str]
    published_at: dict[str, datetime]


def slugs(reader: Reader, article: int) -> dict[str, str]:
    """How the article's address ends in each language in which this reader may read it."""
    rows = readable(reader).filter(article=article).order_by("locale")
    return dict(rows.values_list("locale", "slug"))


def locales(reader: Reader) -> list[str]:
    """The languages in which this reader finds something."""
    found = set(languages_of(whole_audiences(reader)))
    if reader.organizations and not reader.staff:
        theirs = readable(reader).filter(article__audience=Audience.ORGANIZATIONS)
        found.update(theirs.values_list("locale", flat=True).distinct())
    return sorted(found)


def related(reader: Reader, shown: Shown, most: int = 4) -> list[Found]:
    """What else this reader may want: articles that share its labels, or words of its title."""
    labels = readable(reader).filter(pk=shown.translation).values_list("article__labels", flat=True).first() or []
    found = suggest(reader, " ".join([*labels, shown.title]), shown.locale, most + 1)
    return [one for one in found if one.listed.article != shown.article][:most]


def with_summaries(reader: Reader, locale: str, most: int) -> list[tuple[Listed, str]]:
    """What was published last, each with how its text begins."""
    found = last_published(reader, locale, most).defer("html", "body")
    return [(listed(row), summary(row.text)) for row in found]


def summary(text: str) -> str:
    """How a text begins, cut between words."""
    words = in_a_line(text[: 2 * SUMMARY])
    return words if len(words) <= SUMMARY else f"{words[:SUMMARY].rsplit(' ', 1)[0]} …"


def public_parts() -> list[int]:
    """Where each part of the map begins: after which article. One part is [0]."""
    found = readable(ANYBODY).order_by("article").values_list("article", flat=True).distinct()
    return [0, *list(found)[PART - 1 :: PART]]


def public_map(after: int = 0) -> Iterator[Mapped]:
    """The articles of one part."""
    ids = readable(ANYBODY).filter(article__gt=after).order_by("article").values_list("article", flat=True).distinct()
    rows = readable(ANYBODY).filter(article__in=list(ids[:PART])).order_by("article", "locale")
    values = rows.values_list("article", "locale", "slug", "published_at")
    for article, group in groupby(values, key=lambda row: row[0]):
        each = list(group)
        at = {locale: moment(published_at) for _article, locale, _slug, published_at in each}
        yield Mapped(article, {locale: slug for _article, locale, slug, _at in each}, at)


def public_sections() -> list[Section]:
    """Those in which everybody finds something."""
    held = Translation.objects.filter(pk__in=readable(ANYBODY)).values("article__section")
    return list(Section.objects.filter(pk__in=held).order_by("position", "title", "pk"))
