"""Files that come with a form: several at once, each with a safe name and an honest type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import puremagic
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.lib.names import file_name

MOST_FILES = 20
MOST_BYTES = 25 * 1024 * 1024


class _MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """A file field whose value is a list of files."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", _MultipleFileInput())
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Each file by Django's own rules; none at all is an empty list."""
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(MultipleFileField, self).clean(one, initial) for one in files]


@dataclass(frozen=True)
class Received:
    """One uploaded file, read."""

    name: str
    content_type: str
    content: bytes


def read_all(files: Iterable[UploadedFile[Any]]) -> tuple[Received, ...]:
    """The bytes of each file. Raises Refused where there are too many or one is too large."""
    found = list(files)
    if len(found) > MOST_FILES:
        raise Refused("too_many_files", _("Attach at most %(count)s files at once.") % {"count": MOST_FILES})
    for one in found:
        if (one.size or 0) > MOST_BYTES:
            raise Refused("file_too_large", _("%(name)s is larger than 25 MB; nothing was sent.") % {"name": one.name})
    return tuple(_read(one, position) for position, one in enumerate(found, 1))


def _read(one: UploadedFile[Any], position: int) -> Received:
    content = one.read()
    content_type = sniff(content)
    return Received(file_name(one.name or "", position, content_type), content_type, content)


def sniff(content: bytes) -> str:
    """The content's own type, never what its sender says it is."""
    try:
        return puremagic.from_string(content[:8192], mime=True) or "application/octet-stream"
    except (puremagic.PureError, ValueError):
        return "application/octet-stream"
