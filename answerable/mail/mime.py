"""A message's tree of parts, cut from the bytes without copying and without recursion (email contract E-11, E-20).

The standard library's parser recurses once per nested part, needs a minute for 40 MB of near-boundaries, and ends a
header at the first stray line. E-11 wants an iterative cut for the worst messages; we use it for every message, so
that the way hostile mail takes is the way that is tested all day.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from answerable.mail import headers, params, transfer
from answerable.mail.fields import Block, Fields, read_block
from answerable.mail.limits import Limits

_TAIL = re.compile(rb"(--)?[ \t]*(?:\r\n|\n|\r|\Z)")
_DOUBLE_RETURN = re.compile(rb"\A[^\r\n]*\r\r+\n")
MEDIA_TYPE = re.compile(r"[a-z0-9!#$&^_.+-]{1,100}/[a-z0-9!#$&^_.+-]{1,100}")


@dataclass(eq=False)
class Part:
    """One part: where it stands in `data` and what its header says. `opaque`: past a limit, so not opened."""

    data: bytes = field(repr=False)
    head: int
    start: int
    end: int
    fields: Fields
    depth: int
    default: str = "text/plain"
    children: list["Part"] = field(default_factory=list)
    opaque: bool = False

    @cached_property
    def _content_type(self) -> params.Value:
        return params.parse(headers.plain(self.fields.get("content-type")))

    @cached_property
    def _disposition(self) -> params.Value:
        return params.parse(headers.plain(self.fields.get("content-disposition")))

    @cached_property
    def type(self) -> str:
        """Media type in lower case. What is none counts as text, what is not said as the default of the place."""
        if "content-type" not in self.fields:
            return self.default
        main = self._content_type.main
        return main if MEDIA_TYPE.fullmatch(main) else "text/plain"

    @property
    def params(self) -> dict[str, str]:
        """Parameters of Content-Type."""
        return self._content_type.params

    @property
    def is_multipart(self) -> bool:
        return self.type.startswith("multipart/")

    @property
    def disposition(self) -> str:
        """ "attachment", "inline", something foreign, or empty."""
        return self._disposition.main

    @property
    def filename(self) -> str:
        """As the sender wrote it, decoded: Content-Disposition before Content-Type (E-16)."""
        return (self._disposition.params.get("filename") or self.params.get("name") or "").strip()

    @property
    def content_id(self) -> str:
        return headers.plain(self.fields.get("content-id")).strip().strip("<>").strip()

    def raw(self) -> bytes:
        """The body as it stands in the message."""
        return self.data[self.start : self.end]

    def whole(self) -> bytes:
        """Header and body as they stand in the message."""
        return self.data[self.head : self.end]

    def content(self) -> transfer.Body:
        """The body, decoded from its transfer encoding."""
        return transfer.decode(self.raw(), headers.plain(self.fields.get("content-transfer-encoding")))


@dataclass(frozen=True)
class Tree:
    """A message taken apart. `truncated`: a limit was hit, and what was read up to it is here."""

    root: Part
    truncated: bool

    def walk(self) -> list[Part]:
        """Every part that was cut out, in the order of the message."""
        found, waiting = [], [self.root]
        while waiting:
            part = waiting.pop()
            found.append(part)
            waiting.extend(reversed(part.children))
        return found


def unwrapped(raw: bytes) -> bytes:
    """The message, with line ends mended that a gateway doubled (CR CR LF): they would end the header at once."""
    return raw.replace(b"\r\r\n", b"\r\n") if _DOUBLE_RETURN.match(raw) else raw


def head_of(raw: bytes, limits: Limits) -> Block:
    """The header block of a whole message."""
    return read_block(raw, 0, len(raw), limits, salvage=True)


def take_apart(raw: bytes, block: Block, limits: Limits) -> Tree:
    """Cut the message into its parts, one level at a time, down to the depth limit."""
    return _Cutter(limits).run(Part(raw, 0, block.body, len(raw), block.fields, depth=1), truncated=block.truncated)


class _Cutter:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.count = 1
        self.truncated = False

    def run(self, root: Part, *, truncated: bool) -> Tree:
        self.truncated = truncated
        waiting = [root]
        while waiting:
            part = waiting.pop()
            if not part.is_multipart:
                continue
            if part.depth >= self.limits.depth or self.count >= self.limits.parts:
                part.opaque = self.truncated = True
                continue
            part.children = self._children(part)
            waiting.extend(reversed(part.children))
        return Tree(root, self.truncated)

    def _children(self, part: Part) -> list[Part]:
        default = "message/rfc822" if part.type == "multipart/digest" else "text/plain"
        found = []
        for start, end in self._spans(part):
            block = read_block(part.data, start, end, self.limits, salvage=False)
            self.truncated = self.truncated or block.truncated
            found.append(Part(part.data, start, block.body, end, block.fields, part.depth + 1, default))
        return found

    def _spans(self, part: Part) -> list[tuple[int, int]]:
        """Where the parts between the boundaries stand; none when the boundary is missing or never comes."""
        boundary = part.params.get("boundary", "").rstrip(" \t")
        if not boundary:
            return []
        delimiter = b"--" + boundary.encode("utf-8", "replace")
        data, spans = part.data, []
        open_at, pos = -1, part.start
        while (hit := data.find(delimiter, pos, part.end)) >= 0:
            pos = hit + len(delimiter)
            tail = _TAIL.match(data, pos, part.end)
            if tail is None or (hit > part.start and data[hit - 1] not in b"\r\n"):
                continue
            if open_at >= 0:
                spans.append((open_at, _before_line_end(data, open_at, hit)))
            if tail[1] or self.count >= self.limits.parts:
                self.truncated = self.truncated or not tail[1]
                return spans
            self.count += 1
            open_at = pos = tail.end()
        if open_at >= 0:
            spans.append((open_at, part.end))
        return spans


def _before_line_end(data: bytes, start: int, end: int) -> int:
    """The line end before a boundary belongs to the boundary."""
    if end > start and data[end - 1] == 0x0A:
        end -= 1
    if end > start and data[end - 1] == 0x0D:
        end -= 1
    return end
