"""A public entry made ready for a page: its words in place, or the address of their sheet; its files by kind."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.lib.html import from_mail, safe
from answerable.lib.mail_html import folded, in_page, rest_of, rest_of_text
from answerable.lib.paper import needs_sheet
from answerable.tickets.entry_queries import Entry, Kept, Words

REST = "rest"
Row = tuple[int, str, int, str]


@dataclass(frozen=True)
class Said:
    """Words as templates show them. `sheet_url` and `quoted_url` are there instead of words that need a sheet."""

    html: str = ""
    signature_html: str = ""
    sheet_url: str = ""
    quoted_html: str = ""
    quoted_url: str = ""


def said(entry: Entry, file_url: Callable[[int], str], sheet_url: Callable[[int], str]) -> Said:
    """What the page shows of an entry (email contract E-63 to E-66)."""
    pictures = {one.position: file_url(one.id) for one in entry.files if one.inline and not one.infected}
    quoted, quoted_url = _quoted(entry, pictures), ""
    if quoted is None:
        quoted, quoted_url = "", f"{sheet_url(entry.id)}?part={REST}"
    html, signature = folded(in_page(entry.html, pictures))
    return Said(
        html=safe(html),
        signature_html=safe(signature),
        sheet_url=sheet_url(entry.id) if entry.on_sheet else "",
        quoted_html=safe(quoted),
        quoted_url=quoted_url,
    )


def _quoted(entry: Entry, pictures: dict[int, str]) -> str | None:
    """The rest of the message; None where that is long or laid out."""
    if not entry.has_more:
        return ""
    if entry.whole_html:
        rest = rest_of(entry.whole_html, entry.html)
        return None if needs_sheet(rest) else in_page(rest, pictures)
    return from_mail(rest_of_text(entry.text, entry.new_text)) if entry.text else None


def sheet_of(words: Words, part: str) -> str:
    """The clean HTML of a sheet: the new words, or the rest of the message."""
    if part != REST:
        return words.html
    if words.whole_html:
        return rest_of(words.whole_html, words.html)
    return from_mail(rest_of_text(words.text, words.new_text))


@dataclass(frozen=True)
class Files:
    """Rows of id, name, bytes and address: files, pictures that the words show, signatures; and what may not be had."""

    attachments: tuple[Row, ...] = ()
    pictures: tuple[Row, ...] = ()
    signatures: tuple[Row, ...] = ()
    infected: tuple[tuple[str, str], ...] = ()


def files(kept: Iterable[Kept], file_url: Callable[[int], str]) -> Files:
    """The files of an entry, each in its place."""
    all_of_it = list(kept)
    clean = [one for one in all_of_it if not one.infected]
    return Files(
        attachments=tuple(_row(one, file_url) for one in clean if not one.inline and not one.role),
        pictures=tuple(_row(one, file_url) for one in clean if one.inline),
        signatures=tuple(_row(one, file_url) for one in clean if one.role and not one.inline),
        infected=tuple((one.name, one.infected) for one in all_of_it if one.infected),
    )


def _row(one: Kept, file_url: Callable[[int], str]) -> Row:
    return one.id, one.name, one.size, file_url(one.id)


@dataclass(frozen=True)
class Invitation:
    """What a calendar file in a mail says. `start` and `end` are moments, or words where there is no moment."""

    method: str
    summary: str
    start: datetime | str
    end: datetime | str
    location: str
    organizer: str
    repeats: bool


def invitation(origin: Mapping[str, Any]) -> Invitation | None:
    """As the page shows it; None where the mail brought none."""
    said = origin.get("invitation") or {}
    if not said:
        return None
    texts = {key: said.get(key, "") for key in ("method", "summary", "location", "organizer")}
    return Invitation(
        **texts, start=_moment(said["start"]), end=_moment(said.get("end", "")), repeats="repeats" in said
    )


def _moment(stored: str) -> datetime | str:
    try:
        at = datetime.fromisoformat(stored)
    except ValueError:
        return stored
    return at if at.tzinfo else stored
