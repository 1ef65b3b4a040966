"""Texts of our mails that administrators may change: Markdown with {{names}} from a list, and nothing that runs. Pure.

A value is never read as Markdown, as HTML, or for further names. A line all of whose names have no value is left out.
What follows a line "--" is the footer.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from urllib.parse import quote

from django.utils.html import escape
from django.utils.translation import gettext as _

from answerable.lib import markup
from answerable.lib.html import from_markdown
from answerable.mail.quote_words import REPLY_MARKS

LONGEST = 20_000
_NAME = re.compile(r"\{\{\s*([a-z_]{1,40})\s*\}\}")
_BRACES = re.compile(r"\{\{.{0,60}|\}\}")
_CODE = re.compile(r"\{[%#].{0,30}")
_FOOT = re.compile(r"^--[ \t]*$", re.MULTILINE)
_LINKED = re.compile(r"\[([^\]\n]{1,200})\]\(\s*([^)\s]{1,500})\s*\)")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]{1,500}?)(?<=\S)\*\*")


@dataclass(frozen=True)
class Place:
    """Something that a text may name; `about` is marked for translation.

    `kind`: text (one line), link (an address of a page), block (several lines, which stand on a line of their own).
    """

    about: str
    kind: str = "text"
    required: bool = False


@dataclass(frozen=True)
class Value:
    """What stands there in one mail; `html` for a block alone, clean already."""

    text: str = ""
    html: str = ""


Values = Mapping[str, Value]


@dataclass(frozen=True)
class Problem:
    """What is wrong, and on which line; 0: in the whole."""

    line: int
    words: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(words)s") % {"line": self.line, "words": self.words} if self.line else self.words


@dataclass(frozen=True)
class Filled:
    """A mail's words. `main` and `foot` are HTML to be shown as it is."""

    text: str
    main: str
    foot: str


def problems(source: str, places: Mapping[str, Place]) -> list[Problem]:
    """Everything that keeps this text from being sent, by line."""
    if not source.strip():
        return [Problem(0, _("There is no text."))]
    if len(source) > LONGEST:
        return [Problem(0, _("At most %(most)s characters.") % {"most": LONGEST})]
    lines = source.split("\n")
    found = [Problem(number, words) for number, line in enumerate(lines, 1) for words in _wrong(line, places)]
    counts = [match[1] for match in _NAME.finditer(source)]
    for name, place in places.items():
        if place.required and name not in counts:
            found.append(Problem(0, _("{{%(name)s}} is missing: %(about)s") % {"name": name, "about": _(place.about)}))
        if place.kind == "block" and counts.count(name) > 1:
            found.append(Problem(0, _("{{%(name)s}} may stand there once.") % {"name": name}))
    if len(_FOOT.findall(source)) > 1:
        found.append(Problem(0, _("One line “--” at most: the footer begins there.")))
    return found


def _wrong(line: str, places: Mapping[str, Place]) -> Iterator[str]:
    for match in _NAME.finditer(line):
        if match[1] not in places:
            yield _unknown(match[1], places)
        elif places[match[1]].kind == "block" and line.strip() != match[0]:
            yield _("{{%(name)s}} stands on a line of its own.") % {"name": match[1]}
    for match in _BRACES.finditer(_NAME.sub("", line)):
        yield _("“%(text)s” is no name in two pairs of braces.") % {"text": match[0].strip()}
    for match in _CODE.finditer(line):
        yield _("“%(text)s” would be sent as it stands: nothing runs here.") % {"text": match[0].strip()}
    if any(marker in line for marker in REPLY_MARKS):
        yield _("“%(text)s” would cut off what people answer above it.") % {"text": line.strip()[:60]}


def _unknown(name: str, places: Iterable[str]) -> str:
    near = get_close_matches(name, list(places), n=1)
    if near:
        return _("{{%(name)s}} is not known; did you mean {{%(near)s}}?") % {"name": name, "near": near[0]}
    return _("{{%(name)s}} is not known.") % {"name": name}


def fill(source: str, places: Mapping[str, Place], values: Values) -> Filled:
    """The text and its HTML with these values. Names without a value are empty."""
    empty = frozenset(name for name in places if name not in values or not values[name].text)
    ready = _ready(source, tuple((name, place.kind) for name, place in places.items()), empty)
    return Filled(*("".join(_said(piece, values) for piece in part) for part in ready))


@dataclass(frozen=True)
class Slot:
    """Where a value stands; `how` is a key of `_WAYS`."""

    name: str
    how: str


Pieces = tuple[str | Slot, ...]
_NOTHING = Value()


