"""Header values to text, whatever is in them (email contract E-14 to E-19, E-30). Nothing here raises."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_tz
from typing import NamedTuple

from answerable.mail import charsets, transfer

# Charset, encoding, content. A "?" in the content is illegal and seen: it counts unless it would open or close a word.
ENCODED_WORD = re.compile(r"=\?([^?\s]{1,80})\?([bBqQ])\?([^?]*(?:(?<!=)\?(?!=)[^?]*){0,20})\?=")
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_RUNS = re.compile("  +")
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_Q_ESCAPE = re.compile(rb"=([0-9A-Fa-f]{2})")
_MOST_GUESSES = 3  # in one header: guessing an encoding costs a millisecond

_BRACKETED = re.compile(r"<([^<>]*)>")
_BLANKS = re.compile(r"[\s\x00-\x20\x7f]+")
_MOST_IDS = 50
_LONGEST_ID = 998
NO_ID_DOMAIN = "@no-id.invalid"  # made by us for messages without an id, never matched (E-82)


def plain(value: bytes | None, charset: str = "") -> str:
    """Raw header bytes as text, encoded-words left alone. `charset`: of the message's text, for raw 8-bit (E-18)."""
    if not value:
        return ""
    value = value.replace(b"\0", b" ")
    if b"\x1b$" in value:
        return charsets.decode(value, "iso-2022-jp").text
    try:
        return charsets.storable(value.decode("utf-8"))
    except UnicodeDecodeError:
        codec = charsets.codec_of(charset)
    if codec in (None, "utf_8", "utf_7"):
        codec = "cp1252"
    return charsets.storable(value.decode(codec or "cp1252", "replace"))


def text(value: bytes | None, charset: str = "") -> str:
    """A header value as people read it: decoded, one line, without controls and direction overrides."""
    return clean(words(plain(value, charset)))


def clean(source: str) -> str:
    """One line that cannot make a header or turn the reading direction (E-15). Wide Unicode spaces stay."""
    if source.isascii() and source.isprintable():
        return _RUNS.sub(" ", source).strip(" ") if "  " in source else source.strip(" ")
    source = _BIDI.sub("", _CONTROLS.sub(" ", charsets.storable(source)))
    return _RUNS.sub(" ", source).strip(" ")


class _Word(NamedTuple):
    charset: str
    encoding: str
    content: str


def words(source: str) -> str:
    """Encoded-words decoded wherever they stand; the rest as it is (E-14)."""
    if "=?" not in source:
        return source
    pieces: list[_Word | str] = []
    pos = 0
    for match in ENCODED_WORD.finditer(source):
        between = source[pos : match.start()]
        if between.strip() or (between and pos == 0):
            pieces.append(between)
        word = _Word(match[1].partition("*")[0].lower(), match[2].lower(), match[3])
        last = pieces[-1] if pieces else None
        if isinstance(last, _Word) and last[:2] == word[:2]:
            # Before decoding: a character of several bytes may be split between two words.
            pieces[-1] = last._replace(content=last.content + word.content)
        else:
            pieces.append(word)
        pos = match.end()
    return _decoded(pieces) + source[pos:]


def _decoded(pieces: Iterable[_Word | str]) -> str:
    out, guesses = [], 0
    for piece in pieces:
        if isinstance(piece, str):
            out.append(piece)
            continue
        data = _bytes(piece)
        if guesses < _MOST_GUESSES:
            decoded = charsets.decode(data, piece.charset, seven_bit=False)
            guesses += decoded.fallback
            out.append(decoded.text)
        else:
            out.append(charsets.storable(data.decode(charsets.codec_of(piece.charset) or "cp1252", "replace")))
    return "".join(out)


def _bytes(word: _Word) -> bytes:
    data = word.content.encode("utf-8", "replace")
    if word.encoding == "b":
        data = transfer.loose_base64(data)
    else:
        data = _Q_ESCAPE.sub(lambda match: bytes([int(match[1], 16)]), data.replace(b"_", b" "))
    return data if charsets.codec_of(word.charset) in charsets.WIDE else data.replace(b"\0", b" ")


def ids(value: str) -> list[str]:
    """The Message-IDs in a field, normalised, in order. Bare ones count where they hold exactly one "@"."""
    bracketed = _BRACKETED.findall(value) if "<" in value else []
    bare = [] if bracketed else value.split()
    found = [_BLANKS.sub("", one) for one in bracketed] + [one.strip("<>,;") for one in bare if one.count("@") == 1]
    return [normal_id(one) for one in found if one and len(one) <= _LONGEST_ID]


def normal_id(value: str) -> str:
    """`<left@domain>` with the domain in lower case: the form in which ids are compared (E-30)."""
    left, at, domain = value.strip("<> ").rpartition("@")
    return f"<{left}{at}{domain.lower()}>"


def thread_ids(in_reply_to: Iterable[bytes], references: Iterable[bytes]) -> tuple[str, ...]:
    """What a message answers: In-Reply-To first, then References from last to first; no repeats, at most 50 (E-30)."""
    first = [one for value in in_reply_to for one in ids(plain(value))]
    rest = [one for value in references for one in ids(plain(value))]
    known = dict.fromkeys([*first, *reversed(rest)])
    return tuple(one for one in known if not one.endswith(NO_ID_DOMAIN + ">"))[:_MOST_IDS]


def message_id(value: bytes | None) -> str:
    """The message's own id as its sender wrote it, in brackets; empty when there is none that could be answered to."""
    source = plain(value)
    bracketed = _BRACKETED.search(source)
    bare = source.strip()
    found = _BLANKS.sub("", bracketed[1]) if bracketed else bare if bare.count("@") == 1 and " " not in bare else ""
    found = found.strip("<>")
    return f"<{found}>" if found and len(found) <= _LONGEST_ID else ""


def date(value: bytes | None) -> datetime | None:
    """The Date field in UTC; None when it cannot be read."""
    source = clean(plain(value))[:200]
    try:
        parsed = parsedate_tz(source)
        if parsed is None:
            return None
        moment = datetime(*parsed[:6], tzinfo=UTC)
        return moment - timedelta(seconds=parsed[9] or 0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def believable(written: datetime | None, received_at: datetime) -> datetime:
    """The moment that a message says it was written, unless that cannot be: then its arrival (E-19)."""
    if (
        written is None
        or written > received_at + timedelta(days=1)
        or written < received_at - timedelta(days=20 * 365.25)
    ):
        return received_at
    return written
