"""Parameters of Content-Type and Content-Disposition, legal and not (email contract E-16)."""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from answerable.mail import charsets, headers

_MAIN = re.compile(r"\s*([^\s;,()<>@:\\\"\[\]?=]+)")
_KEY = re.compile(r"[;\s]*([A-Za-z0-9_.*'-]{1,80})\s{0,50}=\s{0,50}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*+)(?:"|\\?\Z)', re.DOTALL)
_NEXT = re.compile(r";\s{0,200}[A-Za-z0-9_.*'-]{1,80}\s{0,50}=")
_ESCAPE = re.compile(r'\\(["\\])')
_SEGMENT = re.compile(r"([^*]+)\*(\d{1,4})(\*?)")
_MOST = 200


class Value(NamedTuple):
    """A structured field: its main word in lower case, and its parameters decoded, by lower-case name."""

    main: str
    params: dict[str, str]


def parse(source: str) -> Value:
    """Read a field's (already unfolded) text. Linear, never raises; the first parameter of a name counts."""
    found = _MAIN.match(source)
    main = found[1].lower() if found else ""
    semicolon = source.find(";", found.end() if found else 0)
    if semicolon < 0:
        return Value(main, {})
    raw: dict[str, str] = {}
    pos = semicolon + 1
    while len(raw) < _MOST and (key := _KEY.match(source, pos) or _next_key(source, pos)):
        value, pos = _value(source, key.end())
        raw.setdefault(key[1].lower(), value)
    return Value(main, _decoded(raw))


def _next_key(source: str, pos: int) -> re.Match[str] | None:
    """The next parameter after something that is none."""
    separator = _NEXT.search(source, pos)
    return _KEY.match(source, separator.start()) if separator else None


def _value(source: str, pos: int) -> tuple[str, int]:
    quoted = _QUOTED.match(source, pos)
    if quoted:
        # Only these two escapes: a Windows path keeps its backslashes.
        return _ESCAPE.sub(r"\1", quoted[1]), quoted.end()
    # Unquoted: blanks and semicolons belong to it, unless another `key=` follows.
    following = _NEXT.search(source, pos)
    end = following.start() if following else len(source)
    return source[pos:end].strip().rstrip(";").strip(), end


def _decoded(raw: dict[str, str]) -> dict[str, str]:
    plain: dict[str, str] = {}
    extended: dict[str, str] = {}
    segments: dict[str, list[tuple[int, bool, str]]] = {}
    for key, value in raw.items():
        part = _SEGMENT.fullmatch(key)
        if part:
            segments.setdefault(part[1], []).append((int(part[2]), bool(part[3]), value))
        elif key.endswith("*"):
            extended[key[:-1]] = _join([(0, True, value)])
        else:
            plain[key] = headers.words(value)
    extended |= {key: _join(sorted(parts)) for key, parts in segments.items() if key not in extended}
    return {key: charsets.storable(value) for key, value in (plain | extended).items()}


def _join(segments: list[tuple[int, bool, str]]) -> str:
    """RFC 2231: the first encoded segment names the charset, which holds for bytes that run on over segments."""
    charset = ""
    out: list[str] = []
    pending = b""
    named = False
    plain = ""  # joined before it is decoded: an encoded-word may run on over segments, too
    for _, is_encoded, value in segments:
        if not is_encoded:
            out.append(_text(pending, charset))
            pending = b""
            plain += value
            continue
        out.append(headers.words(plain))
        plain = ""
        if not named and value.count("'") >= 2:
            charset, _, content = value.split("'", 2)
        else:
            content = value
        named = True
        pending += unquote_to_bytes(content)
    return "".join(out) + _text(pending, charset) + headers.words(plain)


def _text(data: bytes, charset: str) -> str:
    return charsets.decode(data, charset or "utf-8", seven_bit=False).text if data else ""
