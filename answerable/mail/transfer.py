"""Content-Transfer-Encoding, however it is spelt and however broken what it wraps (email contract E-20)."""

import binascii
import re
from difflib import SequenceMatcher
from itertools import takewhile
from typing import NamedTuple

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS = b" \t\r\n"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET) - set(b"="))
_IDENTITY = frozenset({"", "7bit", "8bit", "binary", "8bits", "7bits", "plain", "none"})
_KNOWN = {
    "base64": "base64",
    "b64": "base64",
    "quotedprintable": "quoted-printable",
    "qp": "quoted-printable",
    "uuencode": "uuencode",
    "xuuencode": "uuencode",
    "uue": "uuencode",
    "xuue": "uuencode",
}
_NOT_A_LETTER = re.compile("[^a-z0-9]+")
_PADDED_BREAK = re.compile(rb"=[ \t]+(?=\r?\n)")
_BARE_BREAK = re.compile(rb"=\r(?!\n)")
_UU_BEGIN = re.compile(rb"^begin[ \t]+[0-7]{3,4}[ \t][^\r\n]*\r?$", re.MULTILINE)


class Body(NamedTuple):
    """Decoded content; `corrupt`: some of it could not be read."""

    data: bytes
    corrupt: bool


def encoding_of(value: str) -> str:
    """ "base64", "quoted-printable", "uuencode" or "" from a header value, clear misspellings included."""
    word = value.lower().partition(";")[0].partition("(")[0][:60]
    squeezed = _NOT_A_LETTER.sub("", word)
    if squeezed in _IDENTITY:
        return ""
    if squeezed in _KNOWN:
        return _KNOWN[squeezed]
    for name in ("base64", "quotedprintable"):
        if SequenceMatcher(None, squeezed, name).ratio() >= 0.8:
            return _KNOWN[name]
    return ""


def decode(data: bytes, value: str) -> Body:
    """The content behind a Content-Transfer-Encoding. Never raises; reads what can be read."""
    encoding = encoding_of(value)
    if encoding == "base64":
        return _base64(data)
    if encoding == "quoted-printable":
        return Body(quoted_printable(data), corrupt=False)
    if encoding == "uuencode":
        return _uuencode(data)
    return Body(data, corrupt=False)


def quoted_printable(data: bytes) -> bytes:
    """Decoded; what is no escape stays as it is."""
    if b"=" not in data:
        return data
    data = _PADDED_BREAK.sub(b"=", data)
    if b"=\r" in data:
        # Without this, a soft break that is a lone CR swallows all up to the next LF.
        data = _BARE_BREAK.sub(b"=\n", data)
    return binascii.a2b_qp(data)


def _base64(data: bytes) -> Body:
    try:
        # Quick and strict for what nearly every message holds: clean lines.
        return Body(binascii.a2b_base64(data.translate(None, _BLANKS), strict_mode=True), corrupt=False)
    except binascii.Error:
        pass
    strange = len(data.translate(None, _ALPHABET + _BLANKS + b"="))
    if (strange + data.count(b" ")) * 8 > len(data):
        # Plain text under a wrong label: decoding would destroy it. Unless it is what a list wrote below.
        return Body(_above_footer(data) or data, corrupt=True)
    return Body(loose_base64(data), corrupt=True)


def _above_footer(data: bytes) -> bytes:
    """The content of the proper base64 that a text begins with; empty if it may be words that only look so."""
    lines = takewhile(lambda line: not line.translate(None, _ALPHABET + b"=") and line, data.split())
    head = b"".join(lines)
    if len(head) < 60 and not head.endswith(b"="):
        return b""
    try:
        return binascii.a2b_base64(head, strict_mode=True)
    except binascii.Error:
        return b""


def loose_base64(data: bytes) -> bytes:
    """What can be read of damaged base64: strange characters dropped, padding made, a plain footer below it left out.

    Padding in the middle is a joint, not an end: some senders encode each line by itself.
    """
    out, padded = [], False
    for line in data.splitlines():
        if padded and b" " in line.strip():
            break
        out.append(line.translate(None, _NOT_BASE64))
        padded = padded or b"=" in line
    return b"".join(_unpadded(piece) for piece in b"".join(out).split(b"="))


def _unpadded(letters: bytes) -> bytes:
    if len(letters) % 4 == 1:
        letters = letters[:-1]
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def _uuencode(data: bytes) -> Body:
    begin = _UU_BEGIN.search(data)
    if begin is None:
        return Body(data, corrupt=True)
    out, corrupt, ended = [], False, False
    for line in data[begin.end() :].lstrip(b"\r\n").splitlines():
        if line.rstrip() in (b"end", b"`"):
            ended = True
            if line.rstrip() == b"end":
                break
            continue
        decoded = _uu_line(line)
        corrupt = corrupt or decoded is None
        out.append(decoded or b"")
    return Body(b"".join(out), corrupt or not ended)


def _uu_line(line: bytes) -> bytes | None:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some encoders count wrongly: trust the first byte over the length of the line.
        wanted = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        try:
            return binascii.a2b_uu(line[:wanted])
        except binascii.Error:
            return None
