"""Postings are written when a text is published, and taken away when nobody may read it any more."""

from collections.abc import Sequence

from django.db.models import OuterRef, Q, QuerySet

from answerable.knowledge.languages import dictionary_of
from answerable.knowledge.models import Article, Translation
from answerable.knowledge.postings import Posting
from answerable.lib import sql
from answerable.lib.folding import words_of

# Whoever wrote more than this is found by the beginning of it.
_MOST = 20_000
# What a word in the title, a label or a heading says, beside how often the text has it (which counts to 1 at most; the
# usual text has 150 words).
TITLE, LABEL, HEADING, USUAL = 1.5, 1.5, 0.5, 150

_TURN = "SELECT pg_advisory_xact_lock(hashtextextended('knowledge-postings', 0))"
_DROP = """
WITH gone AS (DELETE FROM knowledge_posting WHERE translation_id = ANY(%(pks)s) RETURNING audience, locale, word,
  translation_id)
UPDATE knowledge_known k SET documents = documents - g.n
FROM (SELECT audience, locale, word, count(*) AS n FROM gone GROUP BY 1, 2, 3
      UNION ALL SELECT audience, locale, '', count(DISTINCT translation_id) FROM gone GROUP BY 1, 2) g
WHERE (k.audience, k.locale, k.word) = (g.audience, g.locale, g.word)
RETURNING 1
"""
_PUT = """
WITH said AS (
  SELECT unnest(%(title)s::text[]) AS word, 1 AS title, 0 AS label, 0 AS heading, 0 AS body
  UNION ALL SELECT unnest(%(labels)s::text[]), 0, 1, 0, 0
  UNION ALL SELECT unnest(%(headings)s::text[]), 0, 0, 1, 0
  UNION ALL SELECT unnest(%(body)s::text[]), 0, 0, 0, 1
), stems AS (
  SELECT (ts_lexize(%(dictionary)s::regdictionary, word))[1] AS word,
    max(title) AS title, max(label) AS label, max(heading) AS heading, sum(body)::float AS times
  FROM said GROUP BY 1
), put AS (
  INSERT INTO knowledge_posting (translation_id, article_id, audience, locale, word, weight)
  SELECT %(pk)s, %(article)s, %(audience)s, %(locale)s, word,
    %(TITLE)s * title + %(LABEL)s * label + %(HEADING)s * heading
      + times / (times + 0.3 + 0.9 * %(length)s / %(USUAL)s)
  FROM stems WHERE word <> '' AND length(word) <= 64
  RETURNING audience, locale, word
)
INSERT INTO knowledge_known AS k (audience, locale, word, documents)
SELECT audience, locale, word, 1 FROM put
UNION ALL SELECT DISTINCT audience, locale, '', 1 FROM put
ON CONFLICT (audience, locale, word) DO UPDATE SET documents = k.documents + 1
RETURNING 1
"""


def put(row: Translation, headings: Sequence[str]) -> None:
    """Have this published text found, and by what it says now."""
    drop([row.pk])
    article: Article = row.article
    if article.archived_at is not None:
        return
    body = words_of(row.text)[:_MOST]
    values = {
        "pk": row.pk,
        "article": article.pk,
        "audience": article.audience,
        "locale": row.locale,
        "dictionary": dictionary_of(row.locale),
        "title": words_of(row.shown_title),
        "labels": words_of(" ".join(article.labels)),
        "headings": words_of(" ".join(headings))[:_MOST],
        "body": body,
        "length": len(body),
    }
    sql.rows(_PUT, values | {"TITLE": TITLE, "LABEL": LABEL, "HEADING": HEADING, "USUAL": USUAL})


def drop(pks: Sequence[int]) -> None:
    """Have these texts not found any more."""
    # Two who count the same words take turns.
    sql.rows(_TURN, {})
    sql.rows(_DROP, {"pks": list(pks)})


def drop_all_of(article: Article) -> None:
    """The article in each of its languages."""
    drop(list(Translation.objects.filter(article=article, published__isnull=False).values_list("pk", flat=True)))


def saying(word: str) -> QuerySet[Posting]:
    """Of a translation in an outer query, what it is found by that begins so, or is the stem of this word."""
    shorter = [word[:end] for end in range(max(3, len(word) - 4), len(word))]
    return Posting.objects.filter(Q(word__startswith=word) | Q(word__in=shorter), translation=OuterRef("pk"))
