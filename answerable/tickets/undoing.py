"""Which events of a ticket can be undone, and why the others cannot. Pure: the events alone decide.

Each event that may be undone moves something (`aspects`). The last one that moved it can be undone; an event and its
undo cancel each other out, so that the one before them counts as the last again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

STATUS = {"pause", "resume", "resolve", "reopen"}
ASIDE = {
    "merged_away": "unmerged",
    "spam": "not_spam",
    "deleted": "restored",
}
# What takes back a request that was set aside; each is undone by setting it aside again, but for a merge.
BACK = {"not_spam": "spam", "restored": "deleted"}


class Fact(NamedTuple):
    """An event, as far as undoing asks."""

    id: int
    kind: str
    at: datetime
    data: Mapping[str, Any]


@dataclass
class _Last:
    """What moved one thing, in order, without what was undone."""

    stack: list[Fact] = field(default_factory=list)
    latest: int = 0


def aspects(event: Fact) -> list[str]:
    """What the event moves. One that is `part` of what the next one tells moves nothing by itself."""
    kind, data = event.kind, event.data
    if data.get("part"):
        return []
    if kind == "agent_reply":
        return ["status"] if "after" in data else []
    if kind in _CC:
        return [f"cc:{data['person']}"] if "person" in data else []
    if kind in _BY_DATA:
        return _BY_DATA[kind](data)
    return _FIXED.get(kind, [])


def _assigned(data: Mapping[str, Any]) -> list[str]:
    before = data.get("before")
    if before is None:
        return ["assignee", "team"]
    return [name for name in ("assignee", "team") if before[name] != data[name]]


_CC = {"cc_added", "cc_removed", "cc_left", "cc_allowed", "standing_cc"}
# A customer's message ends pauses: what was so before it is not so any more.
_FIXED = {
    **{kind: ["status"] for kind in (*STATUS, "closed", "customer_message")},
    **{kind: ["aside", "status"] for kind in (*ASIDE, *BACK)},
    **{kind: ["sensitive"] for kind in ("sensitive", "not_sensitive")},
    "severity": ["severity"],
    "tags": ["tags"],
}
_BY_DATA: dict[str, Callable[[Mapping[str, Any]], list[str]]] = {
    "assigned": _assigned,
    "unmerged": lambda data: [] if "source" in data else ["aside", "status"],
    "severity_stated": lambda data: ["severity"] if data.get("before") else [],
    "fields": lambda data: [f"field:{key}" for key in data["after"]],
    **dict.fromkeys(("linked", "unlinked"), lambda data: [f"link:{data['other']}"]),
}
_NEVER = {"customer_message", "agent_reply", "closed", "severity_stated", "standing_cc", "cc_left", "cc_allowed"}


def whys(events: Sequence[Fact], undoes: Mapping[int, int]) -> dict[int, str]:
    """For each event that a person may want to undo: why it cannot be, "" where it can. `undoes`: event → its cause."""
    last = _last(events, undoes)
    undone = set(undoes.values())
    return {event.id: _why(event, last, undone) for event in events if is_undoable(event)}


def is_undoable(event: Fact) -> bool:
    """Whether there is an undo for this kind of event at all."""
    return event.kind not in _NEVER and bool(aspects(event))


def _last(events: Iterable[Fact], undoes: Mapping[int, int]) -> dict[str, _Last]:
    found: dict[str, _Last] = {}
    for event in events:
        for aspect in aspects(event):
            last = found.setdefault(aspect, _Last())
            last.latest = event.id
            target = undoes.get(event.id)
            if target is None or target in undoes:
                last.stack.append(event)
            elif last.stack and last.stack[-1].id == target:
                last.stack.pop()
    return found


def _why(event: Fact, last: Mapping[str, _Last], undone: set[int]) -> str:
    if event.id in undone:
        return _("It was undone.")
    if event.kind == "assigned" and "before" not in event.data:
        return _("What was before is not known: it is too long ago.")
    if event.kind == "unmerged":
        return _("Merge it again, if it should be.")
    for aspect in aspects(event):
        pile = last[aspect]
        if event.id != pile.latest and (not pile.stack or pile.stack[-1].id != event.id):
            return _("Overtaken: it was changed again since.")
    if event.kind in {"resume", "pause"} and "before" not in event.data:
        return _("What was before is not known: it is too long ago.")
    return ""
