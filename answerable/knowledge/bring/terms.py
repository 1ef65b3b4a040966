"""The words of bringing articles in: what a source holds, what was left out of it and why, what became of each."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from answerable.knowledge.models import Audience

NEW, CHANGED, SAME = "new", "changed", "same"
DRAFT, PUBLISHED, ARCHIVED = "draft", "published", "archived"
STATES = (DRAFT, PUBLISHED, ARCHIVED)
_LONGEST_NAME = 64


@dataclass(frozen=True)
class Left:
    """Something that isn't taken as it was: `where` names it in the source, `why` is a sentence's end."""

    where: str
    why: str


@dataclass(frozen=True)
class Shelf:
    """A section of the source. `parent`: the name of another one, "" for none; `titles` by language."""

    name: str
    title: str
    description: str = ""
    parent: str = ""
    position: int = 0
    titles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Writing:
    """An article's text in one language."""

    title: str
    body: str
    state: str = PUBLISHED


@dataclass(frozen=True)
class Readers:
    """Who reads it, as the source says: an audience, and for `organizations` their slugs."""

    audience: str = Audience.STAFF
    organizations: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """An article of the source. `name` is its external id; `locale` the language that it was written in first.

    `files`: what lies beside it and is referred to, by the name that its texts use (`file:NAME`).
    """

    name: str
    where: str
    shelf: str
    locale: str
    writings: Mapping[str, Writing]
    readers: Readers = Readers()
    labels: tuple[str, ...] = ()
    position: int = 0
    owner: str = ""
    outdated: bool = False
    created_at: datetime | None = None
    files: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """All of it, sections before those below them."""

    shelves: tuple[Shelf, ...]
    pieces: tuple[Piece, ...]
    left: tuple[Left, ...]


@dataclass(frozen=True)
class Done:
    """What became of one article. `left`: what could not be taken as it was."""

    name: str
    outcome: str
    left: tuple[Left, ...] = ()


def name_of(path: str) -> str:
    """An external id made of a path: itself where it is short, else its beginning and a sum of all of it."""
    if len(path) <= _LONGEST_NAME:
        return path
    return f"{path[: _LONGEST_NAME - 17]}~{hashlib.sha256(path.encode()).hexdigest()[:16]}"
