"""What a calendar file says of its first event, for showing alone (email contract E-60): nothing is entered anywhere.

Read by hand: the few lines that are shown need no calendar library, and a time in a zone that only Windows knows is
shown as it stands.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from answerable.mail.files import Attachment
from answerable.mail.headers import clean

_LARGEST = 256 * 1024
_LONGEST = 300
# Others cannot be told in every zone.
_YEARS = range(1970, 2200)
_MOMENT = re.compile(r"(\d{8})T(\d{6})(Z?)")
_DAY = re.compile(r"\d{8}")
_ESCAPED = re.compile(r"\\([\\;,nN])")
_TYPES = frozenset({"text/calendar", "application/ics"})
METHODS = frozenset({"REQUEST", "CANCEL", "REPLY", "COUNTER", "PUBLISH"})


def invitation_in(files: Sequence[Attachment]) -> dict[str, str]:
    """method, summary, location, organizer, start, end, repeats: whichever are there; empty without an event.

    `start` and `end` are ISO moments with their offset, ISO dates, or what stands there with the name of its zone.
    """
    for one in files:
        if one.content_type in _TYPES and one.size <= _LARGEST and (found := _read(one.content)):
            return found
    return {}


def _read(content: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    inside: list[str] = []
    for name, parameters, value in _lines(content.decode("utf-8", "replace")):
        if name == "BEGIN":
            inside.append(value.upper())
        elif name == "END":
            if value.upper() == "VEVENT":
                break
            del inside[-1:]
        elif name == "METHOD" and inside == ["VCALENDAR"] and value.upper() in METHODS:
            found["method"] = value.upper()
        elif inside[-1:] == ["VEVENT"]:
            found |= _said(name, parameters, value)
    return found if "start" in found else {}


def _said(name: str, parameters: dict[str, str], value: str) -> dict[str, str]:
    if name in {"SUMMARY", "LOCATION"}:
        return {name.lower(): _text(value)}
    if name in {"DTSTART", "DTEND"}:
        when = _when(value, parameters.get("TZID", ""))
        return {"start" if name == "DTSTART" else "end": when} if when else {}
    if name == "ORGANIZER":
        return {"organizer": _text(parameters.get("CN", "") or value.lower().removeprefix("mailto:"))}
    return {"repeats": "yes"} if name == "RRULE" else {}


def _lines(text: str) -> Iterator[tuple[str, dict[str, str], str]]:
    """Name, parameters and value of each line; long ones are folded at a blank."""
    for line in re.sub(r"\r?\n[ \t]", "", text).splitlines():
        head, _colon, value = _parted(line)
        name, *parameters = head.split(";")
        pairs = (one.partition("=") for one in parameters)
        yield name.strip().upper(), {key.upper(): content.strip('"') for key, _equals, content in pairs}, value.strip()


def _parted(line: str) -> tuple[str, str, str]:
    """At the first colon outside quotes."""
    quoted = False
    for place, sign in enumerate(line[:2_000]):
        quoted ^= sign == '"'
        if sign == ":" and not quoted:
            return line[:place], ":", line[place + 1 :]
    return line, "", ""


def _text(value: str) -> str:
    plain = _ESCAPED.sub(lambda match: " " if match[1] in "nN" else match[1], value)
    return clean(plain)[:_LONGEST]


def _when(value: str, zone: str) -> str:
    try:
        if _DAY.fullmatch(value):
            day = date.fromisoformat(value)
            return day.isoformat() if day.year in _YEARS else ""
        found = _MOMENT.fullmatch(value)
        if found is None:
            return ""
        at = datetime.fromisoformat(f"{found[1]}T{found[2]}")
        if at.year not in _YEARS:
            return ""
        if found[3]:
            return at.replace(tzinfo=UTC).isoformat()
        return _local(at, zone)
    except ValueError:
        return ""


def _local(at: datetime, zone: str) -> str:
    try:
        return at.replace(tzinfo=ZoneInfo(zone)).isoformat()
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return _text(f"{at:%Y-%m-%d %H:%M} {zone}".strip())
