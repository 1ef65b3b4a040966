"""Articles that somebody promised to look at again by now."""

from datetime import date, timedelta
from typing import NamedTuple

from answerable.knowledge.models import Article, Translation

# As long as no worker ran, at most.
LATE = timedelta(days=7)


class Due(NamedTuple):
    """An article whose date came; `title`: in the language that it was written in first."""

    article: int
    owner: int
    review_on: date
    title: str


def due_for_review(day: date) -> list[Due]:
    """Those of active owners whose date came by this day, a week ago at most. Archived ones rest."""
    rows = Article.objects.filter(
        archived_at__isnull=True, owner__is_active=True, review_on__lte=day, review_on__gt=day - LATE
    )
    found = list(rows.order_by("review_on", "pk").values_list("pk", "owner", "review_on", "locale"))
    texts = Translation.objects.filter(article__in=[pk for pk, *_rest in found]).values_list(
        "article", "locale", "title"
    )
    titles = {(article, locale): title for article, locale, title in texts}
    return [Due(pk, owner, on, titles.get((pk, locale), "")) for pk, owner, on, locale in found if on and owner]
