"""What readers get of a revision, written beside it once, so that no page renders or reads Markdown."""

from answerable.knowledge import posted
from answerable.knowledge.body import render, slug_of
from answerable.knowledge.file_queries import numbers
from answerable.knowledge.models import Revision, Translation


def show(row: Translation) -> None:
    """Bring what is shown and searched up to date with the published revision. The caller holds the row."""
    assert row.published is not None
    text = Revision.objects.get(translation=row, number=row.published)
    body = render(text.body, numbers(row.article_id))
    row.shown_title, row.slug, row.html, row.text = text.title, slug_of(text.title), body.html, body.text
    row.save(update_fields=["shown_title", "slug", "html", "text"])
    posted.put(row, [one.title for one in body.headings])
