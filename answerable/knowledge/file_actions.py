"""The verbs of an article's files: put beside it, taken off."""

import hashlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.knowledge.access import may_write
from answerable.knowledge.article_files import ArticleFile
from answerable.knowledge.file_queries import path_of
from answerable.knowledge.models import Article, Translation
from answerable.lib.disk import write
from answerable.lib.errors import Refused
from answerable.lib.uploads import Received
from answerable.people.models import Person
from answerable.people.queries import actor_of

MOST = 200


def add_files(by: Person, article: int, files: Iterable[Received], now: datetime) -> list[ArticleFile]:
    """Put them beside the article. The same file again is the one that is there; another one of its name gets a number.

    Raises Refused.
    """
    _require_writer(by)
    with transaction.atomic():
        held = _hold(article)
        found = [_add(by, held, one, now) for one in files]
        if ArticleFile.objects.filter(article=held, removed_at__isnull=True).count() > MOST:
            raise Refused("too_many_files", _("An article holds at most %(most)s files.") % {"most": MOST})
    return found


def remove_file(by: Person, article: int, pk: int, now: datetime) -> None:
    """Off the list. Raises Refused while readers get a text that shows it."""
    _require_writer(by)
    with transaction.atomic():
        held = _hold(article)
        row = ArticleFile.objects.filter(article=held, pk=pk).first()
        if row is None:
            raise Refused("not_found", _("There is no such file."))
        if row.removed_at is not None:
            return
        if f'data-attachment="{row.pk}"' in "".join(_shown(held)):
            words = _("Readers see “%(name)s” in the published text. Take it out there first.")
            raise Refused("in_use", words % {"name": row.name})
        row.removed_at = now
        row.save(update_fields=["removed_at"])
        record(actor_of(by), "remove_article_file", ("article", held.pk), now, file=row.pk)


def _shown(article: Article) -> list[str]:
    return list(Translation.objects.filter(article=article, published__isnull=False).values_list("html", flat=True))


def _add(by: Person, article: Article, file: Received, now: datetime) -> ArticleFile:
    digest = hashlib.sha256(file.content).hexdigest()
    there = ArticleFile.objects.filter(article=article, removed_at__isnull=True)
    known = there.filter(sha256=digest).first()
    if known is not None:
        return known
    target = path_of(digest)
    if not target.exists():
        write(target, file.content)
    row = ArticleFile.objects.create(
        article=article,
        name=_free(_plain(file.name), _named(article)),
        content_type=file.content_type[:100],
        sha256=digest,
        size=len(file.content),
        at=now,
        by=by,
    )
    record(actor_of(by), "add_article_file", ("article", article.pk), now, file=row.pk)
    return row


def _named(article: Article) -> set[str]:
    """What was removed keeps its name: revisions call it by that."""
    return set(ArticleFile.objects.filter(article=article).values_list("name", flat=True))


def _plain(name: str) -> str:
    """A name that Markdown can call without brackets: `![](file:name.png)`."""
    plain = "".join(one if one.isalnum() or one in "._-" else "-" for one in name)
    return plain.strip("-")[-120:] or "file"


def _free(name: str, taken: set[str]) -> str:
    stem, dot, end = name.rpartition(".")
    stem, end = (stem, f".{end}") if dot and stem else (name, "")
    found, number = name, 2
    while found in taken:
        found, number = f"{stem}-{number}{end}", number + 1
    return found


def _hold(pk: int) -> Article:
    article = Article.objects.select_for_update().filter(pk=pk).first()
    if article is None:
        raise Refused("not_found", _("There is no such article."))
    return article


def _require_writer(by: Person) -> None:
    if not may_write(by):
        raise Refused("not_allowed", _("Agents, leads and administrators write articles."))
