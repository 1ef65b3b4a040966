"""What a demo request is made of. Moments say how long ago they were ("2d 3h 10m"), so the demo is always fresh."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from answerable.lib.zones import zone

_PART = re.compile(r"(\d+)([dhms])")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
# In a text, {time 1h 5m} is the time of day then, and {date 3d} the date.
_MOMENT = re.compile(r"\{(time|date) ([0-9dhms ]+)\}")


def ago(text: str) -> timedelta:
    """`ago("1d 2h 30m")`: how long before now."""
    return timedelta(**{_UNITS[unit]: int(number) for number, unit in _PART.findall(text)})


def told(text: str, now: datetime, zone_name: str) -> str:
    """The text with its moments filled in, as clocks showed them in that zone."""

    def word(match: re.Match[str]) -> str:
        moment = (now - ago(match[2])).astimezone(zone(zone_name))
        return f"{moment:%H:%M}" if match[1] == "time" else f"{moment.day} {moment:%B}"

    return _MOMENT.sub(word, text)


@dataclass(frozen=True)
class File:
    """A small text file on a message."""

    name: str
    content: str


@dataclass(frozen=True)
class Wrote:
    """A customer's message, by the way that they opened the request."""

    at: str
    who: str
    text: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Answered:
    """A public answer by staff; `then` is the status that it leaves."""

    at: str
    who: str
    text: str
    then: str = ""
    why: str = ""
    files: tuple[File, ...] = ()


@dataclass(frozen=True)
class Noted:
    """A note."""

    at: str
    who: str
    text: str


@dataclass(frozen=True)
class Determined:
    """Staff's word on the severity."""

    at: str
    who: str
    severity: str
    why: str


@dataclass(frozen=True)
class Stated:
    """The customer's word on it."""

    at: str
    who: str
    severity: str
    impact: str


@dataclass(frozen=True)
class Assigned:
    """To a person, and to a team of the policy ("": the one it has)."""

    at: str
    who: str
    to: str
    team: str = ""


@dataclass(frozen=True)
class Moved:
    """A status by itself."""

    at: str
    who: str
    status: str
    why: str = ""


@dataclass(frozen=True)
class Swept:
    """The job that records broken promises came by."""

    at: str


@dataclass(frozen=True)
class Closed:
    """The job that closes what stayed solved came by."""

    at: str


Step = Wrote | Answered | Noted | Determined | Stated | Assigned | Moved | Swept | Closed


@dataclass(frozen=True)
class Request:
    """One request: how it was opened, and what happened to it since."""

    subject: str
    at: str
    by: str
    text: str
    story: tuple[Step, ...] = ()
    channel: str = "portal"
    team: str = "product"
    severity: str = ""
    impact: str = ""
    cc: tuple[str, ...] = ()
    files: tuple[File, ...] = ()

    def moments(self) -> Iterator[tuple[timedelta, Step | None]]:
        """How long ago each thing happened, in order; None stands for the opening."""
        yield ago(self.at), None
        for step in self.story:
            yield ago(step.at), step
