"""From a ticket's history to what the engine is told: its events, the terms it began with, the versions in force."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from answerable.sla.calendars import Book, Version, version_at, versions_within
from answerable.sla.vocabulary import FROM_CHANGE, PAUSABLE, Carried, Event, Held, Reading, Terms, Threshold
from answerable.tickets.models import Event as Row

ENGINE_KINDS = frozenset(
    {
        "customer_message",
        "agent_reply",
        "pause",
        "resume",
        "resolve",
        "reopen",
        "targets",
        "merged_in",
        "merged_away",
        "unmerged",
        "spam",
        "not_spam",
        "deleted",
        "restored",
        "excuse",
    }
)
# Who sets a request aside takes its promises away unjudged, as a merge does; taken back, the customer has waited.
_SET_ASIDE = {"spam": "merged_away", "deleted": "merged_away", "not_spam": "unmerged", "restored": "unmerged"}


def read(rows: Sequence[Row], book: Book, warnings: tuple[Threshold, ...] = ()) -> Reading | None:
    """The reading of all of a ticket's events, in order; None for a ticket that was never promised anything."""
    changes = [row for row in rows if row.kind == "targets"]
    if not changes:
        return None
    opening, gone = changes[0], moved_away(rows)
    events = [
        _event(row, book)
        for row in rows
        if row.kind in ENGINE_KINDS and row is not opening and not (gone and row.data.get("reply") in gone)
    ]
    held = list(_held(changes, book))
    events += [Event("calendar", since, calendar=version.calendar) for since, version in _edits(changes, book)]
    terms = Terms(
        targets=opening.data["targets"],
        calendar=_calendar(opening, book).calendar,
        pausable=_pausable(opening.data) or PAUSABLE,
        retarget=opening.data.get("retarget", FROM_CHANGE),
        warnings=warnings,
    )
    return Reading(tuple(sorted(events, key=lambda event: event.at)), terms, tuple(held))


def moved_away(rows: Sequence[Row]) -> set[int]:
    """The messages that were taken out before staff answered them here: they count elsewhere."""
    return {row.data["reply"] for row in rows if row.kind == "message_moved" and row.data["uncounted"]}


def _event(row: Row, book: Book) -> Event:
    data, at = row.data, row.occurred_at
    match row.kind:
        case "targets":
            calendar = _calendar(row, book).calendar
            return Event("targets", at, targets=data["targets"], calendar=calendar, pausable=_pausable(data))
        case "pause":
            return Event("pause", at, why=data.get("why") or data["reason"])
        case "merged_in":
            return Event("merged_in", at, source=data["source"], carried=tuple(_carried(data["legs"])))
        case "unmerged":
            answered = data.get("answered_at")
            return Event(
                "unmerged",
                at,
                source=data.get("source"),
                answered_at=datetime.fromisoformat(answered) if answered else None,
            )
        case "excuse":
            return Event("excuse", at, metric=data["metric"], index=data["index"], why=data["why"])
    return Event(_SET_ASIDE.get(row.kind, row.kind), at, received_at=row.received_at)


def _carried(legs: Sequence[dict[str, Any]]) -> Iterator[Carried]:
    for leg in legs:
        yield Carried(leg["metric"], datetime.fromisoformat(leg["start"]), leg["counted"])


def _pausable(data: dict[str, Any]) -> frozenset[str] | None:
    return frozenset(data["pausable"]) if "pausable" in data else None


def _calendar(change: Row, book: Book) -> Version:
    return version_at(book[change.data["calendar"]], change.occurred_at)


def _edits(changes: Sequence[Row], book: Book) -> Iterator[tuple[datetime, Version]]:
    """Later versions of the calendar in force: they count from their moment on."""
    for change, following in pairwise([*changes, None]):
        assert change is not None
        until = following.occurred_at if following else None
        for version in versions_within(book[change.data["calendar"]], change.occurred_at, until):
            yield version.since, version


def _held(changes: Sequence[Row], book: Book) -> Iterator[Held]:
    for change, following in pairwise([*changes, None]):
        assert change is not None
        key, policy = change.data["calendar"], int(change.data["policy"])
        yield Held(change.occurred_at, policy, key, _calendar(change, book).number)
        until = following.occurred_at if following else None
        for version in versions_within(book[key], change.occurred_at, until):
            yield Held(version.since, policy, key, version.number)
