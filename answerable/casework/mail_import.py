"""Take an archive of mail in, oldest first, each message stored and handled by itself: what was stopped goes on."""

import hashlib
import time
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from django.db import InterfaceError, OperationalError

from answerable.casework.past_mail import SOURCE
from answerable.casework.reception import receive
from answerable.lib.errors import Refused
from answerable.mail import archive, bounded
from answerable.mail.actions import Arrival, store
from answerable.mail.archive import Archive, Place
from answerable.mail.models import RawMail
from answerable.mail.queries import imported

_WORDS = {
    "new": "new requests",
    "reply": "further messages on requests",
    "known": "here already",
    "duplicate": "here already",
    "quarantine": "in quarantine",
    "taken": "would be taken",
    "unreadable": "would go to quarantine",
}
# Everything else: machines' answers, bounces, mail among colleagues, our own mail that is here already.
_REST = "kept and left aside"


@dataclass
class Tally:
    """How far it is, and what became of what was looked at."""

    count: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    began: float = field(default_factory=time.monotonic)

    def add(self, outcome: str) -> None:
        """Count one more."""
        self.count += 1
        self.outcomes[_WORDS.get(outcome, _REST)] += 1

    @property
    def rate(self) -> float:
        """Messages a second, so far."""
        return self.count / max(time.monotonic() - self.began, 0.001)

    def __str__(self) -> str:
        return ", ".join(f"{count:,} {words}" for words, count in self.outcomes.most_common()) or "no messages"


class Import:
    """The messages of an archive in the order in which they were written. Of each, four numbers are held in memory."""

    def __init__(self, found: Archive, inbox: str, since: datetime | None, now: datetime) -> None:
        self._inbox, self._now = inbox, now
        self._paths: list[Path] = []
        self._columns = [array("q") for _ in range(4)]
        self._munged: set[int] = set()
        for place in archive.places(found, now):
            if since is None or place.at >= since:
                self._note(place)
        moments = self._columns[0]
        self._order = sorted(range(len(moments)), key=moments.__getitem__)

    def __len__(self) -> int:
        return len(self._order)

    def _note(self, place: Place) -> None:
        if not self._paths or self._paths[-1] != place.path:
            self._paths.append(place.path)
            if place.munged:
                self._munged.add(len(self._paths) - 1)
        row = (int(place.at.timestamp()), len(self._paths) - 1, place.offset, place.size)
        for column, value in zip(self._columns, row, strict=True):
            column.append(value)

    def _places(self) -> Iterator[Place]:
        for number in self._order:
            at, path, offset, size = (column[number] for column in self._columns)
            moment = datetime.fromtimestamp(at, UTC)
            yield Place(self._paths[path], offset, size, moment, munged=path in self._munged)

    def look(self) -> Iterator[Tally]:
        """What would be taken. Writes nothing."""
        tally = Tally()
        for place in self._places():
            fingerprint, readable = _known_by(archive.read(place))
            if imported(fingerprint):
                tally.add("known")
            else:
                tally.add("taken" if readable else "unreadable")
            yield tally

    def take(self) -> Iterator[Tally]:
        """Take each that is not here yet. Raises Refused when the database or the disk is away: it can go on later."""
        tally = Tally()
        for place in self._places():
            try:
                tally.add(self._take(place))
            except (OperationalError, InterfaceError, OSError) as error:
                words = f"stopped at {place.path} ({str(error).strip()}); the same command goes on from here"
                raise Refused("stopped", words) from error
            yield tally

    def _take(self, place: Place) -> str:
        raw = archive.read(place)
        fingerprint, _ = _known_by(raw)
        there = imported(fingerprint)
        if there and there[1]:
            return "known"
        arrival = Arrival(self._inbox, SOURCE, place.at, fingerprint=fingerprint)
        raw_id = there[0] if there else store(raw, arrival, lambda _raw_id: None)
        receive(raw_id, self._now)
        return RawMail.objects.values_list("outcome", flat=True).get(pk=raw_id)


def _known_by(raw: bytes) -> tuple[str, bool]:
    """By what its content is known again (E-80), and whether there is anything to read in it."""
    try:
        incoming = bounded.read(raw)
    except bounded.Unreadable:
        return hashlib.sha256(raw).hexdigest(), False
    return incoming.fingerprint, not incoming.quarantine
