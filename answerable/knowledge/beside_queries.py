"""Articles beside a request: who could read them, and their words for a reply."""

import re
from collections.abc import Iterable

from answerable.knowledge.access import Reader, readable
from answerable.knowledge.models import Revision, Translation


def read_by(reader: Reader, articles: Iterable[int]) -> set[int]:
    """Those of these articles that this reader may read."""
    return set(readable(reader).filter(article__in=list(articles)).values_list("article", flat=True))


_OWN_PICTURE = re.compile(r"!\[[^\]]{0,500}\]\(file:[^)]{0,300}\)", re.IGNORECASE)
_OWN_LINK = re.compile(r"\[([^\]]{0,500})\]\(file:[^)]{0,300}\)", re.IGNORECASE)


def words_to_put(article: int, locale: str) -> str | None:
    """The published text of the article as Markdown, for a reply, in this language or, if none is said, in its first;
    its own pictures and files stay with it."""
    found = Translation.objects.filter(article=article, published__isnull=False, article__archived_at__isnull=True)
    row = (found.filter(locale=locale) if locale else found.order_by("pk")).first()
    text = None if row is None else Revision.objects.filter(translation=row, number=row.published or 0).first()
    if text is None:
        return None
    return _OWN_LINK.sub(r"\1", _OWN_PICTURE.sub("", text.body)).strip()
