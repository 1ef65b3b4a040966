"""Mail that lies in files: an mbox, a Maildir with its folders, a folder of .eml. Files are walked, never read whole.

Lines end as in SMTP when a message leaves here, so that its content is the same as by any other way in (E-80).
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from answerable.lib.errors import Refused
from answerable.mail import headers, mime
from answerable.mail.limits import LIMITS

# Of a giant the beginning is read: it is set aside with its header, as from any other way in (E-9).
LARGEST = 60 * 1024 * 1024
# Nobody wants these back.
_SKIPPED = re.compile(
    r"(?i)(?:^|[./\\])(?:trash|deleted|deleted[ -]items|papierkorb|junk|spam|drafts?|entwürfe)(?:\.mbox)?$"
)
# What divides messages in an mbox: `From`, somebody, a time. A line of text that begins so has no time in it.
_DIVIDER = re.compile(rb"From [^\r\n]*\d\d:\d\d[^\r\n]*\b\d{4}\b")
_ZONE = re.compile(r"[+-]\d{4}")
_MUNGED = re.compile(rb"(?m)^>(>*From )")
_HEADER_BYTES = 256 * 1024
# Older than mail as we know it, so it is a clock that was never set.
_OLDEST = datetime(1985, 1, 1, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """Where a message lies, and when it was written: what its file says where the message itself does not."""

    path: Path
    offset: int
    size: int
    at: datetime
    munged: bool = False


@dataclass(frozen=True)
class Archive:
    """What there is to read. `skipped`: folders of what was thrown away or never sent."""

    mboxes: tuple[Path, ...]
    files: tuple[Path, ...]
    skipped: tuple[Path, ...] = ()


def find(path: Path) -> Archive:
    """What this path holds. Raises Refused where it is no mail."""
    if path.is_file():
        with path.open("rb") as file:
            is_mbox = _DIVIDER.match(file.read(500)) is not None
        if is_mbox:
            return Archive((path,), ())
        if path.suffix.lower() == ".eml":
            return Archive((), (path,))
        raise Refused("no_mail", f"{path} is no mbox: it does not begin with a line “From … 10:20:30 2024”.")
    if not path.is_dir():
        raise Refused("no_file", f"there is no file or folder {path}")
    mboxes: list[Path] = []
    files: list[Path] = []
    skipped: list[Path] = []
    for name, folders, names in os.walk(path):
        folder = Path(name)
        if folder != path and _SKIPPED.search(folder.name):
            skipped.append(folder)
            folders.clear()
            continue
        folders[:] = sorted(set(folders) - ({"tmp"} if "cur" in folders else set()))
        if folder.name in {"cur", "new"}:
            files += [folder / one for one in sorted(names) if not one.startswith(".")]
        else:
            files += [folder / one for one in sorted(names) if one.lower().endswith(".eml")]
            mboxes += [folder / one for one in sorted(names) if one.lower().endswith(".mbox")]
    if not files and not mboxes:
        raise Refused("no_mail", f"{path} holds no mail: no cur or new of a Maildir, no .eml, no .mbox.")
    return Archive(tuple(mboxes), tuple(files), tuple(skipped))


def places(archive: Archive, now: datetime) -> Iterator[Place]:
    """Every message, as it lies. Only headers are read."""
    for path in archive.mboxes:
        yield from _in_mbox(path, now)
    for path in archive.files:
        found = path.stat()
        with path.open("rb") as file:
            written = datetime.fromtimestamp(found.st_mtime, UTC)
            yield Place(path, 0, found.st_size, _written(file.read(_HEADER_BYTES), written, now))


def _in_mbox(path: Path, now: datetime) -> Iterator[Place]:
    """The messages between dividers: lines that begin with "From " at the start or after an empty line."""
    with path.open("rb") as file:
        start, divided, header = -1, _EPOCH, b""
        offset, blank = 0, True
        for line in _lines(file):
            if blank and line.startswith(b"From ") and _DIVIDER.match(line):
                if start >= 0:
                    yield Place(path, start, offset - start, _written(header, divided, now), munged=True)
                start, divided, header = offset + len(line), _divided_at(line), b""
            elif start >= 0 and len(header) < _HEADER_BYTES and not header.endswith((b"\n\n", b"\n\r\n")):
                header += line
            blank = line in {b"\n", b"\r\n"}
            offset += len(line)
        if start >= 0:
            yield Place(path, start, offset - start, _written(header, divided, now), munged=True)


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines, or pieces of a very long one."""
    while line := file.readline(_HEADER_BYTES):
        yield line


def _divided_at(line: bytes) -> datetime:
    """When the message was put into its mbox, as the dividing line says: `Tue Apr  1 12:00:00 2025` in UTC."""
    words = [word for word in line.decode("ascii", "replace").split() if not _ZONE.fullmatch(word)]
    return headers.date(" ".join(words[-5:]).encode()) or _EPOCH


def _written(head: bytes, otherwise: datetime, now: datetime) -> datetime:
    """When a message was written: as it says, else as the last server that had it says, else as its file says."""
    fields = mime.head_of(mime.unwrapped(head), LIMITS).fields
    received = headers.plain(fields.get("received")).rpartition(";")[2].encode()
    for moment in (headers.date(fields.get("date")), headers.date(received), otherwise):
        if moment is not None and _OLDEST < moment <= now:
            return moment
    return now


def read(place: Place) -> bytes:
    """The message."""
    with place.path.open("rb") as file:
        file.seek(place.offset)
        raw = file.read(min(place.size, LARGEST))
    if place.munged:
        # The empty line before the next divider is the divider's.
        raw = _MUNGED.sub(rb"\1", raw)
        raw = raw[:-1] if raw.endswith(b"\n\n") else raw[:-2] if raw.endswith(b"\r\n\r\n") else raw
    return raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
