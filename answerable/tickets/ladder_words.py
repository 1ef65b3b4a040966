"""What happens on the ladder, in sentences that both sides read: names and acts, and by which clock it moved."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

Data = Mapping[str, Any]
MINUTE, HOUR = 60, 3600


def sentence(data: Data, who: str) -> str:
    """One step of the ladder; "" for one that says nothing by itself."""
    say = _SAYS.get(data["step"])
    if say is None:
        return ""
    words = {"why": "", "people": "", **data, "who": data.get("by") or who, "title": title(data["level"], data["name"])}
    return " ".join(part for part in (say(words), _late(words)) if part)


def title(level: int, name: str) -> str:
    """A level with its number."""
    if level == 0:
        return _("the representative")
    return _("level %(level)s, %(name)s") % {"level": level, "name": name} if name else _("level %s") % level


def _late(words: Data) -> str:
    """After an outage: it goes on from where it truly stands, and says so."""
    seconds = int(words.get("late", 0))
    if not seconds:
        return ""
    hours, minutes = seconds // HOUR, max(1, seconds % HOUR // MINUTE)
    if hours:
        spent = ngettext("%(num)s hour", "%(num)s hours", hours) % {"num": hours}
    else:
        spent = ngettext("%(num)s minute", "%(num)s minutes", minutes) % {"num": minutes}
    return _("(noticed %(spent)s late)") % {"spent": spent}


def _asked(words: Data) -> str:
    if words["cause"] == "merged":
        return _("A request that is handled here was escalated: the representative is asked")
    return _("%(who)s escalated it. At stake: %(why)s") % words


def _waived(words: Data) -> str:
    return {
        "p0": _("The representative is not asked first: it is a P0"),
        "nobody": _("The representative is not asked first: nobody is assigned"),
        "late": _("The representative is not asked first: a promised answer is late"),
    }[words["cause"]]


def _spoke(words: Data) -> str:
    return _("%(who)s spoke with the representative otherwise: %(why)s") % words


def _confirmed(words: Data) -> str:
    if words["cause"] == "reply":
        return _("%(who)s answered what is at stake, as the representative") % words
    if words["cause"] == "declined":
        return _("%(who)s answered as the representative: %(why)s") % words
    said = _("%(who)s confirmed that impact and urgency are understood") % words
    return f"{said}: {words['why']}" if words["why"] else said


def _joined(words: Data) -> str:
    return _("%(who)s added to the escalation: %(why)s") % words


def _raised(words: Data) -> str:
    cause = words["cause"]
    if cause == "asked":
        said = _("%(who)s took it to %(title)s: %(why)s") if words["why"] else _("It went to %(title)s")
        return said % words
    return {
        "unanswered": _("The representative did not answer in time: it went to %(title)s"),
        "lapsed": _("Nobody acknowledged in time: it went to %(title)s"),
        "empty": _("It went on to %(title)s"),
        "breach": _("A promise was broken: it went to %(title)s"),
        "unreached": _("No page arrived: it went to %(title)s"),
        "paging": _("Nobody answered the page: it went to %(title)s"),
        "merged": _("A request that is handled here was escalated: it went to %(title)s"),
    }[cause] % words


def _empty(words: Data) -> str:
    return _("Nobody holds %(title)s at this time: it is passed") % words


def _paged(words: Data) -> str:
    if words["attempt"] == 1:
        return _("Asked: %(people)s") % words if words["people"] else ""
    if words["people"]:
        return _("Asked again, %(title)s: %(people)s") % words
    return _("%(title)s was asked again") % words


def _fallback(words: Data) -> str:
    return _("The contacts for this case are told")


def _acked(words: Data) -> str:
    return _("%(who)s acknowledged, %(title)s") % words


def _lowered(words: Data) -> str:
    return _("%(who)s took it back to %(title)s: %(why)s") % words


def _proposed(words: Data) -> str:
    return _("%(who)s proposes to close the escalation: %(why)s") % words


def _ended(words: Data) -> str:
    if words["cause"] == "accepted":
        return _("%(who)s accepted: the escalation is closed") % words
    if words["cause"] == "withdrawn":
        return _("%(who)s withdrew the escalation") % words
    return _("The escalation ended with the request")


def _kept(words: Data) -> str:
    return _("A promise was broken; it is on %(title)s already") % words


def _retimed(words: Data) -> str:
    return _("Another severity: %(title)s stays, its times are those of the new one") % words


_SAYS: dict[str, Callable[[Data], str]] = {
    "asked": _asked,
    "waived": _waived,
    "spoke": _spoke,
    "confirmed": _confirmed,
    "joined": _joined,
    "raised": _raised,
    "empty": _empty,
    "paged": _paged,
    "fallback": _fallback,
    "acked": _acked,
    "lowered": _lowered,
    "proposed": _proposed,
    "ended": _ended,
    "kept": _kept,
    "retimed": _retimed,
}
