"""The words of a compressed RTF body (MS-OXRTFCP, MS-OXRTFEX): all that some winmail.dat has of its message."""

import re
import struct

from answerable.mail import charsets

_DICTIONARY = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor "
    b"MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n"
    b"\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)
_COMPRESSED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096
_MOST = 1024 * 1024
_TOKEN = re.compile(
    rb"\\([a-z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-z])|([{}])|[\r\n]+|([^\\{}\r\n]+)", re.DOTALL
)
# Groups whose words are about the document, not in it.
_ASIDE = frozenset(b"fonttbl colortbl stylesheet info pict object themedata listtable header footer".split())
_BREAKS = {b"par": "\n", b"line": "\n", b"tab": "\t", b"cell": "\t", b"row": "\n", b"emdash": "—", b"endash": "–",
           b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•"}  # fmt: skip


def to_text(data: bytes) -> str:
    """Plain text of a compressed body; empty where it is none. Never raises; a mebibyte at most."""
    return _Reader(decompress(data)).run().strip("\n")


def decompress(data: bytes) -> bytes:
    """The RTF itself."""
    if len(data) < 16 or data[8:12] not in (_COMPRESSED, _PLAIN):
        return b""
    if data[8:12] == _PLAIN:
        return data[16 : 16 + _MOST]
    out = bytearray(_DICTIONARY)
    base, at, end = len(_DICTIONARY), 16, len(data)
    while at < end and len(out) < base + _MOST:
        flags = data[at]
        at += 1
        for bit in range(8):
            if not flags >> bit & 1:
                out += data[at : at + 1]
                at += 1
                continue
            if at + 2 > end:
                return bytes(out[base:])
            (pair,) = struct.unpack_from(">H", data, at)
            at += 2
            # The place is one in a ring, and the first bytes of the ring are the dictionary.
            back = (len(out) - (pair >> 4)) % _WINDOW
            if back == 0:
                return bytes(out[base:])
            start = len(out) - back
            for step in range((pair & 15) + 2):
                out.append(out[start + step] if start + step >= 0 else 0x20)
    return bytes(out[base:])


class _Reader:
    """One walk over the tokens, with a stack of groups that are left out."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.out: list[str] = []
        self.pending = bytearray()  # bytes of the document's code page, which may need two for a letter
        self.hidden = [False]
        self.skip = 0  # stand-ins that follow a \u
        self.stand_ins = 1
        self.label = "cp1252"
        self.starred = self.from_html = self.rtf_only = False

    def run(self) -> str:
        for match in _TOKEN.finditer(self.source):
            word, number, code, symbol, brace, text = match.groups()
            if brace:
                self._group(brace)
            elif word:
                self._word(word, int(number) if number else None)
            elif symbol:
                self._symbol(symbol)
            elif code or text:
                self._bytes(bytes.fromhex(code.decode()) if code else text)
        self._flush()
        # Letters beyond the first plane come as two halves.
        return "".join(self.out).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

    @property
    def is_seen(self) -> bool:
        return not self.hidden[-1] and not self.rtf_only

    def _group(self, brace: bytes) -> None:
        if brace == b"{":
            self.hidden.append(self.hidden[-1])
        elif len(self.hidden) > 1:
            self.hidden.pop()
        self.starred = False
        self.skip = 0

    def _symbol(self, symbol: bytes) -> None:
        if symbol == b"*":
            self.starred = True
        elif symbol in b"\\{}":
            self._bytes(symbol)
        elif symbol == b"~":
            self._put(" ")

    def _word(self, word: bytes, number: int | None) -> None:
        if self.starred or word in _ASIDE:
            # `{\*\htmltag84 <p>}` holds the markup of the HTML that this was made from.
            self.hidden[-1] = True
            self.starred = False
        elif word == b"fromhtml":
            self.from_html = True
        elif word == b"htmlrtf":
            self.rtf_only = number != 0
        elif word == b"ansicpg" and number:
            self.label = f"cp{number}"
        elif word == b"uc" and number is not None:
            self.stand_ins = min(max(number, 0), 10)
        elif word == b"u" and number is not None:
            self._put(chr(number % 0x10000))
            self.skip = self.stand_ins
        elif word in _BREAKS:
            self._put(_BREAKS[word])

    def _bytes(self, data: bytes) -> None:
        if self.skip:
            dropped = min(self.skip, len(data))
            self.skip -= dropped
            data = data[dropped:]
        if self.is_seen:
            self.pending += data

    def _put(self, text: str) -> None:
        if self.is_seen:
            self._flush()
            self.out.append(text)

    def _flush(self) -> None:
        if self.pending:
            self.out.append(charsets.decode(bytes(self.pending), self.label).text)
            self.pending.clear()
