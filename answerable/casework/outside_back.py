"""What an outside tool says of an alert counts as the word of the person who said it there, if they may; else as the
tool's own, if the policy lets it. Locks the request first, then its alert.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from answerable.audit.actions import system
from answerable.casework.alert_news import tell_of
from answerable.casework.paging_people import find
from answerable.casework.settle import settle
from answerable.escalation import alert_actions as escalation
from answerable.escalation import alert_queries as queries
from answerable.escalation import outside_heard as heard
from answerable.escalation.alerts import Alert
from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_calls import SAID_IN
from answerable.escalation.outside_words import ACKNOWLEDGE, NOTHING, REOPEN, Word
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import actions as tickets
from answerable.tickets.actions import Change

logger = logging.getLogger(__name__)

# What is older is not believed any more: a copy that somebody kept.
OLDEST = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """`outcome`: done, or why not: nothing (to do), known (heard before), old, unknown (no alert that the tool was told
    of), nobody (no person said it), not_allowed, as_it_was (it stood so already)."""

    outcome: str
    alert_id: int | None = None


@dataclass(frozen=True)
class _Case:
    """What was said of which alert; both it and its request (None: it has none) are locked."""

    tool: OutsideTool
    word: Word
    alert: Alert
    change: Change | None
    now: datetime

    @property
    def how(self) -> str:
        """As the alert's log has it."""
        return f"{SAID_IN}{self.tool.key}"


def hear(tool: OutsideTool, word: Word, now: datetime) -> Answer:
    """Once for each id. What it changes is committed when this returns."""
    if word.action == NOTHING:
        return Answer("nothing")
    if word.at is not None and now - word.at > OLDEST:
        return Answer("old")
    with transaction.atomic():
        alert_id = heard.alert_of(tool, word.dedup_key)
        # Before a row that names the alert: that holds it a little, and a verb at the desk locks its request first.
        case = _begin(tool, word, alert_id, now) if alert_id is not None else None
        if not heard.keep(tool, word, alert_id, now):
            return Answer("known", alert_id)
        if case is None:
            return Answer("unknown")
        outcome = _settled(case)
        tell_of(case.alert.pk)
    logger.info("%s says %s of alert %s (%s): %s", tool.key, word.kind, alert_id, word.id, outcome)
    return Answer(outcome, alert_id)


def _begin(tool: OutsideTool, word: Word, alert_id: int, now: datetime) -> _Case:
    known = queries.alert(alert_id)
    change = None
    if known is not None and known.ticket_id is not None:
        actor = system(heard.label(tool, word.who))
        change = tickets.begin(known.ticket_id, actor, now, closed_too=True)
    return _Case(tool, word, escalation.lock(alert_id), change, now)


def _settled(case: _Case) -> str:
    """What came of it. What moved nothing is on the alert too."""
    if case.alert.state != "resolved" and not heard.has_a_say(case.tool, case.alert):
        outcome = "unknown"
    else:
        outcome = _page_again(case) if case.word.action == REOPEN else _said(case)
    if outcome == "done" and case.change is not None:
        settle(case.change, f"{case.word.action}_outside")
    elif outcome not in {"done", "as_it_was"}:
        heard.note_unheard(case.alert, case.tool, case.word, outcome, case.now)
    return outcome


def _said(case: _Case) -> str:
    """Somebody has it, or it is over."""
    word, alert = case.word, case.alert
    if not word.who.name:
        return "nobody"
    if word.at is not None and heard.opened_since(alert, word.at):
        return "old"
    person = _person(case)
    if person is None and not case.tool.may_acknowledge:
        return "not_allowed"
    actor = actor_of(person) if person is not None else system(heard.label(case.tool, word.who))
    if word.action != ACKNOWLEDGE:
        return "done" if escalation.resolve(alert, actor, case.how, case.now) else "as_it_was"
    if not escalation.acknowledge(alert, actor, case.how, case.now):
        return "as_it_was"
    if case.change is not None:
        case.change.event("alert_acked", label=actor.label, alert=alert.pk)
    return "done"


def _person(case: _Case) -> Person | None:
    """Who said it, if they may say so here too."""
    person = heard.person_of(case.tool, case.word.who)
    if person is None:
        return None
    may_ack = queries.may_acknowledge(person, case.alert, find, case.now)
    may = may_ack if case.word.action == ACKNOWLEDGE else queries.may_resolve(person, may_ack=may_ack)
    return person if may else None


def _page_again(case: _Case) -> str:
    """Nobody has it there any more. Whoever said here that they have it still does."""
    if case.alert.state != "acked":
        return "as_it_was"
    if not heard.acked_by_tool(case.alert, case.tool):
        return "not_allowed"
    escalation.reopen(case.alert, system(heard.label(case.tool, case.word.who)), case.now, case.how)
    if case.change is not None:
        case.change.event("alert_reopened", alert=case.alert.pk)
    return "done"
