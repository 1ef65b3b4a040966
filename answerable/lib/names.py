"""File names from outside: shown to people, never used as a path (email contract E-68)."""

import mimetypes
import re
import unicodedata

_LONGEST_CHARACTERS = 150
_LONGEST_BYTES = 200
_LONGEST_EXTENSION = 20
_UNWANTED = re.compile(
    '[\x00-\x1f\x7f-\x9f<>:"|?*\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]'
)
_PATH = re.compile(r".*[/\\]", re.DOTALL)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])( *\.|$)", re.IGNORECASE)
_TYPES = mimetypes.MimeTypes()  # the built-in table, not the machine's
# Where that has no answer, or an odd one.
_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/bmp": ".bmp",
    "text/plain": ".txt",
    "text/html": ".html",
    "text/calendar": ".ics",
    "message/rfc822": ".eml",
    "application/pgp-encrypted": ".asc",
    "application/pgp-signature": ".asc",
    "application/pgp-keys": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/x-pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat",
    "application/octet-stream": ".bin",
}


def file_name(name: str, position: int, content_type: str) -> str:
    """A name that is safe to show and to offer for download; `attachment-N.ext` where nothing is left of it.

    `position` counts from 1; `content_type` only finds the ending of a made-up name.
    """
    kept = unicodedata.normalize("NFC", _UNWANTED.sub("", name[:4096]))
    kept = _PATH.sub("", kept).strip(". \u00a0\t")
    if not kept:
        return f"attachment-{position}{extension(content_type)}"
    if _RESERVED.match(kept):
        kept = "_" + kept
    return _shortened(kept)


def extension(content_type: str) -> str:
    """The usual ending for a type, with its dot; `.bin` for what nobody knows."""
    return _EXTENSIONS.get(content_type) or _TYPES.guess_extension(content_type) or ".bin"


def type_of(name: str) -> str:
    """The media type that a file's ending stands for."""
    return _TYPES.guess_type(name)[0] or "application/octet-stream"


def _shortened(name: str) -> str:
    if len(name) <= _LONGEST_CHARACTERS and len(name.encode()) <= _LONGEST_BYTES:
        return name
    stem, dot, ending = name.rpartition(".")
    if not stem or len(ending) > _LONGEST_EXTENSION or len(ending.encode()) > 2 * _LONGEST_EXTENSION:
        stem, dot, ending = name, "", ""
    tail = dot + ending
    stem = (
        stem[: _LONGEST_CHARACTERS - len(tail)]
        .encode()[: _LONGEST_BYTES - len(tail.encode())]
        .decode("utf-8", "ignore")
    )
    return stem.rstrip(". ") + tail
