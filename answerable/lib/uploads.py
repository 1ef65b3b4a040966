"""Files that come with a form: several at once, each with a safe name and an honest type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import puremagic
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.lib.names import file_name

MB = 1024 * 1024


@dataclass(frozen=True)
class Caps:
    """The most that is taken at once: how many files, and bytes of each and of all."""

    files: int
    each: int
    together: int

    @property
    def words(self) -> dict[str, int]:
        """For sentences; in MB."""
        return {"files": self.files, "each": self.each // MB, "together": self.together // MB}


# Below what a whole request may hold (MAX_REQUEST_BYTES), so that it is we who say what is too much.
CAPS = Caps(20, 25 * MB, 50 * MB)


class _MultipleFileInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class MultipleFileField(forms.FileField):
    """A file field whose value is a list of files."""

    def __init__(self, *, caps: Caps = CAPS, **kwargs: Any) -> None:
        kwargs.setdefault("widget", _MultipleFileInput())
        self.caps = caps
        # Empty ones are told by their name, with everything else.
        super().__init__(**kwargs, allow_empty_file=True)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[Any]]:
        """Each file by Django's own rules, and all of them by ours; none at all is an empty list."""
        files = data if isinstance(data, (list, tuple)) else [data] if data else []
        found = [super(MultipleFileField, self).clean(one, initial) for one in files]
        wrong = [*_too_much(found, self.caps), *_empty(found)]
        if wrong:
            raise ValidationError([words for _code, words in wrong])
        return found


@dataclass(frozen=True)
class Received:
    """One uploaded file, read."""

    name: str
    content_type: str
    content: bytes


def read_all(files: Iterable[UploadedFile[Any]], caps: Caps = CAPS) -> tuple[Received, ...]:
    """The bytes of each file. Raises Refused where there are too many or they are too large."""
    found = list(files)
    wrong = next(_too_much(found, caps), None)
    if wrong:
        raise Refused(*wrong)
    return tuple(_read(one, position) for position, one in enumerate(found, 1))


def _too_much(files: Sequence[UploadedFile[Any]], caps: Caps) -> Iterator[tuple[str, str]]:
    """(code, sentence) of each thing that is too much."""
    if len(files) > caps.files:
        yield (
            "too_many_files",
            _("At most %(files)s files at once, and these are %(count)s.")
            % {
                **caps.words,
                "count": len(files),
            },
        )
    for position, one in enumerate(files, 1):
        if (one.size or 0) > caps.each:
            words = _("“%(name)s” is larger than %(each)s MB.")
            yield "file_too_large", words % {**caps.words, "name": file_name(one.name or "", position, "")}
    if sum(one.size or 0 for one in files) > caps.together:
        yield "files_too_large", _("Together the files are larger than %(together)s MB.") % caps.words


def _empty(files: Sequence[UploadedFile[Any]]) -> Iterator[tuple[str, str]]:
    for position, one in enumerate(files, 1):
        if not one.size:
            words = _("There is nothing in “%(name)s”: its size is 0.")
            yield "file_empty", words % {"name": file_name(one.name or "", position, "")}


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
