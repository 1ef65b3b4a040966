"""What outside tools were told, and what they said, in words: for an alert's log and its page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from answerable.escalation.alerts import AlertEntry
from answerable.escalation.outside import OutsideCall
from answerable.escalation.outside_alerts import FACTS
from answerable.escalation.outside_calls import SAID_IN
from answerable.escalation.outside_policy import tool_name

# Annotations that a page shows as sentences, and those that are an address to go to.
_SENTENCES, _ADDRESSES = ("summary", "description", "message"), ("runbook_url", "dashboard_url", "dashboard", "runbook")


def said_in(how: str) -> str:
    """Where it was said, if that was in a tool: "in PagerDuty"; else ""."""
    if not how.startswith(SAID_IN):
        return ""
    return _("in %(tool)s") % {"tool": tool_name(how.removeprefix(SAID_IN))}


def outside_line(kind: str, data: Mapping[str, Any]) -> str:
    """A line of the log about a tool."""
    name = tool_name(str(data.get("tool", "")))
    if kind == FACTS:
        return _("It came from %(tool)s") % {"tool": name}
    words = {"tool": name, "action": _action(data.get("action", "")), "result": data.get("result", "")}
    if kind == "outside_said":
        return _unheard(data) % {**words, "who": data.get("by") or _("Nobody")}
    if data.get("well") is None:
        return _("%(tool)s: %(action)s not sent: %(result)s") % words
    if data["well"]:
        return _("%(tool)s: %(action)s, %(result)s") % words
    if data.get("wait"):
        return _("%(tool)s: %(action)s did not get through: %(result)s; it is tried again") % words
    return _("%(tool)s: %(action)s did not get through: %(result)s") % words


def _unheard(data: Mapping[str, Any]) -> str:
    words = {
        "not_allowed": _("%(who)s, in %(tool)s: %(action)s. It does not count: they were not paged here"),
        "nobody": _("%(tool)s: %(action)s. It does not count: no person said it"),
        "old": _("%(who)s, in %(tool)s: %(action)s. It does not count: it was said before it was paged again"),
    }
    return words.get(str(data.get("why")), words["not_allowed"])


def _action(action: str) -> str:
    known = {
        "trigger": _("alert"),
        "acknowledge": _("acknowledged"),
        "resolve": _("over"),
        "reopen": _("page again"),
    }
    return known.get(action, action)


@dataclass(frozen=True)
class Facts:
    """What is known of an alert that came from a tool."""

    tool: str
    sentences: Sequence[str]
    labels: Sequence[tuple[str, str]]
    links: Sequence[tuple[str, str]]
    left_off: int


def facts_in(log: Iterable[AlertEntry]) -> Facts | None:
    """Those of an alert that came from a tool, by its log."""
    found = next((entry.data for entry in log if entry.kind == FACTS), None)
    return facts(found, tool_name(str(found.get("tool", "")))) if found else None


def facts(data: Mapping[str, Any], tool: str) -> Facts:
    """As they are stored. `tool`: what it is called."""
    notes: Mapping[str, str] = data.get("annotations", {})
    links = [(_("Where it comes from"), data.get("url", "")), *((name, notes.get(name, "")) for name in _ADDRESSES)]
    others = [(name, value) for name, value in notes.items() if name not in (*_SENTENCES, *_ADDRESSES)]
    return Facts(
        tool=tool,
        sentences=[notes[name] for name in _SENTENCES if notes.get(name)],
        labels=[*data.get("labels", {}).items(), *others],
        links=[(name, href) for name, href in links if is_link(href)],
        left_off=data.get("left_off", 0),
    )


def is_link(address: str) -> bool:
    """Whether a page may lead there: a page of the world or of the vendor's own network, and no program."""
    try:
        parts = urlsplit(address)
        return (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
        )
    except ValueError:
        return False


def call_words(call: OutsideCall) -> tuple[str, str]:
    """What a tool is told, and the look of its chip."""
    looks = {"sent": (_("told"), "is-kept"), "failed": (_("failed"), "is-broken"), "void": (_("not needed"), "")}
    return looks.get(call.state, ((_("tried again") if call.tries else _("waits")), ""))


def action_words(call: OutsideCall) -> str:
    """Of what."""
    return _action(call.action)
