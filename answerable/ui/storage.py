"""Static files as served: names with a hash, one stylesheet and those of some pages, modules that import each other by
such names.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from django.contrib.staticfiles.finders import AppDirectoriesFinder
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

PACKAGE = Path(__file__).parents[1]
HTMX = "django_htmx/htmx-2.min.js"
SHEET = "ui/app.css"
_IMPORT = re.compile(r'@import url\("([\w-]+\.css)"\);')
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_INDENT = re.compile(r"\n\s+")

Paths = dict[str, tuple[Storage, str]]


class StaticFinder(AppDirectoriesFinder):
    """The files of our rooms, and htmx. Libraries bring more, which no page here uses."""

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Pairs of a file's name and where it is."""
        for name, storage in super().list(ignore_patterns):
            if name == HTMX or Path(storage.location).is_relative_to(PACKAGE):
                yield name, storage


class StaticFiles(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage, which also joins the stylesheet's imports and rewrites imports between modules.

    That rewriting is why no import map is needed: an import map is an inline script, which the content policy refuses.
    """

    support_js_module_import_aggregation = True

    def post_process(self, paths: Paths, *args: Any, **options: Any) -> Iterator[tuple[str, str, bool]]:
        """Django hands over all collected files by name; what is made of a sheet takes the place of its source."""
        for name in [name for name in paths if name.endswith(".css")]:
            self.delete(name)
            self._save(name, ContentFile(joined(paths, name)))
            paths = {**paths, name: (self, name)}
        yield from super().post_process(paths, *args, **options)


def joined(paths: Paths, name: str = SHEET) -> bytes:
    """The sheet with each import replaced by that file, without comments and indentation."""
    folder = PurePosixPath(name).parent
    whole = _IMPORT.sub(lambda found: _read(paths, str(folder / found[1])), _read(paths, name))
    return _INDENT.sub("\n", _COMMENT.sub("", whole)).encode()


def _read(paths: Paths, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        return bytes(file.read()).decode()
