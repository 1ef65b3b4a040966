"""The files of articles: what a text calls by name, and who gets one."""

from collections.abc import Callable
from pathlib import Path

from django.conf import settings

from answerable.knowledge.access import Reader, readable
from answerable.knowledge.article_files import ArticleFile
from answerable.lib.addresses import url


def path_of(sha256: str) -> Path:
    """Where the bytes with this digest lie."""
    return Path(settings.FILES) / "knowledge" / sha256[:2] / sha256[2:4] / sha256


def files_of(article: int) -> list[ArticleFile]:
    """What is there, in the order in which it came."""
    return list(ArticleFile.objects.filter(article=article, removed_at__isnull=True).order_by("pk"))


def numbers(article: int) -> Callable[[str], int | None]:
    """The number of a file by the name that the text calls it by, as `body.render` asks; None: there is none.

    A text of earlier may name what was removed since: it finds the last one of that name.
    """
    rows = ArticleFile.objects.filter(article=article).order_by("removed_at", "pk")
    known = dict(rows.filter(removed_at__isnull=False).values_list("name", "pk"))
    known |= dict(rows.filter(removed_at__isnull=True).values_list("name", "pk"))
    return known.get


def addresses(article: int) -> dict[int, str]:
    """The address of each file of the article, for `html.with_images`: asked for, it looks who asks."""
    rows = ArticleFile.objects.filter(article=article).values_list("pk", "name")
    return {pk: url("portal:help_file", pk=article, file=pk, called=name) for pk, name in rows}


def file_for(reader: Reader, article: int, pk: int) -> ArticleFile | None:
    """A file is readable exactly while a text that names it is; staff see it beside drafts too. None: not for them.

    Its number can be guessed, and what lies beside the draft of a public article, or was removed, is not for readers.
    """
    row = ArticleFile.objects.filter(article=article, pk=pk).first()
    if row is None or reader.staff:
        return row
    shown = readable(reader).filter(article=article, html__contains=f'data-attachment="{row.pk}"')
    return row if shown.exists() else None
