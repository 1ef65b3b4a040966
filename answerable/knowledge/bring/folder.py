"""A folder of Markdown: its folders are sections, `name.de.md` is `name.md` in German, `_index.md` names its folder.

Everything in it is hostile: nothing outside of the folder is read, nothing that is too long, nothing that is no file.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from answerable.knowledge.actions import LONGEST
from answerable.knowledge.bring import front, inside
from answerable.knowledge.bring.terms import (
    DRAFT,
    PUBLISHED,
    STATES,
    Left,
    Piece,
    Readers,
    Shelf,
    Source,
    Writing,
    name_of,
)
from answerable.knowledge.languages import LANGUAGES, known
from answerable.knowledge.models import Audience
from answerable.knowledge.section_actions import DEEPEST
from answerable.lib.errors import Refused

INDEX = "_index"
# UTF-8 takes up to four bytes a letter.
_MOST_BYTES = 4 * LONGEST + 10_000
_ORDER = re.compile(r"\A(\d{1,6})[-_. ]+(?=\S)")
_LOCALE = re.compile(r"\A(.+)\.([A-Za-z]{2}(?:[-_][A-Za-z]{2,4})?)\Z")


@dataclass(frozen=True)
class _File:
    """One file of Markdown: `stem` is its path without language and `.md`."""

    path: Path
    where: str
    stem: PurePosixPath
    locale: str
    said: dict[str, str]
    body: str


@dataclass
class _Reading:
    root: Path
    audience: str
    left: list[Left] = field(default_factory=list)
    shelves: dict[str, Shelf] = field(default_factory=dict)

    def leave(self, where: str, why: str) -> None:
        self.left.append(Left(where, why))


def read(root: Path, audience: str = Audience.STAFF) -> Source:
    """All that can be taken. `audience`: of articles that name none. Raises Refused where there is no folder."""
    if not root.is_dir():
        raise Refused("no_folder", f"{root} is no folder")
    reading = _Reading(root.resolve(), audience)
    files = [file for path in _paths(reading) if (file := _file(reading, path))]
    for file in files:
        if file.stem.name == INDEX:
            _name_shelf(reading, file)
    grouped: dict[PurePosixPath, list[_File]] = {}
    for file in files:
        if file.stem.name != INDEX:
            grouped.setdefault(file.stem, []).append(file)
    pieces = tuple(filter(None, (_piece(reading, stem, found) for stem, found in grouped.items())))
    return Source(tuple(reading.shelves.values()), pieces, tuple(reading.left))


def _paths(reading: _Reading) -> Iterator[Path]:
    """The files of Markdown, in the order of their names; links are followed to files inside the folder alone."""

    def closed(error: OSError) -> None:
        reading.leave(_where(reading, Path(str(error.filename))), f"cannot be read ({error.strerror})")

    for folder, folders, names in os.walk(reading.root, onerror=closed):
        for name in sorted(folders):
            if Path(folder, name).is_symlink():
                reading.leave(_where(reading, Path(folder, name)), "is a link to a folder, which is not followed")
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.startswith(".") or path.suffix.lower() not in {".md", ".markdown"}:
                continue
            if why := inside.refusal(reading.root, path):
                reading.leave(_where(reading, path), why)
            else:
                yield path


def _where(reading: _Reading, path: Path) -> str:
    """The path in the folder, fit for a terminal."""
    shown = path.relative_to(reading.root).as_posix()
    return "".join(letter if letter.isprintable() else "�" for letter in shown)


def _file(reading: _Reading, path: Path) -> _File | None:
    where = _where(reading, path)
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            reading.leave(where, "is no file")
            return None
        if facts.st_size > _MOST_BYTES:
            reading.leave(where, f"is longer than an article can be ({LONGEST:,} letters)")
            return None
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        reading.leave(where, f"cannot be read ({error.strerror})")
        return None
    except UnicodeDecodeError as error:
        reading.leave(where, f"is not in UTF-8 (byte {error.start:,})")
        return None
    said, body = front.parted(text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))
    relative = PurePosixPath(path.relative_to(reading.root).as_posix())
    stem, locale = _language(relative.with_suffix(""))
    return _File(path, where, stem, locale, said, body)


def _language(stem: PurePosixPath) -> tuple[PurePosixPath, str]:
    """Without the language at its end, where that is one of ours (`v1.to` is no Tongan)."""
    found = _LOCALE.match(stem.name)
    locale = known(found[2]) if found else ""
    return (stem.with_name(found[1]), locale) if found and locale else (stem, "")


def _name_shelf(reading: _Reading, file: _File) -> None:
    """What `_index.md` says of its folder: its title, in other languages too, its place, what it is about."""
    folder = file.stem.parent
    name, title, position = _named(folder)
    titles = {key[6:]: value for key, value in file.said.items() if key.startswith("title.") and key[6:] in LANGUAGES}
    place = front.number(file.said, "position")
    heading, rest = front.headed(file.body)
    if file.locale:
        before = reading.shelves.get(name) or _shelf(reading, folder)
        titles = {**before.titles, file.locale: file.said.get("title") or heading or title}
        reading.shelves[name] = Shelf(name, before.title, before.description, before.parent, before.position, titles)
        return
    parent = _shelf(reading, folder.parent).name if len(folder.parts) > 1 else ""
    reading.shelves[name] = Shelf(
        name,
        file.said.get("title") or heading or title,
        file.said.get("description") or " ".join(rest.split())[:300],
        parent,
        position if place is None else place,
        titles,
    )


def _named(folder: PurePosixPath) -> tuple[str, str, int]:
    """A folder's name as an external id, as a title, and its place."""
    order = _ORDER.match(folder.name)
    bare = folder.name[order.end() :] if order else folder.name
    title = " ".join(re.sub(r"[-_]+", " ", bare).split())
    return name_of(f"{folder}/"), (title[:1].upper() + title[1:])[:100] or "Articles", int(order[1]) if order else 0


