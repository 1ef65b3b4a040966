"""A ticket's events as sentences. The customer reads the same words, of the public ones only."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from answerable.tickets import ladder_words
from answerable.tickets.desk_words import SORTED

Data = Mapping[str, Any]


class Line(NamedTuple):
    """One event to show."""

    id: int
    at: datetime
    text: str
    kind: str


def _opened(data: Data, who: str) -> str:
    ways = {
        "mail": _("Opened by e-mail"),
        "form": _("Opened with the form"),
        "portal": _("Opened in the portal"),
        "widget": _("Opened in the product"),
        "phone": _("Opened on the phone"),
        "desk": _("Opened by the support team"),
        "import": _("Written before this help desk; brought in from old mail"),
    }
    opened = ways.get(data.get("channel", ""), _("Opened"))
    if not data.get("stated") and not data.get("impact"):
        return opened
    said = [opened, _stated({**data, "severity": data["stated"]}, who)]
    if data["stated"] not in {"", data["severity"]}:
        said.append(_("%(stated)s counts once this is confirmed from the mail") % data)
    return " · ".join(said)


def _pause(data: Data, who: str) -> str:
    if data.get("reason") == "on_hold":
        return _("%(who)s put it on hold: %(why)s") % {"who": who, "why": data.get("why", "")}
    return _("%(who)s waits for the customer") % {"who": who}


def _severity(data: Data, who: str) -> str:
    words = {"who": who, "severity": data["after"], "why": data["why"], "stated": data.get("stated", "")}
    if data.get("taken_back"):
        return _("%(who)s took back the last determination: it is %(severity)s again") % words
    if data.get("stated"):
        return _("%(who)s determined %(severity)s: %(why)s (customer stated %(stated)s)") % words
    return _("%(who)s determined %(severity)s: %(why)s") % words


def _stated(data: Data, who: str) -> str:
    """`before`: what it took the place of; `determined`: what staff had determined, so that it is only recorded."""
    words = {"impact": "", "before": "", "determined": "", **data, "who": who}
    if not words["severity"]:
        return _("%(who)s said what is at stake: %(impact)s") % words
    said = _("%(who)s stated %(severity)s: %(impact)s") if words["impact"] else _("%(who)s stated %(severity)s")
    if words["before"]:
        said += " " + _("(%(before)s until then)")
    elif words["determined"]:
        said += " " + _("(recorded; the support team had determined %(determined)s)")
    return said % words


def _assigned(data: Data, who: str) -> str:
    target = data.get("assignee_label") or data.get("team_label") or _("nobody")
    if data.get("rule"):
        by = {"round_robin": _("whose turn it was"), "load": _("who held least")}.get(data["rule"], "")
        words = {"target": target, "team": data.get("team_label", ""), "by": by}
        return _("Given to %(target)s by the rule of %(team)s: %(by)s") % words
    if data.get("taken") == "next":
        return _("%(who)s took it as the next one") % {"who": who}
    if data.get("taken") == "back":
        return _("%(who)s put it back") % {"who": who}
    return _("%(who)s assigned it to %(target)s") % {"who": who, "target": target}


def _breach(data: Data, who: str) -> str:
    late = {
        "first_response": _("The promised first answer is late"),
        "next_response": _("The promised answer is late"),
        "periodic_update": _("The promised update is late"),
        "resolution": _("The promised resolution is late"),
    }
    return late[data["metric"]]


def _moved(data: Data, who: str) -> str:
    target = data.get("after_label") or _("no organization")
    return _("%(who)s moved it to %(target)s") % {"who": who, "target": target}


def _excused(data: Data, who: str) -> str:
    return _("%(who)s excused a broken promise: %(why)s") % {"who": who, "why": data["why"]}


def _moved_message(data: Data, who: str) -> str:
    """The ticket it went to may be one that this reader has nothing to do with, so only staff read its number."""
    words = {"who": who, **data}
    return _("%(who)s moved a message of %(label)s to #%(to)s") % words


def _unmerged(data: Data, who: str) -> str:
    if "source" in data:
        return ""
    return _("%(who)s took it up again as a request of its own") % {"who": who}


def _automatic(data: Data, who: str) -> str:
    """`about`: what a receipt says was done, or who complained."""
    words = {"about": "", **data}
    if words["what"] == "vacation":
        return _("%(sender)s answered by machine (away)") % words
    if words["what"] == "mdn":
        receipts = {"displayed": _("Opened at %(sender)s"), "deleted": _("Deleted unread at %(sender)s")}
        return receipts.get(words["about"], _("Receipt from %(sender)s")) % words
    if words["what"] == "feedback" and words["about"]:
        return _("%(about)s called a mail of this request spam: no automatic mail goes there any more") % words
    return _("Automatic mail from %(sender)s (%(what)s)") % words


def _bounced_elsewhere(data: Data, who: str) -> str:
    if not data["addresses"]:
        return _("A mail of this request came back; for whom is not said")
    return _("A mail of this request came back for %(addresses)s, to whom it was not sent") % data


def _not_written(data: Data, who: str) -> str:
    if data["why"] == "ping_pong":
        return _("No automatic mail to %(address)s for a day: three in a row, and no answer of a person") % data
    return _("No automatic mail to %(address)s: it has stopped for this address") % data


def _rated(data: Data, who: str) -> str:
    said = (
        _("%(who)s says that our help was good")
        if data["score"] == "good"
        else _("%(who)s says that our help was not good")
    )
    return said % {"who": who}


def _redacted(data: Data, who: str) -> str:
    words = {"who": who, "why": data["why"], "times": data["times"]}
    if data["what"] == "entry":
        return _("%(who)s removed a message for good: %(why)s") % words
    if data["what"] == "file":
        return _("%(who)s removed a file for good: %(why)s") % words
    return (
        ngettext(
            "%(who)s removed a text for good, from one place: %(why)s",
            "%(who)s removed a text for good, from %(times)s places: %(why)s",
            data["times"],
        )
        % words
    )


def _said(text: str) -> Callable[[Data, str], str]:
    """A fixed sentence; `text` is marked for translation by gettext_noop where it is named."""
    return lambda data, who: _(text) % {"who": who, **data}


# What customers read too. Everything that is not here is for staff, or needs no line (messages speak for themselves).
PUBLIC: dict[str, Callable[[Data, str], str]] = {
    "opened": _opened,
    "pause": _pause,
    "resume": _said(gettext_noop("%(who)s took it up again")),
    "resolve": _said(gettext_noop("%(who)s marked it solved")),
    "reopen": lambda data, who: "" if data.get("part") else _("%(who)s opened it again") % {"who": who},
    "closed": _said(gettext_noop("Closed for good")),
    "merged_away": _said(gettext_noop("%(who)s merged it into another request, where it is handled")),
    "unmerged": _unmerged,
    "severity": _severity,
    "severity_stated": _stated,
    "confirmed": _said(gettext_noop("%(who)s confirmed from their mail that it was them")),
    "breach": _breach,
    "alert_acked": _said(gettext_noop("%(label)s has seen this")),
    "sensitive": _said(gettext_noop("%(who)s hid it from the organization's readers")),
    "not_sensitive": _said(gettext_noop("%(who)s shows it to the organization's readers again")),
    "standing_cc": _said(gettext_noop("%(label)s is CC'd, as on every request of the organization")),
    "standing_cc_ended": _said(gettext_noop("%(label)s is no longer CC'd on every request of the organization")),
    "cc_added": _said(gettext_noop("%(who)s CC'd %(label)s")),
    "cc_left": _said(gettext_noop("%(label)s is no longer CC'd")),
    "cc_removed": _said(gettext_noop("%(who)s took %(label)s off")),
    "links_ended": _said(gettext_noop("%(who)s ended the links in earlier mails to %(label)s")),
    "message_moved": _said(gettext_noop("A message that belongs to another request was moved there")),
    "cc_allowed": _said(gettext_noop("%(label)s takes part now")),
    "ladder": ladder_words.sentence,
    "redacted": _said(gettext_noop("Something that ought not to stand here was removed by staff")),
}
# What who may only read does not: whom others have named, and who else asks.
INSIDERS: dict[str, Callable[[Data, str], str]] = {
    "cc_named": _said(gettext_noop("%(who)s named %(label)s to be CC'd, which waits for the support team")),
    "cc_asked": _said(gettext_noop("%(label)s asks to be CC'd")),
    "cc_withdrawn": _said(gettext_noop("%(label)s no longer asks to be CC'd")),
}
STAFF_ONLY: dict[str, Callable[[Data, str], str]] = {
    **SORTED,
    "assigned": _assigned,
    "automatic_mail": _automatic,
    "no_automatic_mail": _not_written,
    "sent_again": _said(gettext_noop("%(who)s sent the mail to %(address)s again")),
    "bounce_of_others": _bounced_elsewhere,
    "message_moved": _moved_message,
    "organization": _moved,
    "excuse": _excused,
    "delivery_failed": _said(gettext_noop("Not delivered to %(address)s: %(why)s")),
    "ack_suppressed": _said(gettext_noop("No acknowledgement: this address had several within the hour")),
    "merged_in": _said(gettext_noop("%(who)s merged #%(number)s into this request")),
    "spam": _said(gettext_noop("%(who)s marked it as spam")),
    "not_spam": _said(gettext_noop("%(who)s says that it is no spam")),
    "deleted": _said(gettext_noop("%(who)s deleted it")),
    "restored": _said(gettext_noop("%(who)s brought it back")),
    "csat_asked": _said(gettext_noop("%(label)s was asked how our help was")),
    "csat_rated": _rated,
    "redacted": _redacted,
    "redacted_inside": _redacted,
    "alert_raised": _said(gettext_noop("An alert was raised, and whoever is next is paged")),
    "alert_reopened": _said(gettext_noop("%(who)s has whoever is next paged again")),
    "alert_out": _said(gettext_noop("Nobody who was paged has answered")),
    "cc_refused": _said(gettext_noop("%(label)s was not let in")),
    "ladder_inside": ladder_words.sentence,
    "article": _said(gettext_noop("%(who)s began an article from it")),
}


def sentence(kind: str, data: Data, who: str, *, staff: bool, insider: bool = True) -> str:
    """An event in words, "" where this reader gets none. `insider`: takes part."""
    say = (STAFF_ONLY.get(kind) if staff else None) or PUBLIC.get(kind) or (INSIDERS.get(kind) if insider else None)
    return say(data, who) if say else ""
