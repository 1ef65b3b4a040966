"""The ladder of one request under its lock: read the log, ask the pure rules, and write what they say with the change.

Whatever follows from it (mails, notices, live news) is settle's: it finds the rows among those of the change.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from answerable.casework import ladder_rules
from answerable.casework.ladder_rules import Rules
from answerable.escalation import episodes, ladder
from answerable.escalation.episodes import Episode, LadderStep
from answerable.escalation.ladder import Ladder, Move, Step, World
from answerable.lib.worktime import add
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.sla import calendars
from answerable.sla.calendars import version_at
from answerable.sla.queries import answer_is_late, targets
from answerable.tickets.actions import Change
from answerable.tickets.models import Ticket

# These count day and night, whatever the calendar says (sla contract §4).
AROUND_THE_CLOCK = {"P0", "P1"}
# What only staff read in the history.
INSIDE = {"kept", "retimed", "replied"}
# What a page says already.
_SILENT = {"replied"}


class Case:
    """A ladder that is being moved. `people` and `fallback` are asked once each."""

    def __init__(self, change: Change, log: Sequence[LadderStep] | None = None) -> None:
        self.change, self.rules = change, ladder_rules.rules()
        self.log = episodes.log_of(change.ticket.pk) if log is None else log
        self._known: dict[int, list[Person]] = {}
        self.move = Move(ladder.state(self.log), self._world())

    @property
    def last(self) -> int:
        """The newest row of its log; 0: it was never climbed."""
        return self.log[-1].pk if self.log else 0

    @property
    def ladder(self) -> Ladder:
        """Where it stands now."""
        return self.move.ladder

    @property
    def world(self) -> World:
        """What the policy says."""
        return self.move.world

    def _world(self) -> World:
        return world(self.change.ticket, self.rules, self.change.at, self.holders, self.contacts)

    def holders(self, level: int) -> list[Person]:
        """Who holds a level."""
        if level not in self._known:
            there = 1 <= level <= self.rules.top
            rung = self.rules.levels[level - 1] if there else None
            self._known[level] = ladder_rules.holders(rung, self.change.ticket, self.change.at) if rung else []
        return self._known[level]

    def contacts(self) -> list[Person]:
        """Whom to tell where nobody is there; under 0, which no level has."""
        if 0 not in self._known:
            self._known[0] = ladder_rules.contacts(self.rules, self.change.ticket, self.change.at)
        return self._known[0]

    def write(self) -> Sequence[LadderStep]:
        """The steps as rows of the change, with their lines in the history; the level on the ticket; the timer."""
        steps, change = self.move.steps, self.change
        if not steps:
            return ()
        rows = [self._row(step) for step in steps]
        for row in rows:
            if row.kind not in _SILENT:
                change.event("ladder_inside" if row.kind in INSIDE else "ladder", **self._told(row))
        change.others += rows
        change.ticket.escalation_level = self.ladder.level
        episodes.keep(change.ticket.pk, house_of(change.ticket), self.ladder, change.at)
        self.move.steps = []
        return rows

    def _row(self, step: Step) -> LadderStep:
        known = {one.pk: one.label for people in self._known.values() for one in people}
        return LadderStep(
            ticket_id=self.change.ticket.pk,
            episode=step.episode,
            kind=step.kind,
            at=step.at,
            below=step.below,
            level=step.level,
            by_id=step.by_id,
            by_label=self.change.actor.label if step.by_id is not None else "",
            cause=step.cause,
            why=step.why,
            due_at=step.due_at,
            attempt=step.attempt,
            people=list(step.people),
            names=[known.get(pk, "") for pk in step.people],
            emission_id=step.emission,
            late=step.late,
        )

    def _told(self, row: LadderStep) -> dict[str, Any]:
        """What its sentence needs in a year, when the policy may call its levels otherwise."""
        told: dict[str, Any] = {
            "step": row.kind,
            "level": row.level,
            "name": self.rules.name(row.level),
            "below": row.below,
            "cause": row.cause,
            "why": row.why,
            "by": self._named(row),
            "attempt": row.attempt,
            "late": row.late,
        }
        if self.rules.show_names and row.kind in {"paged", "fallback"}:
            told["people"] = ", ".join(row.names)
        return told

    def _named(self, row: LadderStep) -> str:
        """Who did it, as both sides may read it: where names of staff are not shown, the house did."""
        is_ours = row.by_id is not None and self.change.actor.kind == "staff"
        return house_label() if is_ours and not self.rules.show_names else row.by_label


def waived(change: Change) -> str:
    """Why the representative is not asked first; "" where they are."""
    ticket = change.ticket
    if ticket.severity == "P0":
        return "p0"
    if ticket.assignee is None or not ticket.assignee.is_staff:
        return "nobody"
    return "late" if answer_is_late(ticket.pk, change.at) else ""


def world(
    ticket: Ticket,
    given: Rules,
    at: datetime,
    holders: Callable[[int], Sequence[Person]],
    contacts: Callable[[], Sequence[Person]],
) -> World:
    """The policy for this request, at this moment."""
    return World(
        at=at,
        top=given.top,
        people=lambda level: [one.pk for one in holders(level)],
        fallback=lambda: [one.pk for one in contacts()],
        due=lambda seconds, since: due(ticket, seconds, since),
        ack_timeout=given.ack_timeout.get(ticket.severity, 3600),
        ack_ttl=given.ack_ttl.get(ticket.severity),
        confirm_timeout=given.confirm_timeout.get(ticket.severity, 3600),
        min_interval=given.min_interval,
        repeat_every=given.repeat_every,
        max_repeats=given.max_repeats,
    )


def due(ticket: Ticket, seconds: int, since: datetime) -> datetime:
    """So many seconds later: on the clock for P0 and P1, else in the hours that the request's promises count in. A
    calendar that never opens makes no timer that never ends: then it is the clock, too."""
    by_clock = since.astimezone(UTC) + timedelta(seconds=seconds)
    if ticket.severity in AROUND_THE_CLOCK:
        return by_clock
    plan = ticket.organization.plan if ticket.organization else ""
    versions = calendars.current().get(targets(plan, ticket.severity).calendar)
    found = add(version_at(versions, since).calendar, since, seconds) if versions else None
    return found or by_clock


def house_of(ticket: Ticket) -> str:
    """Whose open episodes are counted together: the organization's, or the requester's who belongs to none."""
    return f"o:{ticket.organization_id}" if ticket.organization_id else f"p:{ticket.requester_id}"


def house_label() -> str:
    """What stands for a name of staff that customers do not read."""
    return _("%(vendor)s support") % {"vendor": vendor().name}


def rows_of(change: Change) -> list[LadderStep]:
    """The ladder's rows of this change."""
    return [row for row in change.others if isinstance(row, LadderStep)]


def open_episode(change: Change) -> Episode | None:
    """The row of the latest episode, for what names it."""
    return Episode.objects.filter(ticket_id=change.ticket.pk).order_by("-number").first()