def _shelf(reading: _Reading, folder: PurePosixPath) -> Shelf:
    """The section of a folder, and those above it; what lies deeper than sections go stands in the deepest one."""
    folder = PurePosixPath(*folder.parts[:DEEPEST])
    name, title, position = _named(folder)
    if name not in reading.shelves:
        parent = _shelf(reading, folder.parent).name if len(folder.parts) > 1 else ""
        reading.shelves[name] = Shelf(name, title, "", parent, position)
    return reading.shelves[name]


def _titled(reading: _Reading, path: str) -> Shelf:
    """The section that a head names by its titles: `Reports / Exports`."""
    parts = [" ".join(part.split())[:100] for part in path.split("/") if part.strip()][:DEEPEST]
    parent = ""
    for depth, title in enumerate(parts, start=1):
        name = name_of("section:" + "/".join(parts[:depth]).lower())
        parent = reading.shelves.setdefault(name, Shelf(name, title, "", parent)).name
    return reading.shelves[parent]


def _piece(reading: _Reading, stem: PurePosixPath, found: Sequence[_File]) -> Piece | None:
    first = next((file for file in found if not file.locale), found[0])
    locale = _own_locale(reading, first)
    if len(stem.parts) - 1 > DEEPEST:
        reading.leave(first.where, f"lies deeper than {DEEPEST} sections: it stands in the third")
    writings: dict[str, Writing] = {}
    files: dict[str, Path] = {}
    for file in (first, *(other for other in found if other is not first)):
        language = locale if file is first else file.locale
        if language in writings:
            reading.leave(file.where, f"is there twice in the language {language}: the other one is taken")
            continue
        if writing := _writing(reading, file, files):
            writings[language] = writing
    if locale not in writings:
        return None
    order = _ORDER.match(stem.name)
    position = front.number(first.said, "position")
    section = first.said.get("section", "").strip("/ ")
    return Piece(
        name=name_of(stem.as_posix()),
        where=first.where,
        shelf=(_titled(reading, section) if section else _shelf(reading, stem.parent)).name,
        locale=locale,
        writings=writings,
        readers=_readers(reading, first),
        labels=front.items(first.said, "labels"),
        position=position if position is not None else int(order[1]) if order else 0,
        owner=first.said.get("owner", "").strip().lower(),
        files=files,
    )


def _own_locale(reading: _Reading, file: _File) -> str:
    said = file.said.get("locale", "")
    if said and not known(said):
        reading.leave(file.where, f"is in a language that we don't know ({said[:20]}): taken as English")
    return known(said) or file.locale or "en"


def _writing(reading: _Reading, file: _File, files: dict[str, Path]) -> Writing | None:
    heading, rest = front.headed(file.body)
    title = file.said.get("title", "") or heading
    # The page has the title as its heading: the same line need not come again below it.
    body = rest if heading and title == heading else file.body
    if not title:
        words = _ORDER.sub("", file.stem.name).replace("-", " ").replace("_", " ").strip()
        title = words[:1].upper() + words[1:]
    if not body.strip():
        reading.leave(file.where, "has no text")
        return None
    if len(title) > 200 or len(body) > LONGEST:
        reading.leave(file.where, f"is longer than an article can be (title 200, text {LONGEST:,} letters)")
        return None
    body, taken, why = inside.referred(reading.root, file.path, body.strip())
    files.update(taken)
    for words in why:
        reading.leave(file.where, words)
    state = file.said.get("state", PUBLISHED).lower()
    if state not in STATES:
        reading.leave(file.where, f"has a state that we don't know ({state[:20]}): it stays a draft")
        state = DRAFT
    return Writing(title, body, state)


def _readers(reading: _Reading, file: _File) -> Readers:
    """`public`, `customers`, `staff`, or `organization` with names: `organization norrland, kivu`."""
    word, _, rest = file.said.get("audience", reading.audience).strip().partition(" ")
    word = word.lower().rstrip(":,")
    if word in {"organization", "organizations"}:
        named = front.items({"": rest or file.said.get("organizations", "")}, "")
        return Readers(Audience.ORGANIZATIONS, tuple(one.lower() for one in named))
    if word in {Audience.PUBLIC, Audience.CUSTOMERS, Audience.STAFF} and not rest:
        return Readers(word)
    reading.leave(file.where, f"has an audience that we don't know ({word[:20]}): only your team reads it")
    return Readers(Audience.STAFF)
