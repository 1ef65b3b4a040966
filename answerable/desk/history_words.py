"""Each change of a request as its history shows it: what was before, what after, and in words what is neither."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from answerable.tickets.history import sentence
from answerable.tickets.history_queries import Change
from answerable.ui.words import status_word

Data = Mapping[str, Any]
# (what changed, before, after)
Values = tuple[str, str, str]


@dataclass(frozen=True)
class Told:
    """One change to show: `values` where something has a before and an after, else `text`."""

    change: Change
    door: str
    text: str
    values: tuple[Values, ...]
    undoes: str = ""


def told(changes: list[Change]) -> list[Told]:
    """The latest first."""
    by_id = {one.id: one for one in changes}
    shown = [_told(one, by_id) for one in changes if not one.data.get("part")]
    return list(reversed(shown))


def _told(change: Change, by_id: Mapping[int, Change]) -> Told:
    values = tuple(_VALUES[change.kind](change.data)) if change.kind in _VALUES else ()
    undone = by_id.get(change.undoes) if change.undoes else None
    return Told(
        change,
        door_word(change.door),
        _text(change) if not values else _reason(change),
        values,
        _("Takes back what %(who)s did") % {"who": undone.who} if undone else "",
    )


def door_word(door: str) -> str:
    """By which way it came."""
    words = {
        "mail": _("e-mail"),
        "form": _("form"),
        "portal": _("portal"),
        "desk": _("desk"),
        "api": _("API"),
        "widget": _("widget"),
        "import": _("import"),
        "job": _("by itself"),
        "bulk": _("bulk change"),
    }
    return words.get(door, door)


def _text(change: Change) -> str:
    said = sentence(change.kind, change.data, change.who, staff=True)
    words = {
        "customer_message": _("Wrote a message"),
        "agent_reply": _("Wrote an answer"),
        "past_message": _("Wrote a message"),
        "automatic_message": _("Sent a message by machine"),
        "targets": _("Promises by %(severity)s") % {"severity": change.data.get("severity", "")},
        "unmerged": _("Took #%(number)s out again") % {"number": change.data.get("number", "")},
        "linked": _("Linked another request as its incident"),
        "unlinked": _("Unlinked an incident"),
    }
    return said or words.get(change.kind) or change.kind.replace("_", " ").capitalize()


def _reason(change: Change) -> str:
    return str(change.data.get("why") or "") if change.kind in {"severity", "pause"} else ""


def _status(after: str) -> Callable[[Data], Iterator[Values]]:
    def values(data: Data) -> Iterator[Values]:
        before = data.get("before", "solved" if after == "open" else "")
        yield _("Status"), status_word(before) if before else "?", status_word(after)

    return values


def _paused(data: Data) -> Iterator[Values]:
    after = "hold" if data.get("reason") == "on_hold" else "pending"
    yield from _status(after)(data)


def _moved(data: Data) -> Iterator[Values]:
    """A message that changed the status besides."""
    if "after" in data:
        yield _("Status"), status_word(data["before"]), status_word(data["after"])


def _aside(word: Callable[[], str]) -> Callable[[Data], Iterator[Values]]:
    def values(data: Data) -> Iterator[Values]:
        yield _("Status"), status_word(data["before"]), word()

    return values


def _assigned(data: Data) -> Iterator[Values]:
    before = data.get("before")
    for name, words in (("assignee", _("Assignee")), ("team", _("Team"))):
        if before is None or before[name] != data[name]:
            was = "?" if before is None else before[f"{name}_label"] or "–"
            yield words, was, data[f"{name}_label"] or "–"


def _severity(data: Data) -> Iterator[Values]:
    is_provisional = not data.get("before_determined", True)
    yield _("Severity"), f"{data['before']} {_('(provisional)')}" if is_provisional else data["before"], data["after"]


def _stated(data: Data) -> Iterator[Values]:
    if data.get("before"):
        yield _("Severity"), data["before"], data["severity"]


def _tags(data: Data) -> Iterator[Values]:
    yield _("Tags"), ", ".join(data["before"]) or "–", ", ".join(data["after"]) or "–"


def _fields(data: Data) -> Iterator[Values]:
    labels = data.get("labels", {})
    for key, value in data["after"].items():
        yield str(labels.get(key, key)), _shown(data["before"].get(key)), _shown(value)


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value) if value else "–"


def _hidden(*, hides: bool) -> Callable[[Data], Iterator[Values]]:
    def values(_data: Data) -> Iterator[Values]:
        shown, hidden = _("shown"), _("hidden")
        yield _("To readers of the organization"), *((shown, hidden) if hides else (hidden, shown))

    return values


def _cc(*, joins: bool) -> Callable[[Data], Iterator[Values]]:
    def values(data: Data) -> Iterator[Values]:
        yield _("CC"), *(("–", data["label"]) if joins else (data["label"], "–"))

    return values


_VALUES: dict[str, Callable[[Data], Iterator[Values]]] = {
    "pause": _paused,
    "resume": _status("open"),
    "reopen": _status("open"),
    "resolve": _status("solved"),
    "closed": lambda _data: iter([(_("Status"), status_word("solved"), status_word("closed"))]),
    "customer_message": _moved,
    "agent_reply": _moved,
    "spam": _aside(lambda: _("Spam")),
    "deleted": _aside(lambda: _("Deleted")),
    "merged_away": lambda data: iter([(_("Status"), status_word(data["before"]), _("Merged into #%(number)s") % data)]),
    "assigned": _assigned,
    "severity": _severity,
    "severity_stated": _stated,
    "tags": _tags,
    "fields": _fields,
    "sensitive": _hidden(hides=True),
    "not_sensitive": _hidden(hides=False),
    "cc_added": _cc(joins=True),
    "cc_removed": _cc(joins=False),
    "cc_left": _cc(joins=False),
}
