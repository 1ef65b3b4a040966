"""`answerable drill`: a test P0 by each way in, followed on the terminal until it is answered or stands still."""

import sys
from collections.abc import Iterator
from threading import Event

from django.core.management.base import CommandParser

from answerable.audit.actions import system
from answerable.casework import drill_actions as drills
from answerable.desk.drill_words import channel_word, leg_of, run_of, step_word, why_of
from answerable.escalation import drill_queries as queries
from answerable.escalation.drill_queries import DrillLeg, Ran, course_of
from answerable.escalation.drilling import IN_TIME, STEPS, after_acceptance, is_in_time
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base
from answerable.people.models import Team
from answerable.people.queries import teams_by_key

# How often what has come is looked for.
EVERY = 0.5
LAST = 10


class Command(Base):
    help = (
        "Send a marked test P0 by each way in, have whoever is on call paged, and measure how long that takes. Exit 0 "
        "if each was paged within 10 s, 1 if not, 3 if no drill was begun."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--team", metavar="KEY", help="whose paging is tried; else that of P0s without a team")
        parser.add_argument(
            "--until",
            choices=["paged", "answered"],
            default="answered",
            help="when to come back; the drill itself goes on until somebody answers (default: answered)",
        )
        parser.add_argument("--last", action="store_true", help="say what came of the last drills, and begin none")

    def handle(self, *_args: object, team: str | None, until: str, last: bool, **_options: object) -> None:
        if last:
            self._say(*_last())
            return
        row = drills.begin(_team(team), system("answerable drill"), None, clock.now())
        self._say(f"Drill {row.pk}: {run_of(_ran(row.pk), clock.now()).about}. Ctrl-C leaves it running.")
        try:
            found = self._follow(row.pk, until)
        except KeyboardInterrupt:
            self._say("The drill goes on: see the desk, under Alerts, Drills. It can be stopped there.")
            raise
        self._say(*_result(found))
        if not all(is_in_time(course_of(leg)) for leg in found.legs):
            sys.exit(1)

    def _follow(self, pk: int, until: str) -> Ran:
        """Do what is due, say what is new, until there is nothing more to wait for."""
        told: set[str] = set()
        drills.send_waiting(clock.now())
        while True:
            drills.look(clock.now())
            found = _ran(pk)
            for leg in found.legs:
                for line in _news(leg):
                    if line not in told:
                        told.add(line)
                        self._say(line)
            if found.drill.state != "running" or (until == "paged" and all(map(_is_paged, found.legs))):
                return found
            Event().wait(EVERY)

    def _say(self, *lines: str) -> None:
        for line in lines:
            self.stdout.write(line)
        self.stdout.flush()


def _team(key: str | None) -> Team | None:
    if key is None:
        return None
    team = teams_by_key().get(key)
    if team is None:
        known = ", ".join(sorted(teams_by_key()))
        raise Refused("not_found", f"there is no team {key!r}: choose one of {known}", exit=drills.NOT_BEGUN)
    return team


def _ran(pk: int) -> Ran:
    found = queries.one(pk)
    assert found is not None
    return found


def _is_paged(leg: DrillLeg) -> bool:
    """Or there is nothing to wait for any more."""
    return leg.paged_at is not None or leg.ended_at is not None


def _news(leg: DrillLeg) -> Iterator[str]:
    course, name = course_of(leg), channel_word(leg.channel)
    for step, at in zip(STEPS[1:], course.reached[1:], strict=True):
        if at is not None:
            who = f", by {leg.acked_by}" if step == STEPS[-1] and leg.acked_by else ""
            yield f"  {name:<14} {step_word(step).lower():<11} {at:%H:%M:%S}  {_after(leg, step)}{who}".rstrip()
    if words := why_of(leg, clock.now()):
        yield f"  {name:<14} {words}"


def _after(leg: DrillLeg, step: str) -> str:
    course = course_of(leg)
    at = dict(zip(STEPS, course.reached, strict=True))[step]
    return f"{after_acceptance(course, at)} s" if step not in STEPS[:2] else ""


def _result(found: Ran) -> list[str]:
    limit = int(IN_TIME.total_seconds())
    late = [channel_word(leg.channel).lower() for leg in found.legs if not is_in_time(course_of(leg))]
    said = f"Not paged within {limit} s: {', '.join(late)}." if late else f"Each was paged within {limit} s."
    if found.drill.state == "running":
        return [said, "The drill goes on until somebody answers: see the desk, under Alerts, Drills."]
    if found.drill.state == "stopped":
        return [said, f"It was stopped by {found.drill.ended_by}."]
    return [said] if found.drill.state == "passed" else [said, "The drill failed."]


def _last() -> Iterator[str]:
    now = clock.now()
    rows, _more = queries.drills(None, LAST)
    if not rows:
        yield "No drill has run yet."
    for row in rows:
        shown = run_of(row, now)
        yield f"{row.drill.began_at:%Y-%m-%d %H:%M} UTC  {shown.state}. {shown.about}. {shown.why}".rstrip()
        for leg, words in zip(row.legs, shown.legs, strict=True):
            steps = ", ".join(f"{step.name.lower()} {step.said}" for step in leg_of(leg, now).steps)
            yield f"  {words.name:<14} {words.state}: {steps}. {words.why}".rstrip()
