"""Made messages, short enough to read in a test."""

import base64
import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
PNG_64 = base64.b64encode(PNG).decode()


def message(
    header: str | bytes = "", body: str | bytes = "Hello\n", *, sender: str = "Ann <ann@customer.test>"
) -> bytes:
    """A message from Ann with these extra header lines (LF) and this body."""
    lines = header.encode() if isinstance(header, str) else header
    rest = body.encode() if isinstance(body, str) else body
    start = f"From: {sender}\n".encode() if sender else b""
    return start + (lines.rstrip(b"\n") + b"\n" if lines.strip() else b"") + b"\n" + rest


def multipart(kind: str, *parts: str | bytes, header: str = "", boundary: str = "b0") -> bytes:
    """A multipart/<kind> message; each part is its header lines, a blank line and its content."""
    body = b"".join(
        b"--%s\n%s\n" % (boundary.encode(), part.encode() if isinstance(part, str) else part) for part in parts
    )
    return message(
        f"{header}\nContent-Type: multipart/{kind}; boundary={boundary}".strip(), body + f"--{boundary}--\n".encode()
    )


def within(kind: str, *parts: str | bytes, boundary: str) -> bytes:
    """The same as a part inside another message."""
    whole = multipart(kind, *parts, boundary=boundary)
    return whole.partition(b"\n")[2]


def calls(function: Callable[[], Any]) -> int:
    """How many functions, C ones included, run inside: work counted without a clock."""
    count = 0

    def counted(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def seconds(function: Callable[[], object]) -> float:
    """Processor time, so that a busy machine does not count."""
    started = time.process_time()
    function()
    return time.process_time() - started
