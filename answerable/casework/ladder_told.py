"""Where a request's ladder stands, as both sides read it: each level with who holds it, what happened, what is next."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from answerable.casework import ladder_rules
from answerable.casework.ladder_actions import acts_for_them, may_acknowledge, may_confirm, may_drive, may_settle
from answerable.casework.ladder_rules import Rules
from answerable.casework.ladder_steps import Case, house_label
from answerable.escalation import episodes, ladder
from answerable.escalation.episodes import LadderStep
from answerable.escalation.ladder import ASKED, SETTLING, WAITING, Ladder
from answerable.people.models import Person, Role
from answerable.people.queries import actor_of
from answerable.tickets import access
from answerable.tickets.access import Standing
from answerable.tickets.actions import Change
from answerable.tickets.ladder_words import sentence, title
from answerable.tickets.models import Ticket


@dataclass(frozen=True)
class Rung:
    """One level. `state`: done, present or "" for ahead; `said` and `at`: what came of it; `due_at`: until when it has,
    counted from `since`."""

    level: int
    step: str
    name: str
    role: str
    holders: str
    state: str
    said: str = ""
    at: datetime | None = None
    due_at: datetime | None = None
    since: datetime | None = None


class LevelOf(NamedTuple):
    """What the policy says of a level, and who holds it, by name."""

    name: str
    role: str
    held: str


class Moved(NamedTuple):
    """One line of what happened."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Told:
    """All of it. `stage` as in `escalation.ladder`; `may`: what this reader may do; `next_name`: the level above, "" on
    the top; `wait_until`: from when on they may have it; `below`: the levels that it can be taken back to; `last`: the
    newest row of its log."""

    is_open: bool
    stage: str
    level: int
    name: str
    rungs: tuple[Rung, ...]
    moves: tuple[Moved, ...]
    may: frozenset[str]
    next_name: str
    summary: str = ""
    wait_until: datetime | None = None
    below: tuple[tuple[int, str], ...] = ()
    last: int = 0

    @property
    def is_there(self) -> bool:
        """Whether there is anything to show."""
        return len(self.rungs) > 1


def told(person: Person, ticket: Ticket, standing: Standing, now: datetime) -> Told:
    """For a page of either side. Costs one statement where the ladder was never climbed."""
    log = episodes.log_of(ticket.pk)
    if not (standing.works_it or ladder_rules.rules().show_names):
        _unnamed(log)
    case = Case(Change(ticket, actor_of(person), now), log)
    where, given = case.ladder, case.rules
    latest = [row for row in log if row.episode == where.episode] if where.is_open else []
    above = min(where.level + 1, given.top)
    return Told(
        is_open=where.is_open,
        stage=where.stage,
        level=where.level,
        name=title(where.level, given.name(where.level)),
        rungs=tuple(_rungs(case, latest, staff=standing.works_it)) if given.top else (),
        moves=tuple(_moves(given, log)),
        may=frozenset(_may(person, ticket, standing, case)),
        next_name=title(above, given.name(above)) if where.level < given.top else "",
        summary=where.summary if where.stage == SETTLING else "",
        wait_until=_wait(where, case),
        below=tuple((level, title(level, given.name(level))) for level in range(where.level)),
        last=case.last,
    )


def _unnamed(log: Iterable[LadderStep]) -> None:
    """For customers who read no names of staff: whatever one of us did, the house did."""
    by = {row.by_id for row in log if row.by_id is not None}
    rows = Person.objects.filter(pk__in=by).exclude(role=Role.CUSTOMER) if by else Person.objects.none()
    ours = set(rows.values_list("pk", flat=True))
    for row in log:
        if row.by_id in ours:
            row.by_label = house_label()


def _wait(where: Ladder, case: Case) -> datetime | None:
    return ladder.next_at(where, case.world) if ladder.may_raise(where, case.world) == "interval" else None


