"""What a change of a request does to its ladder, in the change's own transaction: settle asks after each verb.

It costs nothing on a request that was never escalated: its history, which settle has read, says so.
"""

from collections.abc import Iterable, Sequence

from answerable.casework import ladder_rules
from answerable.casework.ladder_steps import Case, house_of, rows_of, waived
from answerable.escalation import episodes, ladder
from answerable.escalation.ladder import ASKED, WAITING, Cause
from answerable.sla.actions import Fact
from answerable.tickets.actions import Change
from answerable.tickets.models import Event

_LADDER = {"ladder", "ladder_inside"}
_ANSWERS = {"first_response", "next_response"}


def follow(change: Change, history: Sequence[Event], facts: Iterable[Fact]) -> None:
    """A broken promise moves it up, a reply answers, a severity changes its times, the end of the request ends it."""
    breaches = _that_move(change, facts)
    merged = [event for event in change.events if event.kind == "merged_in"]
    if not breaches and not merged and not any(event.kind in _LADDER for event in history):
        return
    case = Case(change, [*episodes.log_of(change.ticket.pk), *rows_of(change)])
    if not change.ticket.is_open:
        ladder.end(case.move, "merged" if change.ticket.merged_into_id else "request", change.actor.id)
    else:
        _replied(case)
        _severity(case)
        for fact in breaches:
            _broken(case, fact)
        for event in merged:
            _carried(case, int(event.data["source"]))
    if not case.write() and case.ladder.is_open and any(event.kind == "organization" for event in change.events):
        # Counted where it belongs now.
        episodes.keep(change.ticket.pk, house_of(change.ticket), case.ladder, change.at)


def _that_move(change: Change, facts: Iterable[Fact]) -> list[Fact]:
    """Broken promises that the policy names, and late answers while the representative is being asked."""
    broken = [fact for fact in facts if fact.kind == "breach"]
    if not broken:
        return []
    moves = ladder_rules.rules().automatic
    return [one for one in broken if (one.metric, change.ticket.severity) in moves or one.metric in _ANSWERS]


def _broken(case: Case, fact: Fact) -> None:
    if any(row.emission_id == fact.id for row in case.log):
        return
    if case.ladder.stage == ASKED and fact.metric in _ANSWERS and fact.answered_at is None:
        ladder.leave_step_0(case.move, None, waiver="late")
    level = case.rules.automatic.get((fact.metric, case.change.ticket.severity))
    if level is not None:
        ladder.by_breach(case.move, level, fact.id, fact.metric)


def _replied(case: Case) -> None:
    """Whoever answers the customer has taken it, if it is theirs to take; the customer's promise is kept besides."""
    reply = case.change.reply
    if reply is None or not any(event.kind == "agent_reply" for event in case.change.events):
        return
    author, ticket = reply.author, case.change.ticket
    if case.ladder.stage == ASKED and author.pk == ticket.assignee_id:
        ladder.confirm(case.move, author.pk, "", understood=True, cause="reply")
    may = not ladder_rules.is_csm(author, ticket)
    if case.ladder.stage == WAITING and may and ladder.may_ack(case.ladder, case.world, author.pk):
        ladder.acknowledge(case.move, author.pk, "reply")
    ladder.replied(case.move, author.pk)


def _severity(case: Case) -> None:
    if not any(event.kind == "targets" for event in case.change.events):
        return
    if case.ladder.stage == ASKED and case.change.ticket.severity == "P0":
        ladder.leave_step_0(case.move, None, waiver="p0")
    else:
        ladder.retime(case.move)


def _carried(case: Case, source: int) -> None:
    """What was escalated goes on being so where it is handled now."""
    log = episodes.log_of(source)
    last = log[-1] if log else None
    if last is None or last.kind != "ended" or last.cause != "merged":
        return
    if last.below == 0 and not case.ladder.is_open:
        # Without their words, which not everybody here may read.
        ladder.open_step_0(case.move, None, "", waiver=waived(case.change), cause="merged")
    elif case.ladder.level < last.below:
        ladder.climb(case.move, min(last.below, case.rules.top), Cause("merged"))
