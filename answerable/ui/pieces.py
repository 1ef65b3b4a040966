"""Pieces of HTML that a list has fifty times. As macros, their calls and escapes were half of what a queue page cost.

Nothing in them was written by a user: times, keys of the policy, our own words. What people write stays in templates.
"""

from datetime import datetime
from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from answerable.lib.html import safe
from answerable.ui.words import ago, clock_time, countdown, exact, iso, status_word, urgency, used


def moment(at: datetime, now: datetime) -> str:
    """A <time> that reads as `ago`, with the exact time on hover and for screen readers. countdown.js lets it age."""
    full = exact(at)
    return safe(
        f'<time datetime="{iso(at)}" title="{full}" data-since><span aria-hidden="true">{ago(at, now)}</span>'
        f'<span class="visually-hidden">{full}</span></time>'
    )


def stamp(at: datetime, now: datetime) -> str:
    """A <time> that reads as `clock_time`: in a conversation people compare times with their logs."""
    return safe(f'<time datetime="{iso(at)}" title="{exact(at)}">{clock_time(at, now)}</time>')


def promise_bar(due: datetime | None, start: datetime | None, now: datetime, still: str = "–") -> str:
    """The next promise as time left and a bar. `due` None: nothing runs, and `still` says why ("waits")."""
    if due is None:
        return safe(f'<div class="promise is-still"><span>{still}</span>{_bar(0)}</div>')
    start = start or due
    return safe(
        f'<div class="promise {urgency(due, now)}" data-due="{iso(due)}" data-start="{iso(start)}">'
        f'<time title="{exact(due)}">{countdown(due, now)}</time>{_bar(used(start, due, now))}</div>'
    )


def _bar(percent: int) -> str:
    return f'<progress class="bar" max="100" value="{percent}" aria-hidden="true"></progress>'


def promise_chip(due: datetime | None, now: datetime, metric: str, *, paused: bool = False) -> str:
    """The next promise as a customer's list says it; nothing where none runs."""
    if due is None:
        return safe(f'<span class="chip">{_("paused")}</span>' if paused else "")
    late = urgency(due, now)
    words = {"what": _what(metric), "time": clock_time(due, now)}
    text = _("%(what)s was due %(time)s") if late == "is-broken" else _("%(what)s due %(time)s")
    return safe(f'<span class="chip {late}" title="{exact(due)}">{text % words}</span>')


def _what(metric: str) -> str:
    return {"periodic_update": _("Update"), "resolution": _("Solution")}.get(metric) or _("Answer")


def status_chip(status: str, *, customer: bool = False) -> str:
    """A ticket's status in its reader's words; a customer whose turn it is gets it in colour."""
    accent = " is-accent" if customer and status == "pending" else ""
    return safe(f'<span class="chip{accent}">{status_word(status, customer=customer)}</span>')


def severity_badge(key: str, provisional: bool = False) -> str:
    """The severity's key as a badge; dashed while the support team has not determined it."""
    return _badge(key, provisional, get_language())


@lru_cache(maxsize=64)
def _badge(key: str, provisional: bool, _language: str | None) -> str:
    kind = f"severity is-{key.lower()}"
    if not provisional:
        return safe(f'<span class="{kind}">{key}</span>')
    title, said = _("Not yet determined by the support team"), _("provisional")
    return safe(
        f'<span class="{kind} is-provisional" title="{title}">{key}<span class="visually-hidden"> {said}</span></span>'
    )