def _may(person: Person, ticket: Ticket, standing: Standing, case: Case) -> Iterable[str]:
    where = case.ladder
    if not ticket.is_open or not case.rules.top or not access.may_escalate(standing):
        if standing.works_it and where.stage == WAITING and may_acknowledge(case, person, standing):
            yield "ack"
        return
    if not where.is_open:
        yield "ask"
    elif acts_for_them(standing):
        yield "raise"
    else:
        refused = ladder.may_raise(where, case.world)
        yield {"": "raise", "asked": "speak", "waiting": "add"}.get(refused, "wait")
    if may_settle(standing) and where.is_open:
        yield "accept" if where.stage == SETTLING else "withdraw"
    if standing.works_it and where.is_open:
        yield from _staff(person, standing, case)


def _staff(person: Person, standing: Standing, case: Case) -> Iterable[str]:
    where = case.ladder
    if where.stage == ASKED and may_confirm(case, person):
        yield "confirm"
    if where.stage == WAITING and may_acknowledge(case, person, standing):
        yield "ack"
    if may_drive(case, person, standing):
        if where.level:
            yield "lower"
        if where.stage not in {ASKED, WAITING}:
            yield "propose"


def _rungs(case: Case, log: Sequence[LadderStep], *, staff: bool) -> Iterable[Rung]:
    where, given, ticket = case.ladder, case.rules, case.change.ticket
    names = staff or given.show_names
    holder = ticket.assignee.label if ticket.assignee and names else ""
    about = _("Confirms that impact and urgency are understood.")
    mine = _("Representative") if staff else _("My representative")
    yield _rung(where, log, 0, LevelOf(mine, about, holder))
    for level, rung in enumerate(given.levels, start=1):
        # Who will hold it is looked up only while somebody climbs.
        held = ", ".join(one.label for one in case.holders(level)) if names and where.is_open else ""
        yield _rung(where, log, level, LevelOf(rung.name, rung.role, held))


def _rung(where: Ladder, log: Sequence[LadderStep], level: int, of: LevelOf) -> Rung:
    step = _("Step 0") if level == 0 else _("Level %s") % level
    is_here = where.is_open and level == where.level
    reached = any(row.level == level for row in log)
    state = "present" if is_here else "done" if reached and level < where.level else ""
    said, at = _said(log, level) if reached else ("", None)
    waits = is_here and where.stage in {ASKED, WAITING}
    due, since = (where.due_at, where.since) if waits else (None, None)
    return Rung(level, step, *of, state, said, at, due, since)


_RESULTS = {"acked", "confirmed", "waived", "spoke", "empty", "paged", "asked", "lowered", "proposed"}


def _said(log: Sequence[LadderStep], level: int) -> tuple[str, datetime | None]:
    """What came of a level last, in a few words, and when."""
    rows = [row for row in log if row.level == level and row.kind in _RESULTS]
    up = [row for row in log if row.kind == "raised" and row.below == level and row.level > level]
    last, moved_on = rows[-1] if rows else None, up[-1] if up else None
    is_over = moved_on is not None and (last is None or last.pk < moved_on.pk)
    if moved_on is not None and is_over and moved_on.cause in {"lapsed", "unanswered"}:
        return _("did not answer in time"), moved_on.at
    if moved_on is not None and moved_on.cause == "unreached":
        return _("could not be reached"), moved_on.at
    if last is None:
        return "", None
    words = {
        "acked": _("acknowledged by %s") % last.by_label,
        "confirmed": _("%s answered") % last.by_label,
        "waived": _("not asked first"),
        "spoke": _("spoken with otherwise"),
        "empty": _("nobody there: passed"),
        "paged": _("asked to acknowledge"),
        "asked": _("asked to confirm"),
        "lowered": _("taken back here by %s") % last.by_label,
        "proposed": _("%s proposes to close") % last.by_label,
    }
    return words[last.kind], last.at


def _moves(given: Rules, log: Iterable[LadderStep]) -> Iterable[Moved]:
    for row in log:
        if row.kind not in {"kept", "retimed", "replied"} and (text := sentence(_data(given, row), row.by_label)):
            yield Moved(row.at, text)


def _data(given: Rules, row: LadderStep) -> dict[str, Any]:
    return {
        "step": row.kind,
        "level": row.level,
        "name": given.name(row.level),
        "cause": row.cause,
        "why": row.why,
        "by": row.by_label,
        "attempt": row.attempt,
        "late": row.late,
        "people": ", ".join(row.names) if given.show_names else "",
    }
