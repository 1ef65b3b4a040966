"""What staff ask of searches, views and answers: which articles are missing, which ones are read, which ones help."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, Q, Sum

from answerable.knowledge.asking import ArticleDay, Asking, Feedback, Searched
from answerable.knowledge.deflection import Visit


@dataclass(frozen=True)
class Missing:
    """Words that nothing was found for: how often they were searched, when last, and in which languages."""

    text: str
    times: int
    last_at: datetime
    locales: tuple[str, ...]


@dataclass(frozen=True)
class Searches:
    """How many searches there were; in how many nothing was found, or nothing opened of what was."""

    all: int
    in_vain: int
    unopened: int


@dataclass(frozen=True)
class Opinion:
    """How many said that an article helped, or that it did not."""

    helpful: int = 0
    not_helpful: int = 0


@dataclass(frozen=True)
class Comment:
    """What somebody missed in it. `by`: who they are, "" where we don't know; `revision`: the text that they read."""

    text: str
    at: datetime
    by: str
    locale: str
    revision: int


def without_result(since: datetime, most: int = 50, source: str = "") -> list[Missing]:
    """The articles to write: what was searched in vain, most often first. What found something since then stays."""
    found = Searched.objects.filter(found=0, at__gte=since).exclude(text="")
    if source:
        found = found.filter(source=source)
    each = found.values("text").annotate(times=Count("pk"), last_at=Max("at"))
    rows = list(each.order_by("-times", "-last_at", "text")[:most])
    locales: dict[str, set[str]] = {}
    texts = [row["text"] for row in rows]
    for text, locale in found.filter(text__in=texts).values_list("text", "locale").distinct():
        locales.setdefault(text, set()).add(locale)
    return [Missing(row["text"], row["times"], row["last_at"], tuple(sorted(locales[row["text"]]))) for row in rows]


def searches(since: datetime, until: datetime) -> Searches:
    """Those of a period."""
    found = Searched.objects.filter(at__gte=since, at__lt=until)
    counts = found.aggregate(
        all=Count("pk"),
        in_vain=Count("pk", filter=Q(found=0)),
        unopened=Count("pk", filter=Q(found__gt=0, opened=None)),
    )
    return Searches(**counts)


def views(articles: Iterable[int], since: date) -> dict[int, int]:
    """How often each was opened since that day, in all languages; one that was not is left out."""
    rows = ArticleDay.objects.filter(translation__article__in=list(articles), day__gte=since)
    return dict(rows.values_list("translation__article").annotate(Sum("views")).order_by())


def views_by_day(article: int, since: date) -> list[tuple[date, int]]:
    """Of one article, the days on which it was opened."""
    rows = ArticleDay.objects.filter(translation__article=article, day__gte=since)
    return list(rows.values_list("day").annotate(Sum("views")).order_by("day"))


def opinions(articles: Iterable[int]) -> dict[int, Opinion]:
    """What was said of each, in all languages; one of which nothing was said is left out."""
    rows = Feedback.objects.filter(translation__article__in=list(articles)).values_list("translation__article")
    counted = rows.annotate(yes=Count("pk", filter=Q(helpful=True)), no=Count("pk", filter=Q(helpful=False))).order_by()
    return {article: Opinion(yes, no) for article, yes, no in counted}


def comments(article: int, most: int = 20) -> list[Comment]:
    """What was missing in it, the latest first."""
    rows = Feedback.objects.filter(translation__article=article).exclude(comment="")
    rows = rows.select_related("person", "translation").only(
        "comment", "at", "revision", "person__name", "person__email", "translation__locale"
    )
    return [
        Comment(row.comment, row.at, row.person.label if row.person else "", row.translation.locale, row.revision)
        for row in rows.order_by("-at", "-pk")[:most]
    ]


def visits(since: datetime, until: datetime) -> list[Visit]:
    """The visits to forms that began in this time, the earliest first: for `deflection.by_day`."""
    rows = Asking.objects.filter(begun_at__gte=since, begun_at__lt=until).order_by("begun_at", "pk")
    return [
        Visit(begun_at, bool(shown), bool(opened), sent_at, person, visitor)
        for begun_at, shown, opened, sent_at, person, visitor in rows.values_list(
            "begun_at", "shown", "opened", "sent_at", "person", "visitor"
        )
    ]
