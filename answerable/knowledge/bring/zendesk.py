"""An export of Zendesk Guide: the answers of its API (`/api/v2/help_center/…`) as JSON, in one file or in several.

Who reads an article is never guessed: a segment that we cannot tell for sure leaves it to the team, with a line.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.dateparse import parse_datetime

from answerable.knowledge.actions import LONGEST
from answerable.knowledge.bring import inside, zendesk_body
from answerable.knowledge.bring.terms import DRAFT, PUBLISHED, Left, Piece, Readers, Shelf, Source, Writing
from answerable.knowledge.bring.zendesk_names import ARTICLE, CATEGORY, SECTION
from answerable.knowledge.languages import LANGUAGES, known
from answerable.knowledge.models import Audience
from answerable.knowledge.section_actions import DEEPEST
from answerable.lib.errors import Refused

_KINDS = ("categories", "sections", "articles", "translations", "user_segments", "article_attachments")
_MOST_BYTES = 256 << 20
Row = Mapping[str, Any]


@dataclass
class _Export:
    root: Path
    left: list[Left] = field(default_factory=list)
    rows: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in _KINDS})

    def leave(self, where: str, why: str) -> None:
        self.left.append(Left("".join(one if one.isprintable() else "�" for one in where[:120]), why))

    def by_id(self, kind: str) -> dict[str, Row]:
        return {str(row["id"]): row for row in self.rows[kind] if _is_id(row.get("id"))}


def read(path: Path) -> Source:
    """All that can be taken from a file, or from the JSON files of a folder. Raises Refused where there is none."""
    root = (path if path.is_dir() else path.parent).resolve()
    export = _Export(root)
    names = sorted(path.rglob("*.json")) if path.is_dir() else [path]
    for name in names:
        _load(export, name)
    if not export.rows["articles"]:
        raise Refused("no_articles", f"{path} holds no articles as Zendesk Guide exports them")
    shelves = _shelves(export)
    found: dict[str, list[Row]] = {}
    for row in export.rows["articles"]:
        if _is_id(row.get("id")):
            found.setdefault(str(row["id"]), []).append(row)
        else:
            export.leave("an article", "has no id")
    translations = _translations(export, "Article")
    pieces = [_piece(export, pk, rows, translations.get(pk, []), shelves) for pk, rows in found.items()]
    return Source(tuple(shelves.values()), tuple(filter(None, pieces)), tuple(export.left))


def _is_id(value: object) -> bool:
    return (isinstance(value, int) and value > 0) or (isinstance(value, str) and value.isascii() and value.isdecimal())


def _load(export: _Export, path: Path) -> None:
    where = path.name
    if why := inside.refusal(export.root, path):
        export.leave(where, why)
        return
    try:
        if path.stat().st_size > _MOST_BYTES:
            export.leave(where, "is larger than 256 MB: split it")
            return
        said = json.loads(path.read_bytes())
    except OSError as error:
        export.leave(where, f"cannot be read ({error.strerror})")
        return
    except (ValueError, RecursionError):
        export.leave(where, "is no JSON that can be read")
        return
    for kind in _KINDS:
        rows = said.get(kind, []) if isinstance(said, dict) else []
        export.rows[kind] += [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _translations(export: _Export, kind: str) -> dict[str, list[Row]]:
    """The translations of a kind of thing, by its id; those of articles may stand in the articles as well."""
    found: dict[str, list[Row]] = {}
    for row in export.rows["translations"]:
        if row.get("source_type") == kind and _is_id(row.get("source_id")):
            found.setdefault(str(row["source_id"]), []).append(row)
    if kind == "Article":
        for article in export.rows["articles"]:
            rows = article.get("translations")
            for row in rows if isinstance(rows, list) else ():
                if isinstance(row, dict) and _is_id(article.get("id")):
                    found.setdefault(str(article["id"]), []).append(row)
    return found


def _shelves(export: _Export) -> dict[str, Shelf]:
    """Categories, the sections in them, and the sections in those: by their names in the source."""
    made: dict[str, Shelf] = {}
    for kind, rows in ((CATEGORY, export.rows["categories"]), (SECTION, export.rows["sections"])):
        titles = _translations(export, "Category" if kind == CATEGORY else "Section")
        for row in rows:
            if _is_id(row.get("id")):
                name = kind.format(row["id"])
                made[name] = _shelf(name, row, titles.get(str(row["id"]), []), _above(row), made.get(name))
    for name, shelf in made.items():
        if name in _chain(made, shelf.parent):
            made[name] = replace(shelf, parent="")
    for name in made:
        if len(_chain(made, name)) > DEEPEST:
            export.leave(made[name].title, "lies deeper than three sections: its articles stand in the third")
    return {name: shelf for name, shelf in made.items() if len(_chain(made, name)) <= DEEPEST}


def _above(row: Row) -> str:
    if _is_id(row.get("parent_section_id")):
        return SECTION.format(row["parent_section_id"])
    return CATEGORY.format(row["category_id"]) if _is_id(row.get("category_id")) else ""


def _shelf(name: str, row: Row, translations: Iterable[Row], parent: str, before: Shelf | None) -> Shelf:
    """From one of its listings; a second one, in another language, adds its title."""
    locale = known(_text(row, "locale"))
    own = known(_text(row, "source_locale")) or locale
    titles = dict(before.titles) if before else {}
    titles |= {known(_text(one, "locale")): _text(one, "title")[:100] for one in translations}
    title = _text(row, "name")[:100] or _text(row, "title")[:100] or "Articles"
    if locale and (before or locale != own):
        titles[locale] = title
    titles = {key: value for key, value in titles.items() if key in LANGUAGES and value}
    if before:
        return Shelf(name, before.title, before.description, before.parent, before.position, titles)
    description = " ".join(zendesk_body.plain(_text(row, "description")).split())[:300]
    return Shelf(name, title, description, parent, _position(row), titles)


def _chain(made: Mapping[str, Shelf], name: str) -> list[str]:
    """From the top down to this one. Where they go round in a circle it is cut."""
    chain: list[str] = []
    while name in made and name not in chain:
        chain.insert(0, name)
        name = made[name].parent
    return chain


def _text(row: Row, key: str) -> str:
    value = row.get(key)
    return " ".join(value.replace("\x00", "").split()) if isinstance(value, str) else ""


def _position(row: Row) -> int:
    value = row.get("position")
    return value if isinstance(value, int) and 0 <= value < 1_000_000 else 0


def _piece(
    export: _Export, pk: str, rows: list[Row], translations: list[Row], shelves: Mapping[str, Shelf]
) -> Piece | None:
    first = next((row for row in rows if row.get("locale") == row.get("source_locale")), rows[0])
    where = f"article {pk} ({_text(first, 'title')[:60]})"
    shelf = _shelf_of(export, first, shelves)
    if shelf is None:
        export.leave(where, "is in a section that the export doesn't have")
        return None
    files: dict[str, Path] = {}
    writings: dict[str, Writing] = {}
    outdated = False
    for row in (first, *(one for one in rows if one is not first), *translations):
        locale = known(_text(row, "locale"))
        if not locale:
            export.leave(where, f"is there in a language that we don't know ({_text(row, 'locale')[:20] or 'none'})")
        elif locale not in writings and (writing := _writing(export, where, row, files)):
            writings[locale] = writing
            outdated = outdated or row.get("outdated") is True
    own = known(_text(first, "source_locale")) or known(_text(first, "locale"))
    if not writings:
        return None
    if outdated:
        export.leave(where, "is marked as outdated: it is due for a review today")
    return Piece(
        name=ARTICLE.format(pk),
        where=where,
        shelf=shelf,
        locale=own if own in writings else next(iter(writings)),
        writings=writings,
        readers=_readers(export, where, first),
        labels=_labels(first),
        position=_position(first),
        outdated=outdated,
        created_at=_moment(first.get("created_at")),
        files=files,
    )


def _shelf_of(export: _Export, row: Row, shelves: Mapping[str, Shelf]) -> str | None:
    """Its section; of one that lies too deep, the deepest of those above it."""
    sections = export.by_id("sections")
    name = SECTION.format(row.get("section_id"))
    for _step in range(20):
        if name in shelves:
            return name
        above = sections.get(name.rpartition(":")[2])
        if above is None:
            return None
        name = _above(above)
    return None


def _writing(export: _Export, where: str, row: Row, files: dict[str, Path]) -> Writing | None:
    title, source = _text(row, "title"), row.get("body")
    if not title or not isinstance(source, str) or not source.strip():
        export.leave(where, f"has no title or no text in {_text(row, 'locale')[:20]}")
        return None
    made = zendesk_body.read(source, _attached(export))
    for why in made.left:
        export.leave(where, why)
    if not made.text or len(made.text) > LONGEST:
        export.leave(where, f"has no text, or more than an article can have ({LONGEST:,} letters)")
        return None
    files.update(made.files)
    if len(title) > 200:
        export.leave(where, "has a title of more than 200 letters: it is cut")
    hidden = row.get("draft") is True or row.get("hidden") is True
    return Writing(title[:200], made.text, DRAFT if hidden else PUBLISHED)


def _attached(export: _Export) -> Callable[[str], Path | None]:
    """Finds the file of a picture's address, where the export's folder has it, by its id or its name."""
    known_names = {pk: _text(row, "file_name") for pk, row in export.by_id("article_attachments").items()}

    def find(address: str) -> Path | None:
        pk, name = zendesk_body.attachment(address)
        name = name or known_names.get(pk, "")
        for folder in ("article_attachments", "attachments", "."):
            for path in (f"{folder}/{pk}/{name}", f"{folder}/{pk}-{name}", f"{folder}/{name}"):
                found = export.root / path
                if name and pk and not inside.refusal(export.root, found) and found.is_file():
                    return found.resolve()
        return None

    return find


def _readers(export: _Export, where: str, row: Row) -> Readers:
    """Everybody where the segment is null, and only there."""
    several = row.get("user_segment_ids")
    if "user_segment_id" not in row and not isinstance(several, list):
        export.leave(where, "says of nobody that they read it: only your team does")
        return Readers(Audience.STAFF)
    ids = [row.get("user_segment_id")] if row.get("user_segment_id") is not None else list(several or [])
    if not ids:
        return Readers(Audience.PUBLIC)
    segments = export.by_id("user_segments")
    kinds = {_segment(segments.get(str(pk))) for pk in ids}
    if kinds == {Audience.CUSTOMERS}:
        return Readers(Audience.CUSTOMERS)
    if "" in kinds:
        named = ", ".join(_text(segments.get(str(pk), {}), "name") or str(pk) for pk in ids)
        export.leave(where, f"is for a segment that we don't have ({named[:80]}): only your team reads it")
    return Readers(Audience.STAFF)


def _segment(row: Row | None) -> str:
    """Our audience of a segment; "" for one that only some of those who are signed in are in."""
    if row is None:
        return ""
    if row.get("user_type") == "staff":
        return Audience.STAFF
    narrowed = any(row.get(key) for key in ("tags", "or_tags", "organization_ids", "group_ids", "added_user_ids"))
    return Audience.CUSTOMERS if row.get("user_type") == "signed_in_users" and not narrowed else ""


def _labels(row: Row) -> tuple[str, ...]:
    names = row.get("label_names")
    return tuple(name for name in names if isinstance(name, str)) if isinstance(names, list) else ()


def _moment(value: object) -> datetime | None:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
