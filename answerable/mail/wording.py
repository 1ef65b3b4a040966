"""Texts of our mails that administrators may change: Markdown with {{names}} from a list, and nothing that runs. Pure.

A value is never read as Markdown, as HTML, or for further names. A line all of whose names have no value is left out.
What follows a line "--" is the footer.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping
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


def fill(source: str, places: Mapping[str, Place], values: Mapping[str, Value]) -> Filled:
    """The text and its HTML with these values. Names without a value are empty."""
    shaped = _without_empty(source.replace("\r\n", "\n"), {name for name, value in values.items() if value.text})
    kinds = tuple(sorted((name, place.kind) for name, place in places.items()))
    main, foot = _pages(shaped, kinds)
    given = {name: values.get(name, Value()) for name in places}
    return Filled(_text(shaped, places, given), _page(main, shaped, kinds, given), _page(foot, shaped, kinds, given))


@lru_cache(maxsize=256)
def _shape(source: str, empty: frozenset[str]) -> str:
    kept = []
    for line in source.split("\n"):
        named = [match[1] for match in _NAME.finditer(line)]
        if not named or not empty.issuperset(named):
            kept.append(_NAME.sub(r"{{\1}}", line.rstrip()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip("\n")


def _without_empty(source: str, filled: set[str]) -> str:
    named = {match[1] for match in _NAME.finditer(source)}
    return _shape(source, frozenset(named - filled))


def _text(shaped: str, places: Mapping[str, Place], values: Mapping[str, Value]) -> str:
    """The plain part: the words as they were typed, without the two marks that only HTML shows."""
    plain = _BOLD.sub(r"\1", _LINKED.sub(r"\1: \2", shaped))
    plain = _FOOT.sub("-- ", plain)

    def value(match: re.Match[str]) -> str:
        text = values[match[1]].text
        return text.strip("\n") if places[match[1]].kind == "block" else " ".join(text.split())

    return _NAME.sub(value, plain).strip("\n") + "\n"


def _mark(shaped: str) -> str:
    """The beginning of what stands for a value while Markdown is read: in no text that does not hold its own digest."""
    return "ph" + hashlib.sha256(shaped.encode()).hexdigest()[:16]


@lru_cache(maxsize=256)
def _pages(shaped: str, kinds: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """HTML of what stands above and below the footer's line, with marks for the values."""
    names, mark = [name for name, _kind in kinds], _mark(shaped)

    def stand_in(match: re.Match[str]) -> str:
        number = names.index(match[1])
        kind = kinds[number][1]
        if kind == "link":
            return f"https://{mark}n{number}x.invalid/"
        return f"\n\n{mark}n{number}x\n\n" if kind == "block" else f"{mark}n{number}x"

    main, *rest = _FOOT.split(shaped, maxsplit=1)
    return from_markdown(_NAME.sub(stand_in, main)), from_markdown(_NAME.sub(stand_in, rest[0])) if rest else ""


def _page(html: str, shaped: str, kinds: tuple[tuple[str, str], ...], values: Mapping[str, Value]) -> str:
    """One pass over our own HTML: what a value holds is never looked at again."""
    mark = _mark(shaped)
    if mark not in html:
        return html
    stands = rf"(?:https://)?{mark}n(?P<one>\d+)x(?:\.invalid/)?"
    parts = re.compile(rf"<p>{mark}n(?P<alone>\d+)x</p>|(?P<tag>{markup.CANONICAL_TAG.pattern})|{stands}")
    in_link = False

    def piece(match: re.Match[str]) -> str:
        nonlocal in_link
        if match["tag"]:
            in_link = match[0].startswith("<a ") or (in_link and match[0] != "</a>")
            return re.sub(stands, lambda found: _address(*_value(found["one"], kinds, values)), match[0])
        kind, value = _value(match["alone"] or match["one"], kinds, values)
        if match["alone"]:
            return f"<div>{value.html}</div>" if kind == "block" else f"<p>{_words(kind, value, in_link)}</p>"
        return _words(kind, value, in_link)

    return parts.sub(piece, html)


def _value(number: str, kinds: tuple[tuple[str, str], ...], values: Mapping[str, Value]) -> tuple[str, Value]:
    name, kind = kinds[int(number)]
    return kind, values[name]


def _address(kind: str, value: Value) -> str:
    """In the address of a link: all of it, or one piece."""
    return str(escape(value.text if kind == "link" else quote(value.text, safe="")))


def _words(kind: str, value: Value, in_link: bool) -> str:
    text = str(escape(" ".join(value.text.split())))
    return f'<a href="{text}">{text}</a>' if kind == "link" and value.text and not in_link else text