def _said(piece: str | Slot, values: Values) -> str:
    if isinstance(piece, str):
        return piece
    value = values.get(piece.name, _NOTHING)
    return _WAYS[piece.how](value)


def _line(value: Value) -> str:
    return " ".join(value.text.split())


def _words(value: Value) -> str:
    return str(escape(_line(value)))


def _link(value: Value) -> str:
    return f'<a href="{_words(value)}">{_words(value)}</a>' if value.text else ""


_WAYS: dict[str, Callable[[Value], str]] = {
    "line": _line,
    "lines": lambda value: value.text.strip("\n"),
    "words": _words,
    "link": _link,
    "address": _words,
    "part of an address": lambda value: quote(value.text, safe=""),
    "block": lambda value: f"<div>{value.html}</div>",
}


@lru_cache(maxsize=256)
def _ready(source: str, kinds: tuple[tuple[str, str], ...], empty: frozenset[str]) -> tuple[Pieces, Pieces, Pieces]:
    """Text, HTML and footer, cut where values stand: made once for each text and each set of names without a value."""
    shaped = _shaped(source, empty)
    main, *rest = _FOOT.split(shaped, maxsplit=1)
    return _text(shaped, dict(kinds)), _page(main, kinds), _page(rest[0], kinds) if rest else ()


def _shaped(source: str, empty: frozenset[str]) -> str:
    """Without the lines that would say nothing."""
    kept = []
    for line in source.replace("\r\n", "\n").split("\n"):
        named = [match[1] for match in _NAME.finditer(line)]
        if not named or not empty.issuperset(named):
            kept.append(_NAME.sub(r"{{\1}}", line.rstrip()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def _text(shaped: str, kinds: Mapping[str, str]) -> Pieces:
    """The plain part: the words as they were typed, without the two marks that only HTML shows."""
    plain = _FOOT.sub("-- ", _BOLD.sub(r"\1", _LINKED.sub(r"\1: \2", shaped)))
    slots = {name: Slot(name, "lines" if kind == "block" else "line") for name, kind in kinds.items()}
    # Every second piece is a name.
    pieces = [slots[piece] if place % 2 else piece for place, piece in enumerate(_NAME.split(plain))]
    return (*pieces, "\n")


def _page(shaped: str, kinds: tuple[tuple[str, str], ...]) -> Pieces:
    """HTML, made with marks that Markdown leaves alone; what a value holds is never looked at."""
    # In no text that does not hold its own digest.
    mark = "ph" + hashlib.sha256(shaped.encode()).hexdigest()[:16]
    numbers = {name: number for number, (name, _kind) in enumerate(kinds)}

    def stand_in(match: re.Match[str]) -> str:
        number = numbers[match[1]]
        token, kind = f"{mark}n{number}x", kinds[number][1]
        return {"link": f"https://{token}.invalid/", "block": f"\n\n{token}\n\n"}.get(kind, token)

    html = from_markdown(_NAME.sub(stand_in, shaped))
    return tuple(_cut(html, mark, kinds))


def _cut(html: str, mark: str, kinds: tuple[tuple[str, str], ...]) -> Iterator[str | Slot]:
    stands = rf"(?:https://)?{mark}n(?P<one>\d+)x(?:\.invalid/)?"
    parts = re.compile(rf"<p>{mark}n(?P<alone>\d+)x</p>|(?P<tag>{markup.CANONICAL_TAG.pattern})|{stands}")
    at, in_link = 0, False
    for match in parts.finditer(html):
        yield html[at : match.start()]
        at = match.end()
        if match["tag"]:
            in_link = match[0].startswith("<a ") or (in_link and match[0] != "</a>")
            yield from _cut_tag(match[0], re.compile(stands), kinds)
            continue
        name, kind = kinds[int(match["alone"] or match["one"])]
        if match["alone"] and kind == "block":
            yield Slot(name, "block")
            continue
        slot = Slot(name, "link" if kind == "link" and not in_link else "words")
        yield from (("<p>", slot, "</p>") if match["alone"] else (slot,))
    yield html[at:]


def _cut_tag(tag: str, stands: re.Pattern[str], kinds: tuple[tuple[str, str], ...]) -> Iterator[str | Slot]:
    """The address of a link may be a value, or hold some."""
    at = 0
    for match in stands.finditer(tag):
        yield tag[at : match.start()]
        at = match.end()
        name, kind = kinds[int(match["one"])]
        yield Slot(name, "address" if kind == "link" else "part of an address")
    yield tag[at:]
