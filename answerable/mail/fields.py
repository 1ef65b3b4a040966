"""Header blocks as they come: split into fields with salvage (email contract E-8, E-12, E-13), nothing decoded yet."""

import re
from dataclasses import dataclass, field

from answerable.mail.limits import Limits

EOL = re.compile(rb"\r\n|\n|\r")
_FIELD = re.compile(
    rb"([!-9;-~]{1,200})[ \t]{0,50}:([^\r\n]*(?:(?:\r\n|\n|\r)[ \t][^\r\n]*)*)(?:\r\n|\n|\r|\Z)"
)  # name, then value with its continuation lines
_FIELD_START = re.compile(rb"[!-9;-~]{1,200}[ \t]{0,50}:")
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\n|\r|\Z)")
_MBOX = re.compile(rb">?From (?![ \t]*:)[^\r\n]*(?:\r\n|\n|\r)")
_FOLD = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True)
class Fields:
    """The fields of one header block in order: lower-case name and raw value, line ends taken out."""

    items: tuple[tuple[str, bytes], ...] = ()
    _first: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def get(self, name: str) -> bytes | None:
        """The first field of this name: later ones do not count (E-13)."""
        return self._first.get(name)

    def all(self, name: str) -> list[bytes]:
        """Every field of this name, top down."""
        return [value for key, value in self.items if key == name] if name in self._first else []

    def word(self, name: str) -> str:
        """The first field of this name as bare lower-case ASCII, for fields that hold keywords."""
        return self._first.get(name, b"").replace(b"\0", b"").decode("ascii", "replace").strip().lower()

    def __contains__(self, name: str) -> bool:
        return name in self._first


@dataclass(frozen=True)
class Block:
    """A header block that was read: its fields, where the body begins, and whether a limit was hit."""

    fields: Fields
    body: int
    truncated: bool


def read_block(data: bytes, start: int, end: int, limits: Limits, *, salvage: bool) -> Block:
    """Read fields from `start` on. `salvage`: a whole message's block, where stray lines are forgiven (E-12)."""
    reader = _Reader(data, end, limits, salvage=salvage)
    body = reader.run(_skip_junk(data, start, end) if salvage else start)
    first: dict[str, bytes] = {}
    for name, value in reader.items:
        first.setdefault(name, value)
    return Block(Fields(tuple(reader.items), first), body, reader.truncated)


def _skip_junk(data: bytes, start: int, end: int) -> int:
    """Past a byte order mark, an mbox line, and blank lines that only precede a header."""
    if data.startswith(b"\xef\xbb\xbf", start):
        start += 3
    pos = start
    while (blank := EOL.match(data, pos, end)) is not None:
        pos = blank.end()
    if not _FIELD_START.match(data, pos, end) and not _MBOX.match(data, pos, end):
        pos = start
    mbox = _MBOX.match(data, pos, end)
    return mbox.end() if mbox else pos


class _Reader:
    def __init__(self, data: bytes, end: int, limits: Limits, *, salvage: bool) -> None:
        self.data, self.end, self.limits, self.salvage = data, end, limits, salvage
        self.items: list[tuple[str, bytes]] = []
        self.truncated = False
        self.size = 0

    def run(self, start: int) -> int:
        pos = start
        while pos < self.end:
            match = _FIELD.match(self.data, pos, self.end)
            if match:
                self._keep(match)
                pos = match.end()
                continue
            blank = EOL.match(self.data, pos, self.end)
            if blank:
                return blank.end()
            following = self._after_stray(pos)
            if following is None:
                return pos
            pos = following
        return pos

    def _after_stray(self, pos: int) -> int | None:
        """Where the header goes on after a line that is no field; None when the body begins with that line."""
        line = _LINE.match(self.data, pos, self.end)
        assert line is not None
        if self.data[pos : pos + 1] in (b" ", b"\t"):
            return line.end()
        if self.salvage and _FIELD_START.match(self.data, line.end(), self.end):
            return line.end()
        return None

    def _keep(self, match: re.Match[bytes]) -> None:
        length = match.end() - match.start()
        self.size += length
        if len(self.items) >= self.limits.fields or self.size - length > self.limits.header_block:
            self.truncated = True
            return
        value = match[2]
        if len(value) > self.limits.field:
            value, self.truncated = value[: self.limits.field], True
        if b"\n" in value or b"\r" in value:
            value = _FOLD.sub(b"", value)
        self.items.append((match[1].decode("ascii").lower(), value.strip()))
