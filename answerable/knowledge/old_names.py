"""What was brought from another help center, by its name there: its number here, and what its address says."""

from answerable.knowledge.access import Reader
from answerable.knowledge.models import Article, Section
from answerable.knowledge.queries import article, shelf


def article_by_name(reader: Reader, name: str, locale: str) -> tuple[int, str] | None:
    """Number and slug of the article; None: there is none for this reader."""
    pk = Article.objects.filter(external_id=name).values_list("pk", flat=True).first()
    shown = article(reader, pk, locale) if pk else None
    return (shown.article, shown.slug) if shown else None


def section_by_name(reader: Reader, name: str, locale: str) -> tuple[int, str] | None:
    """Number and title of the section; None: it holds nothing for this reader."""
    pk = Section.objects.filter(external_id=name).values_list("pk", flat=True).first()
    found = shelf(reader, pk, locale) if pk else None
    return (found.pk, found.title) if found else None
