"""Bytes to text, whatever label they carry (email contract E-17): a total function that never loses a message."""

import codecs
import re
from encodings.aliases import aliases
from typing import NamedTuple

from charset_normalizer import from_bytes

from answerable.lib.markup import names

# Codecs of text, by Python's own module names; zip, rot13, unicode_escape, idna and their like are not among them.
_TEXT_CODECS = names("""
    ascii big5 big5hkscs cp037 cp437 cp720 cp737 cp775 cp850 cp852 cp855 cp857 cp858 cp860 cp861 cp862 cp863 cp864 cp865
    cp866 cp869 cp874 cp932 cp949 cp950 cp1125 cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258
    euc_jis_2004 euc_jisx0213 euc_jp euc_kr gb18030 gb2312 gbk hp_roman8 hz iso2022_jp iso2022_jp_1 iso2022_jp_2
    iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr iso8859_10 iso8859_11 iso8859_13 iso8859_14
    iso8859_15 iso8859_16 iso8859_2 iso8859_3 iso8859_4 iso8859_5 iso8859_6 iso8859_7 iso8859_8 iso8859_9 johab koi8_r
    koi8_t koi8_u kz1048 latin_1 mac_cyrillic mac_greek mac_iceland mac_latin2 mac_roman mac_turkish ptcp154 shift_jis
    shift_jis_2004 shift_jisx0213 tis_620 utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le utf_7 utf_8
""")
# What senders mean by the label, where that is more than the label says.
_WIDER = {
    "ascii": "utf_8",
    "latin_1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
}
_OTHER_LABELS = {"eucgb2312": "gb18030", "utf8mb4": "utf_8", "macintosh": "mac_roman", "windows31j": "cp932"}
_SQUEEZE = re.compile(r"[^a-z0-9]+")
_CODE_PAGE = re.compile(r"(?:windows|win|cp|ibm|ms|dos)0*(\d{3,4})")
_VISUAL_HEBREW = re.compile(r"iso8859[68][ie]")

# Seven-bit encodings: every broken text in them is valid UTF-8 too, and means nothing that way.
_ESCAPING = names(
    "hz iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr utf_7"
)
WIDE = names("utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le")
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf_32"),
    (codecs.BOM_UTF32_BE, "utf_32"),
    (codecs.BOM_UTF16_LE, "utf_16"),
    (codecs.BOM_UTF16_BE, "utf_16"),
)

_SAMPLE = 64 * 1024
_CANDIDATES = sorted(
    names("cp1252 cp1251 koi8_r cp932 euc_jp gb18030 big5 cp949 cp1250 iso8859_2 cp1253 cp1254 cp1255 cp1256")
)
_MULTIBYTE = names("cp932 euc_jp gb18030 big5 cp949")
_LATIN = names("cp1250 iso8859_2 cp1254 cp1257")

_META = re.compile(rb"<meta[^>]{0,300}?charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:.+-]{1,40})", re.IGNORECASE)
_SURROGATE = re.compile("[\ud800-\udfff]")


def _labels() -> dict[str, str]:
    found = {_SQUEEZE.sub("", codec): codec for codec in _TEXT_CODECS}
    found |= {_SQUEEZE.sub("", alias): codec for alias, codec in aliases.items() if codec in _TEXT_CODECS}
    found |= _OTHER_LABELS
    return {label: _WIDER.get(codec, codec) for label, codec in found.items()}


_LABELS = _labels()


class Decoded(NamedTuple):
    """Text without NUL and lone surrogates. `fallback`: the label was wrong, missing or unknown, so this is a guess."""

    text: str
    fallback: bool


def codec_of(label: str) -> str | None:
    """Python's name for the encoding that a label means; None when the label is unknown or no text encoding."""
    squeezed = _SQUEEZE.sub("", label[:100].lower())
    known = _LABELS.get(squeezed)
    if known or not squeezed:
        return known
    if squeezed[0] == "x":
        return codec_of(squeezed[1:])
    if page := _CODE_PAGE.fullmatch(squeezed):
        codec = f"cp{page[1]}"
        return codec if codec in _TEXT_CODECS else None
    return f"iso8859_{squeezed[7]}" if _VISUAL_HEBREW.fullmatch(squeezed) else None


def decode(data: bytes, label: str, *, html: bool = False, seven_bit: bool = True) -> Decoded:
    """Text of `data`: its label if that works, else what it must be, else what it most likely is.

    `html`: look for `<meta charset>` too. `seven_bit`: UTF-7 is allowed (only in text/plain: E-17).
    """
    codec = codec_of(label)
    if codec == "utf_7" and not seven_bit:
        codec = None
    text = _strict(data, codec or "utf_8")
    if text is not None and not _mislabelled(data, codec):
        return Decoded(_tidy(text), fallback=False)
    return Decoded(_tidy(_otherwise(data, codec, html=html)), fallback=True)


def _mislabelled(data: bytes, codec: str | None) -> bool:
    """ASCII or UTF-8 that says it is UTF-16: decodes, to nonsense."""
    return codec in WIDE and b"\0" not in data and not data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _otherwise(data: bytes, codec: str | None, *, html: bool) -> str:
    # What these write is ASCII: other bytes are in another charset, whatever the label.
    if codec not in _ESCAPING or not data.isascii():
        for attempt in (_strict(data, "utf_8"), _marked(data), _meta(data) if html and codec is None else None):
            if attempt is not None:
                return attempt
        guessed = guess(data)
        if guessed:
            return data.decode(guessed, "replace")
    return data.decode(codec or "cp1252", "replace")


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, ValueError):
        return None


def _marked(data: bytes) -> str | None:
    codec = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    return data.decode(codec, "replace") if codec else None


def _meta(data: bytes) -> str | None:
    found = _META.search(data, 0, 4096)
    codec = codec_of(found[1].decode("ascii")) if found else None
    return _strict(data, codec) if codec and codec != "utf_7" and codec not in WIDE else None


def guess(data: bytes) -> str | None:
    """The codec that this text is most likely in, if that is clear and the whole text decodes; a few ms at most."""
    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE:
        sample = sample[: sample.rfind(b"\n", _SAMPLE // 2) + 1] or sample
    matches = from_bytes(sample, cp_isolation=_CANDIDATES, enable_fallback=False, preemptive_behaviour=False)
    best = matches.best()
    if best is None:
        return None
    found = best.encoding
    if found in _LATIN and any(
        one.encoding == "cp1252" and one.chaos <= 0.1 and one.coherence >= best.coherence - 0.15 for one in matches
    ):
        found = "cp1252"
    high = sum(byte > 127 for byte in sample[:256])
    clear = best.coherence >= 0.3 or (found in _MULTIBYTE and best.chaos <= 0.1 and high >= 16)
    return found if clear and _strict(data, found) is not None else None


def _tidy(text: str) -> str:
    return storable(text.removeprefix("\ufeff"))


def storable(text: str) -> str:
    """Without what PostgreSQL or UTF-8 cannot hold (E-19): NUL goes, a lone surrogate becomes U+FFFD."""
    if "\0" in text:
        text = text.replace("\0", "")
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)
