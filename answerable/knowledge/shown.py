"""What readers get of a revision, written beside it once, so that no page renders or reads Markdown."""

from answerable.knowledge.body import render, slug_of
from answerable.knowledge.languages import stems_of
from answerable.knowledge.models import Revision, Translation
from answerable.lib import sql

# A tsvector has room for a megabyte; each text gives its words as they are and as their stems.
_MOST = 100_000
_WORDS = """
UPDATE knowledge_translation SET words =
  setweight(to_tsvector(%(stems)s::regconfig, said.title) || to_tsvector('simple', said.title), 'A')
  || setweight(to_tsvector(%(stems)s::regconfig, said.heads) || to_tsvector('simple', said.heads), 'B')
  || setweight(to_tsvector(%(stems)s::regconfig, said.body), 'D')
FROM (SELECT answerable_fold(%(title)s) AS title, answerable_fold(%(heads)s) AS heads,
             left(answerable_fold(%(body)s), %(most)s) AS body) AS said
WHERE id = %(pk)s
"""


def show(row: Translation) -> None:
    """Bring what is shown and searched up to date with the published revision. The caller holds the row."""
    assert row.published is not None
    text = Revision.objects.get(translation=row, number=row.published)
    body = render(text.body)
    row.shown_title, row.slug, row.html, row.text = text.title, slug_of(text.title), body.html, body.text
    row.save(update_fields=["shown_title", "slug", "html", "text"])
    heads = " \n ".join([*(one.title for one in body.headings), *row.article.labels])
    values = {"pk": row.pk, "stems": stems_of(row.locale), "title": text.title, "heads": heads[:_MOST]}
    sql.rows(_WORDS + " RETURNING id", values | {"body": body.text[:_MOST], "most": _MOST})
