"""An alert, its log and its pages in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.desk.outside_words import outside_line, said_in
from answerable.escalation.alert_queries import Alert, AlertEntry, Page


@dataclass(frozen=True)
class Line:
    """One line of the log. `since`, `until`: a span in which nothing ran."""

    at: datetime
    text: str
    kind: str
    since: datetime | None = None
    until: datetime | None = None


def line_of(row: AlertEntry, plan: Mapping[str, Any], names: Mapping[int, str]) -> Line:
    """What it says. `names`: of the people whom the log names, by id."""
    if row.kind == "late":
        since, until = (datetime.fromisoformat(row.data[end]) for end in ("since", "until"))
        return Line(row.at, _("Nothing ran for a while: what fell due is not made up for"), row.kind, since, until)
    return Line(row.at, _text(row, plan, names), row.kind)


def _text(row: AlertEntry, plan: Mapping[str, Any], names: Mapping[int, str]) -> str:
    if row.kind in {"raised", "moved"}:
        return _raised(row.data) if row.kind == "raised" else _moved(row.data)
    if row.kind == "passed":
        return _passed(row, plan)
    if row.kind.startswith("outside"):
        return outside_line(row.kind, row.data)
    nobody = row.data.get("nobody")
    people = ", ".join(names.get(pk, "?") for pk in row.data.get("people", ()))
    words = {"who": row.actor_label, "how": _how(row.data.get("how", "")), "why": why_over(row.data.get("why", ""))}
    said = {
        "paged": _("Paged: %(people)s") % {"people": people},
        "acked": _("%(who)s has seen it, %(how)s") % words,
        "resolved": _("Over: %(why)s") % words,
        "again": _("Raised again, while it was known: no second alert"),
        "unreached": _("None of these pages arrived"),
        "exhausted": _("Every step has been tried; the last one is paged on"),
        "reopened": _reopened(row),
    }
    if row.kind == "exhausted" and nobody:
        return _("Every step has been tried, and nobody is there")
    if row.kind == "exhausted" and not plan.get("goes_on", True):
        return _("Every step has been tried: the drill ends here")
    return said.get(row.kind, row.kind)


def _how(way: str) -> str:
    known = {
        "desk": _("at the desk"),
        "link": _("by the link in a page"),
        "mail": _("by answering a page"),
        "reply": _("by answering the request"),
    }
    return known.get(way) or said_in(way) or way


def _raised(data: Mapping[str, Any]) -> str:
    if data.get("level"):
        return _("Raised: the ladder asks this level, and says when the next one is asked")
    if data.get("policy"):
        return _("Raised, to be paged by “%(policy)s”") % {"policy": data["policy"]}
    return _("Raised; no paging policy names its team, so its leads are paged, then administrators")


def _reopened(row: AlertEntry) -> str:
    if row.actor_kind == "system" and not row.data.get("how"):
        return _("Seen, and the customer got no answer in time: it is paged again")
    return _("%(who)s has it paged again") % {"who": row.actor_label}


def _moved(data: Mapping[str, Any]) -> str:
    words = {"team": data.get("team") or _("no team"), "policy": data.get("policy")}
    if data.get("policy"):
        return _("It is with another team now, %(team)s: paged from the first step of “%(policy)s”") % words
    return _("It is with another team now, %(team)s: its leads are paged, then administrators") % words


def _passed(row: AlertEntry, plan: Mapping[str, Any]) -> str:
    number = row.data.get("step") or row.turn % max(1, len(plan["steps"])) + 1
    words = {
        "time": _("Step %(number)s: nobody answered in its time"),
        "nobody": _("Step %(number)s: nobody is there, so it was passed at once"),
        "unreached": _("Step %(number)s: no page arrived, so it was passed at once"),
        "not_running": _("Step %(number)s: passed while not running"),
    }
    return words[row.data.get("why", "time")] % {"number": number}


def why_over(why: str) -> str:
    """Why an alert is over, as it is stored, in words."""
    known = {
        "resolved": _("somebody said so"),
        "the drill is over": _("the drill is over"),
        "no P0 any more": _("it is no P0 any more"),
        "the request is not open any more": _("the request is not open any more"),
        "the escalation is over": _("the escalation is over"),
        "the ladder went on": _("the ladder went on to the next level"),
        "the ladder was taken back": _("it was taken back to a lower level"),
        "neither P0 nor P1 any more": _("it is neither P0 nor P1 any more"),
    }
    return known.get(why) or said_in(why) or why


def page_words(row: Page) -> tuple[str, str]:
    """What became of a page, and the look of its chip."""
    if row.state == "waiting":
        return (_("on its way") if row.tries else _("waits")), ""
    if row.state == "handed":
        return _("in the outbox"), ""
    if row.state == "sent":
        return _("delivered"), "is-kept"
    return (_("failed"), "is-broken") if row.state == "failed" else (_("not needed"), "")


def state_words(row: Alert) -> tuple[str, str]:
    """Where an alert stands, and the look of its chip."""
    if row.state == "acked":
        name = row.acked_by.label if row.acked_by else row.acked_label or _("Somebody")
        return _("%(who)s has seen it") % {"who": name}, "is-kept"
    if row.state == "resolved":
        return _("Over"), ""
    return (_("Nobody answered"), "is-broken") if row.out_at else (_("Nobody has seen it yet"), "is-risk")
