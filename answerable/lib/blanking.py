"""Find a text wherever it stands, however it is wrapped, marked up or escaped, and put a mark in its place. Pure.

Blanks and case do not count: a text is found that a mail program broke over two lines and quoted, that HTML divided
by tags or wrote in entities, or that a link carries in percent signs.
"""

import html as entities
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

# Fewer letters are found in every second word.
FEWEST = 4
MOST = 4_000
# Bytes: a larger file is searched for the very bytes alone.
MOST_FILE = 2 * 1024 * 1024

_WRAP = r"(?P<wrap>[ \t\xa0]*(?:\r\n|\r|\n)[\s>|]*)"
_BLANK = r"(?P<blank>[\s\xa0]+)"
_NOTHING = r"(?P<nothing>[\u00ad\u200b-\u200f\u2060\ufeff]+)"
# No "<" inside: else each of many that nothing closes is followed to the end of the text.
_TAG = r"(?P<wrap2><[^<>]*>)"
_ENTITY = r"(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});?)"
_PERCENT = r"(?P<percent>(?:%[0-9a-fA-F]{2})+)"
_ESCAPE = r"(?P<escape>\\[!-/:-@\[-`{-~])"
_LETTER = r"(?P<letter>.)"


def _reading(*more: str) -> re.Pattern[str]:
    return re.compile("|".join((_WRAP, *more, _NOTHING, _BLANK, _LETTER)), re.DOTALL)


_TAGS = re.compile(r"<[^<>]*>")
_DROPPED = re.compile(r"[\s\xa0>|\\\u00ad\u200b-\u200f\u2060\ufeff]+")


def _untagged(text: str) -> str:
    return entities.unescape(_TAGS.sub("", text))


def _unescaped(text: str) -> str:
    return unquote(entities.unescape(text))


def _bare(text: str) -> str:
    return unquote(_untagged(text))


# The ways in which a text may be read, one after another; each with what it comes to as a whole, told quickly.
_AS_TEXT = ((_reading(), str), (_reading(_PERCENT), unquote), (_reading(_ESCAPE), str))
_AS_HTML = (
    (_reading(_TAG, _ENTITY), _untagged),
    (_reading(_ENTITY, _PERCENT), _unescaped),
    (_reading(_TAG, _ENTITY, _PERCENT), _bare),
)
_NO_GAP, _GAP, _WRAPPED = 0, 1, 2


@dataclass(frozen=True)
class Letters:
    """A text without its blanks. `gaps`: what stood before each letter; `starts` and `ends`: where each stands."""

    text: str
    gaps: tuple[int, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def letters(text: str, reading: re.Pattern[str] = _AS_TEXT[0][0]) -> Letters:
    """The text, letter by letter."""
    found: list[tuple[str, int, int, int]] = []
    gap = _NO_GAP
    for token in reading.finditer(text):
        kind, said = token.lastgroup, token[0]
        if kind in {"wrap", "wrap2"}:
            gap = _WRAPPED
        elif kind == "blank":
            gap = max(gap, _GAP)
        elif kind != "nothing":
            for letter in _meant(kind, said):
                if letter.isspace():
                    gap = max(gap, _GAP)
                    continue
                found.append((_small(letter), gap, token.start(), token.end()))
                gap = _NO_GAP
    chars, gaps, starts, ends = zip(*found, strict=True) if found else ((), (), (), ())
    return Letters("".join(chars), tuple(gaps), tuple(starts), tuple(ends))


def _meant(kind: str | None, said: str) -> str:
    if kind == "entity":
        return entities.unescape(said)
    if kind == "percent":
        return unquote(said)
    return said[1:] if kind == "escape" else said


def _small(letter: str) -> str:
    small = letter.lower()
    return small if len(small) == 1 else letter


def mark(at: datetime) -> str:
    """What stands in place of what was removed. The trigger on events knows its form (tickets migration 0016)."""
    return f"[removed by staff, {at:%Y-%m-%d %H:%M} UTC]"


def count(text: str, wanted: Letters, *, html: bool = False) -> int:
    """How often it stands there."""
    return masked(text, wanted, "", html=html)[1]


def masked(text: str, wanted: Letters, instead: str, *, html: bool = False) -> tuple[str, int]:
    """The text with `instead` in each place, and how many there were."""
    total = 0
    for reading, as_a_whole in _AS_HTML if html else _AS_TEXT:
        # Reading letter by letter takes a second for a megabyte, and most texts hold nothing.
        if _squeezed(wanted.text) not in _squeezed(as_a_whole(text)):
            continue
        pieces, done = [], 0
        for start, end in _spans(letters(text, reading), wanted):
            # Tags that stood in between stay, so that what they open is closed.
            pieces += [text[done:start], instead, *(_TAGS.findall(text[start:end]) if html else ())]
            done, total = end, total + 1
        text = "".join([*pieces, text[done:]]) if pieces else text
    return text, total


def _squeezed(text: str) -> str:
    """Without all that is skipped or may be: what is not in here is nowhere in the text."""
    return _DROPPED.sub("", text).casefold()


def _spans(text: Letters, wanted: Letters) -> Iterator[tuple[int, int]]:
    size, at = len(wanted.text), text.text.find(wanted.text)
    while size and at >= 0:
        last = at + size - 1
        if _fits(text.gaps[at + 1 : last + 1], wanted.gaps[1:]):
            yield text.starts[at], text.ends[last]
            at = text.text.find(wanted.text, last + 1)
        else:
            at = text.text.find(wanted.text, at + 1)


def _fits(gaps: tuple[int, ...], wanted: tuple[int, ...]) -> bool:
    """A line may be broken anywhere, but words that stand apart are not one."""
    return all(ours or theirs != _GAP for theirs, ours in zip(gaps, wanted, strict=True))


def masked_json(value: Any, wanted: Letters, instead: str) -> tuple[Any, int]:
    """The same for every text in what JSON holds."""
    if isinstance(value, str):
        return masked(value, wanted, instead)
    if isinstance(value, list):
        pairs = [masked_json(one, wanted, instead) for one in value]
        return [one for one, _ in pairs], sum(times for _, times in pairs)
    if isinstance(value, dict):
        found = {key: masked_json(one, wanted, instead) for key, one in value.items()}
        return {key: one for key, (one, _) in found.items()}, sum(times for _, times in found.values())
    return value, 0


def in_bytes(content: bytes, typed: str, wanted: Letters) -> bool:
    """Whether a file holds the text: as it was typed in any usual encoding, or as text, also wrapped."""
    if any(typed.encode(code) in content for code in ("utf-8", "utf-16-le", "utf-16-be")):
        return True
    if len(content) > MOST_FILE:
        return False
    for code in ("utf-8", "utf-16"):
        try:
            if count(content.decode(code), wanted, html=True) or count(content.decode(code), wanted):
                return True
        except UnicodeError:
            continue
    return False
