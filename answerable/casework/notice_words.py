"""A notice as one sentence without markup, for a mail, a browser and the list. Of a note it says that there is one."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as later

from answerable.ui.words import metric_word


def sentence(kind: str, data: Mapping[str, Any], there: ZoneInfo) -> str:
    """What happened; times as they are `there`. Of `data` nothing is said that could be a note's words."""
    who, what = str(data.get("who", "")), str(data.get("what", ""))
    if kind in ("warning", "breach"):
        return _promise(kind, data, there)
    if kind == "escalation":
        return _escalation(data, there)
    if kind == "on_call":
        return _on_call(who, what, str(data.get("name", "")))
    if kind in _NAMED:
        return _(_NAMED[kind]) % {"name": data.get("name", ""), "who": who, "what": what}
    if kind in _BY_WHOM:
        return _BY_WHOM[kind](who, what)
    return _ALONE.get(kind, lambda: _("There is news for you"))()


_NAMED = {
    "article_due": later("It is time to look at the article “%(name)s” again"),
    "article_review": later("%(who)s asks for a review of the article “%(name)s”"),
    "article_back": later("%(who)s sent the article “%(name)s” back: %(what)s"),
    "mail_mailbox": later("The mailbox %(name)s cannot be read"),
    "channel_lost": later("Pages do not reach %(name)s any more: turn push on there again"),
    "gap": later("Nobody is on call at some time in the weeks ahead: %(name)s"),
}
_BY_WHOM: dict[str, Callable[[str, str], str]] = {
    "assigned": lambda who, what: _("%(who)s assigned it to you") % {"who": who},
    "reply": lambda who, what: _("%(who)s wrote") % {"who": who},
    "answer": lambda who, what: _("%(who)s answered the customer") % {"who": who},
    "note": lambda who, what: _("A note by %(who)s") % {"who": who},
    "mention": lambda who, what: _("%(who)s mentioned you") % {"who": who},
    "held": lambda who, what: _("Mail of %(who)s waits for your decision") % {"who": who},
    "hand_over": lambda who, what: _("%(who)s hands over to you") % {"who": who},
    "stated": lambda who, what: _("%(who)s states severity %(severity)s") % {"who": who, "severity": what},
    "asked": lambda who, what: _("%(who)s asks to be CC'd") % {"who": who},
    "undelivered": lambda who, what: _("Not delivered to %(who)s: %(why)s") % {"who": who, "why": what},
    "rated": lambda who, what: _("%(who)s says that our help was not good") % {"who": who},
    "alert_out": lambda who, what: _("Nobody who was paged has answered: %(what)s") % {"what": what},
    "unsent": lambda who, what: _("Your reply could not be sent: %(why)s") % {"why": what},
}
_ALONE: dict[str, Callable[[], str]] = {
    "woken": lambda: _("It was snoozed until now"),
    "bulk_done": lambda: _("A change of many requests has finished"),
    "defect": lambda: _("A stored clock differed from its events, and was put right"),
    "mail_quarantine": lambda: _("Mail waits in quarantine"),
    "mail_rate_limited": lambda: _("One sender writes more than they should"),
    "mail_waiting": lambda: _("Mail is not handled"),
    "probe_failed": lambda: _("A probe did not arrive: mail may not get through"),
    "drill": lambda: _("A drill failed: a P0 may reach nobody in time"),
    "probe_back": lambda: _("Probes arrive again"),
}


def _escalation(data: Mapping[str, Any], there: ZoneInfo) -> str:
    """`as`: asked to acknowledge (page), to confirm, where nobody is there (fallback); a copy, or only told."""
    words = {"who": data.get("who", ""), "title": data.get("title", ""), "by": ""}
    due = data.get("due_at")
    if due:
        at = datetime.fromisoformat(due).astimezone(there)
        words["by"] = f"{at:%-d %b, %H:%M} ({at.tzname()})"
    said = _ON_THE_LADDER.get(str(data.get("as", "")), later("%(who)s escalated it"))
    return _(said) % words


_ON_THE_LADDER = {
    "page": later("Please acknowledge by %(by)s: it is escalated to %(title)s"),
    "confirm": later("Please confirm by %(by)s that you understand what is at stake for %(who)s"),
    "fallback": later("Nobody is there for an escalation: it stands at %(title)s"),
    "empty": later("A level that nobody holds was passed; the escalation stands at %(title)s"),
    "moved": later("The escalation moved: it stands at %(title)s"),
    "acked": later("%(who)s acknowledged the escalation"),
    "added": later("%(who)s added to the escalation"),
    "ended": later("The escalation is over"),
}


def _on_call(who: str, what: str, schedule: str) -> str:
    said = {
        "override": _("%(who)s changed who is on call: %(name)s"),
        "nobody": _("%(who)s took your turn away, and nobody is on call then: %(name)s"),
        "removed": _("%(who)s removed an override: %(name)s"),
        "swap_asked": _("%(who)s asks you to take a turn: %(name)s"),
        "swap_accepted": _("%(who)s takes your turn: %(name)s"),
        "swap_declined": _("%(who)s cannot take your turn: %(name)s"),
        "swap_withdrawn": _("%(who)s needs nobody to take their turn any more: %(name)s"),
        "swap_lapsed": _("%(who)s did not answer, so your turn stays yours: %(name)s"),
    }
    return said.get(what, _("Your turns on call changed: %(name)s")) % {"who": who, "name": schedule}


def _promise(kind: str, data: Mapping[str, Any], there: ZoneInfo) -> str:
    metric, due = metric_word(str(data.get("metric", ""))), data.get("due_at")
    if not due:
        return _("%(metric)s is broken") % {"metric": metric} if kind == "breach" else metric
    at = datetime.fromisoformat(due).astimezone(there)
    words = {"metric": metric, "time": f"{at:%-d %b, %H:%M}", "zone": at.tzname()}
    if kind == "warning":
        return _("%(metric)s is due %(time)s (%(zone)s)") % words
    return _("%(metric)s is broken: it was due %(time)s (%(zone)s)") % words
