"""Outlook's winmail.dat (MS-OXTNEF; email contract E-71): the files and the words in it, one level, in linear time.

All or nothing: `unpack` raises ValueError on anything that does not hold together, and then the file itself is kept.
Everything that it gives is a piece of what it got, so it never gives more.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from answerable.mail import charsets

TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_SIGNATURE = b"\x78\x9f\x3e\x22"
_MOST_ATTRIBUTES = 20_000
_LEVEL_ATTACHMENT = 2
_BODY, _DATA, _TITLE = 0x800C, 0x800F, 0x8010
_BEGINS_ATTACHMENT, _MESSAGE_PROPERTIES, _ATTACHMENT_PROPERTIES, _OEM_CODE_PAGE = 0x9002, 0x9003, 0x9005, 0x9007

_MULTIPLE, _NAMED = 0x1000, 0x8000
_STRING_8, _STRING, _OBJECT, _BINARY, _UNSPECIFIED = 0x001E, 0x001F, 0x000D, 0x0102, 0x0000
_VARIABLE = frozenset({_STRING_8, _STRING, _OBJECT, _BINARY, _UNSPECIFIED})
_FIXED = {
    0x0001: 0,
    0x0002: 4,
    0x0003: 4,
    0x0004: 4,
    0x0005: 8,
    0x0006: 8,
    0x0007: 8,
    0x000A: 4,
    0x000B: 4,
    0x0014: 8,
    0x0040: 8,
    0x0048: 16,
}  # fmt: skip  bytes with their padding
_PLAIN, _RTF, _HTML, _CODE_PAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
_CONTENT, _SHORT_NAME, _LONG_NAME, _DISPLAY_NAME, _MIME_TYPE, _CONTENT_ID = (
    0x3701, 0x3704, 0x3707, 0x3001, 0x370E, 0x3712,
)  # fmt: skip
_PAGES = {
    1200: "utf-16-le", 20127: "us-ascii", 20866: "koi8-r", 20932: "euc-jp", 21866: "koi8-u", 50220: "iso-2022-jp",
    50221: "iso-2022-jp", 51932: "euc-jp", 51949: "euc-kr", 52936: "hz", 54936: "gb18030", 65000: "utf-7",
    65001: "utf-8",
}  # fmt: skip


@dataclass
class File:
    """A file as it lay inside, nothing of its name made safe yet."""

    name: str = ""
    content: bytes = b""
    content_type: str = ""
    cid: str = ""


@dataclass
class Unpacked:
    """What was in it. `rtf`: as it came, compressed; words that are nowhere else may be in it."""

    text: str = ""
    html: str = ""
    rtf: bytes = b""
    files: list[File] = field(default_factory=list)


class _Property(NamedTuple):
    tag: int
    kind: int
    value: bytes


def is_tnef(kind: str, name: str, content: bytes) -> bool:
    """By its type, or by its usual name where the content agrees."""
    return kind in TYPES or (content.startswith(_SIGNATURE) and name.lower().endswith("winmail.dat"))


def unpack(content: bytes) -> Unpacked:
    """Raises ValueError when it is none, or damaged."""
    try:
        return _Unpacker(content).run()
    except struct.error as error:
        raise ValueError("cut short") from error


class _Unpacker:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.found = Unpacked()
        self.label = "cp1252"

    def run(self) -> Unpacked:
        if not self.content.startswith(_SIGNATURE):
            raise ValueError("not TNEF")
        for level, name, value in self._attributes():
            if level == _LEVEL_ATTACHMENT:
                self._of_attachment(name, value)
            else:
                self._of_message(name, value)
        return self.found

    def _attributes(self) -> Iterator[tuple[int, int, bytes]]:
        at, count = 6, 0
        # Some writers pad the end; what is shorter than an attribute is none.
        while at + 11 <= len(self.content):
            level, name, _, size = struct.unpack_from("<BHHI", self.content, at)
            end = at + 9 + size
            count += 1
            if level not in (1, _LEVEL_ATTACHMENT) or end > len(self.content) or count > _MOST_ATTRIBUTES:
                raise ValueError("damaged")
            yield level, name, self.content[at + 9 : end]
            at = end + 2  # a checksum that everybody ignores

    def _of_message(self, name: int, value: bytes) -> None:
        if name == _OEM_CODE_PAGE:
            self.label = _label(struct.unpack_from("<I", value)[0])
        elif name == _BODY:
            self.found.text = self._text(_STRING_8, value)
        elif name == _MESSAGE_PROPERTIES:
            properties = list(_properties(value))
            page = next((struct.unpack_from("<I", one.value)[0] for one in properties if one.tag == _CODE_PAGE), None)
            for one in properties:
                if one.tag == _PLAIN:
                    self.found.text = self._text(one.kind, one.value)
                elif one.tag == _HTML:
                    label = _label(page) if page else self.label
                    self.found.html = self._text(one.kind, one.value, label, html=True)
                elif one.tag == _RTF:
                    self.found.rtf = one.value

    def _of_attachment(self, name: int, value: bytes) -> None:
        if name == _BEGINS_ATTACHMENT or not self.found.files:
            self.found.files.append(File())
        file = self.found.files[-1]
        if name == _TITLE:
            file.name = file.name or self._text(_STRING_8, value)
        elif name == _DATA:
            file.content = value
        elif name == _ATTACHMENT_PROPERTIES:
            self._describe(file, {one.tag: one for one in _properties(value)})

    def _describe(self, file: File, told: dict[int, _Property]) -> None:
        words = {tag: self._text(one.kind, one.value) for tag, one in told.items() if one.kind in (_STRING, _STRING_8)}
        names = (words.get(_LONG_NAME), words.get(_SHORT_NAME), file.name, words.get(_DISPLAY_NAME))
        file.name = next((name for name in names if name), "")
        file.content_type = words.get(_MIME_TYPE, "").strip().lower()
        file.cid = words.get(_CONTENT_ID, "").strip().strip("<>")
        if _CONTENT in told:
            content = told[_CONTENT]
            file.content = (
                content.value[16:] if content.kind == _OBJECT else content.value
            )  # after what it claims to be
            if file.content.startswith(_SIGNATURE):
                # A message within the message: one level only.
                file.name, file.content_type = f"{file.name or 'message'}.dat", "application/ms-tnef"

    def _text(self, kind: int, value: bytes, label: str = "", *, html: bool = False) -> str:
        label = "utf-16-le" if kind == _STRING else label or self.label
        return charsets.decode(value, label, html=html).text.rstrip("\0")


def _label(page: int) -> str:
    if 28591 <= page <= 28606:
        return f"iso-8859-{page - 28590}"
    return _PAGES.get(page, f"cp{page}")


def _properties(data: bytes) -> Iterator[_Property]:
    """The single values of a list of MAPI properties; of several values the first."""
    count, at = struct.unpack_from("<I", data)[0], 4
    if count > _MOST_ATTRIBUTES:
        raise ValueError("too many properties")
    for _ in range(count):
        kind, tag = struct.unpack_from("<HH", data, at)
        at = _after_name(data, at + 4) if tag >= _NAMED else at + 4
        several, kind = kind & _MULTIPLE, kind & ~_MULTIPLE
        values = 1
        if several or kind in _VARIABLE:
            values, at = struct.unpack_from("<I", data, at)[0], at + 4
        if values > _MOST_ATTRIBUTES:
            raise ValueError("too many values")
        if kind in _VARIABLE:
            value, at = _variable(data, at, values)
        elif kind in _FIXED:
            size = (2 if kind in (0x0002, 0x000B) else _FIXED[kind]) * values if several else _FIXED[kind]
            value, at = data[at : at + size], at + size + -size % 4
        else:
            raise ValueError("unknown type")
        yield _Property(tag, kind, value)


def _after_name(data: bytes, at: int) -> int:
    """Past the name of a property that has no fixed number."""
    (is_text,) = struct.unpack_from("<I", data, at + 16)
    if not is_text:
        return at + 24
    (size,) = struct.unpack_from("<I", data, at + 20)
    return int(at + 24 + size + -size % 4)


def _variable(data: bytes, at: int, values: int) -> tuple[bytes, int]:
    first = None
    for _ in range(values):
        (size,) = struct.unpack_from("<I", data, at)
        if at + 4 + size > len(data):
            raise ValueError("damaged")
        if first is None:
            first = data[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4
    return first or b"", at
