"""What staff are told of, and what each of them wants of it: in the desk, in the browser, by mail. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_noop as later

NONE, AT_ONCE, HOURLY = "", "now", "digest"
MAILS = (AT_ONCE, HOURLY, NONE)


@dataclass(frozen=True)
class Wish:
    """How a person wants to be told of one kind. `wide`: also of requests that are not assigned to them."""

    app: bool = True
    browser: bool = True
    mail: str = HOURLY
    wide: bool = True


@dataclass(frozen=True)
class Kind:
    """One line of the page of preferences. `wider` says whose requests `wide` adds; "" where that is no question."""

    title: str
    default: Wish
    wider: str = ""
    admins: bool = False


_FOLLOWED = later("Mine and followed")
_TEAMS = later("Mine and my teams'")

KINDS: dict[str, Kind] = {
    "assigned": Kind(later("A request is assigned to me"), Wish()),
    "reply": Kind(later("A customer writes"), Wish(), _FOLLOWED),
    "answer": Kind(later("A colleague answers a customer"), Wish(browser=False, mail=NONE), _FOLLOWED),
    "note": Kind(later("A colleague writes a note"), Wish(browser=False), _FOLLOWED),
    "mention": Kind(later("Somebody mentions me"), Wish(mail=AT_ONCE)),
    "warning": Kind(later("A promise is at risk"), Wish(mail=NONE), _TEAMS),
    "breach": Kind(later("A promise is broken"), Wish(mail=AT_ONCE), _TEAMS),
    "needed": Kind(later("A request of mine needs a decision, or its mail did not arrive"), Wish()),
    "shift": Kind(later("A hand-over, or an escalation"), Wish(mail=AT_ONCE)),
    "on_call": Kind(later("My turns on call: a change, or somebody asks to swap"), Wish(mail=AT_ONCE)),
    "gap": Kind(later("Nobody is on call at some time in the weeks ahead"), Wish(mail=AT_ONCE), admins=True),
    "drill": Kind(later("A drill failed"), Wish(mail=AT_ONCE), admins=True),
    "article_due": Kind(later("An article waits for me: to be looked at again, or its review"), Wish(browser=False)),
    "own": Kind(later("Something of my own has finished, or could not be sent"), Wish(browser=False, mail=NONE)),
    "room": Kind(later("Mail that does not get through, and clocks that were wrong"), Wish(mail=AT_ONCE), admins=True),
}

# Kinds of notices that share a line there.
_LINES = {
    **dict.fromkeys(("stated", "asked", "undelivered", "held"), "needed"),
    **dict.fromkeys(("article_review", "article_back"), "article_due"),
    **dict.fromkeys(("hand_over", "escalation", "alert_out"), "shift"),
    **dict.fromkeys(("mail_quarantine", "mail_rate_limited", "mail_mailbox", "mail_waiting"), "room"),
    **dict.fromkeys(("probe_failed", "probe_back", "defect"), "room"),
}
# Whatever else is told: only this one can be answered by whoever did it.
_ANY = "own"
# These are always in the list: nobody else is told.
_ALWAYS = frozenset({"unsent"})


def line_of(kind: str) -> str:
    """The line of the page of preferences that decides on notices of this kind."""
    return kind if kind in KINDS else _LINES.get(kind, _ANY)


def wish_of(wishes: Mapping[str, Any], kind: str) -> Wish:
    """What the person who has these (as `Wishes.kinds` stores them) wants of a notice of this kind."""
    line = line_of(kind)
    default, given = KINDS[line].default, wishes.get(line, {})
    return Wish(
        app=bool(given.get("app", default.app)) or kind in _ALWAYS,
        browser=bool(given.get("browser", default.browser)),
        mail=given["mail"] if given.get("mail") in MAILS else default.mail,
        wide=bool(given.get("wide", default.wide)),
    )


def stored(wish: Wish) -> dict[str, object]:
    """As `Wishes.kinds` has it."""
    return {"app": wish.app, "browser": wish.browser, "mail": wish.mail, "wide": wish.wide}
