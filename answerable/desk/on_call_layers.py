"""The editor of a schedule's layers: what was typed becomes the layers as they are kept, or words of what is wrong."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from answerable.lib.worktime import Calendar

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST = 10
_ADDRESS = re.compile(r"<([^<>\s]+)>\s*$")
_PAIR = re.compile(r"\s*(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})\s*")


@dataclass(frozen=True)
class Typed:
    """One layer as it stands in the form. `people`: a line each; `hours`: what stands at each day of the week."""

    name: str = ""
    people: str = ""
    unit: str = "week"
    length: str = "1"
    handoff: str = "09:00"
    start: str = ""
    restricted: bool = False
    hours: tuple[str, ...] = ("",) * 7
    first: str = ""  # the address of whose turn it is to be when the change begins
    offer: str = ""  # whom the form offered for that before anybody chose
    errors: Mapping[str, str] = field(default_factory=dict)
    # What it comes to once it is read.
    layer: Mapping[str, Any] | None = None
    choices: Sequence[tuple[str, str]] = ()  # whose turn it may be then: (address, name)


Known = Mapping[str, str]  # the staff's addresses and their names


def typed_of(layer: Mapping[str, Any], known: Known) -> Typed:
    """A layer that is kept, as the form shows it."""
    hours = layer["restriction"]
    return Typed(
        name=layer.get("name", ""),
        people="\n".join(_line(address, known) for address in layer["participants"]),
        unit=layer["unit"],
        length=str(layer["length"]),
        handoff=layer["handoff"],
        start=layer["start"],
        restricted=hours is not None,
        hours=tuple(", ".join("–".join(pair) for pair in (hours or {}).get(day, ())) for day in DAYS),
    )


def _line(address: str, known: Known) -> str:
    return f"{known[address]} <{address}>" if known.get(address, address) != address else address


def alike(before: Sequence[str], after: Sequence[str]) -> list[int | None]:
    """Of each layer by its name, which one it was: of several of one name the first that is left, else what stood in
    its place and has lost its name."""
    left = list(range(len(before)))
    found: list[int | None] = []
    for name in after:
        place = next((n for n in left if before[n] == name), None)
        if place is not None:
            left.remove(place)
        found.append(place)
    return [n if was is None and n in left else was for n, was in enumerate(found)]


def posted(data: Mapping[str, str], known: Known) -> list[Typed]:
    """What was typed, read as far as it can be."""
    count = int(data["count"]) if data.get("count", "").isdecimal() and len(data["count"]) < 3 else 0
    return [_read(_one(data, f"layer-{number}-"), known) for number in range(min(count, MOST))]


def _one(data: Mapping[str, str], prefix: str) -> Typed:
    def get(name: str, most: int = 200) -> str:
        return data.get(f"{prefix}{name}", "").replace("\x00", "").strip()[:most]

    return Typed(
        name=get("name"),
        people=get("people", 20_000).replace("\r\n", "\n"),
        unit=get("unit"),
        length=get("length"),
        handoff=get("handoff"),
        start=get("start"),
        restricted=bool(get("restricted")),
        hours=tuple(get(day) for day in DAYS),
        first=get("first", 254),
        offer=get("offer", 254),
    )


def _read(typed: Typed, known: Known) -> Typed:
    errors: dict[str, str] = {}
    people = _people(typed.people, known, errors)
    length = int(typed.length) if typed.length.isdecimal() and len(typed.length) < 4 else 0
    if not 1 <= length <= 366:
        errors["length"] = _("A whole number from 1 to 366.")
    if typed.unit not in {"day", "week"}:
        errors["unit"] = _("Days or weeks.")
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", typed.handoff):
        errors["handoff"] = _("A time of day such as 09:00.")
    try:
        start = date.fromisoformat(typed.start).isoformat()
    except ValueError:
        start, errors["start"] = "", _("A date.")
    if not typed.name:
        errors["name"] = _("Give it a name, such as Engineers.")
    layer = {
        "name": typed.name,
        "participants": people,
        "unit": typed.unit,
        "length": length,
        "handoff": typed.handoff,
        "start": start,
        "restriction": _hours(typed, errors) if typed.restricted else None,
    }
    choices = [(address, known.get(address, address)) for address in dict.fromkeys(people)]
    return replace(typed, errors=errors, layer=None if errors else layer, choices=choices)


def _people(text: str, known: Known, errors: dict[str, str]) -> list[str]:
    names = {name.casefold(): address for address, name in known.items()}
    found, unknown = [], []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        inside = _ADDRESS.search(line)
        said = (inside[1] if inside else line).casefold()
        address = said if said in known else names.get(said, "")
        found.append(address)
        if not address:
            unknown.append(line)
    if unknown:
        errors["people"] = _("Nobody who can be on call is called so: %(names)s") % {
            "names": ", ".join(unknown[:5])[:200]
        }
    elif not found:
        errors["people"] = _("Name at least one person, a line each.")
    return found


def _hours(typed: Typed, errors: dict[str, str]) -> dict[str, list[list[str]]]:
    found: dict[str, list[list[str]]] = {}
    for day, text in zip(DAYS, typed.hours, strict=True):
        pairs = [_PAIR.fullmatch(part) for part in text.split(",") if part.strip()]
        if any(pair is None for pair in pairs):
            errors["hours"] = _("Hours such as 09:00–17:00, several with commas.")
            continue
        if pairs:
            found[day] = [[one[1].zfill(5), one[2].zfill(5)] for one in pairs if one]
    try:
        Calendar.read({"tz": "UTC", "weekly": found})
    except ValueError as wrong:
        errors["hours"] = str(wrong)
    return found
