"""A paging policy as its pages show it: step by step whom it pages now and then, when nobody, and what was changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.audit.models import Record
from answerable.audit.queries import trail
from answerable.casework.paging_people import find
from answerable.desk.differences import Difference, Parts, differences
from answerable.desk.paging_names import Names, fault_words
from answerable.escalation.paging import Plan
from answerable.escalation.paging_policy import LEADS, SUBJECT, Content
from answerable.escalation.paging_policy_queries import Turn, faults, for_teams, forecast
from answerable.people.named_queries import names_of
from answerable.ui.words import duration

HISTORY = 20


@dataclass(frozen=True)
class StepRow:
    """A step: whom it names, and from when it would page whom if nobody answers; without people it is passed."""

    number: int
    names: Sequence[str]
    wait: str
    at: datetime
    people: Sequence[str]


@dataclass(frozen=True)
class Walk:
    """What an alert raised now would do. `out_at`: when everybody was tried, `rounds` times."""

    steps: Sequence[StepRow]
    out_at: datetime
    rounds: int
    notes: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """It pages nobody at all."""
        return not any(step.people for step in self.steps)


def walk(plan: Plan, team_keys: Sequence[str], names: Names, now: datetime) -> Walk:
    """If nobody answers."""
    finder = for_teams(find, team_keys)
    turns, out_at = forecast(plan, now, finder)
    shown = turns[: len(plan.steps)]
    people = names_of((), {pk for turn in shown for pk in turn.people})
    labels = {pk: name for (_kind, pk), (name, _handle) in people.items()}
    rows = [_row(plan, turn, names, labels) for turn in shown]
    return Walk(rows, out_at, plan.rounds, list(_notes(plan, team_keys, names, shown)))


def _row(plan: Plan, turn: Turn, names: Names, labels: dict[int, str]) -> StepRow:
    step = plan.step(turn.number)
    said = [names.label(name) for name in step.who]
    return StepRow(turn.number + 1, said, duration(step.wait), turn.at, [labels.get(pk, "") for pk in turn.people])


def _notes(plan: Plan, team_keys: Sequence[str], names: Names, turns: Iterable[Turn]) -> Iterable[str]:
    """What can be saved all the same, and should be seen."""
    for name, why in faults(plan).items():
        yield fault_words(why, name)
    if not team_keys:
        yield _("No team is paged by it yet.")
    for turn in turns:
        if not turn.people:
            yield _("Step %(number)s has nobody at its time, and is passed at once.") % {"number": turn.number + 1}
    if LEADS in {name for step in plan.steps for name in step.who} and not team_keys:
        yield _("“Leads of the team” are those of the teams below: choose one.")


def parts(content: Content, names: Names) -> Parts:
    """All that a policy says, part by part."""
    steps = {
        _("Step %(number)s") % {"number": number}: _step(step["who"], step["wait"], names)
        for number, step in enumerate(content["steps"], start=1)
    }
    rounds = ngettext("once", "%(num)s times", content["rounds"]) % {"num": content["rounds"]}
    teams = ", ".join(names.teams.get(key, key) for key in content["teams"])
    about = {
        _("Name"): content["name"],
        _("Teams"): teams or _("no team"),
        _("Repeated every"): duration(content["every"]),
        _("Gone through"): rounds,
    }
    return about | steps


def _step(who: Iterable[str], wait: int, names: Names) -> str:
    words = {"who": ", ".join(names.label(name) for name in who), "time": duration(wait)}
    return _("%(who)s, for %(time)s") % words


@dataclass(frozen=True)
class Told:
    """A line of the history, and what it changed."""

    at: datetime
    text: str
    changes: Sequence[Difference] = ()


def history(pk: int, names: Names) -> list[Told]:
    """What was done to the policy, latest first."""
    return [_told(row, names) for row in trail(SUBJECT, pk, None, HISTORY)[:HISTORY]]


def _told(row: Record, names: Names) -> Told:
    who, data = {"who": row.actor_label}, row.data
    if row.verb == "retire_paging_policy":
        return Told(row.at, _("%(who)s retired this policy") % who)
    if row.verb == "paging_policy_owner":
        return Told(row.at, _("%(who)s gave this policy to the desk") % who)
    if data["was"] is None:
        return Told(row.at, _("%(who)s wrote this policy") % who)
    found = differences(parts(data["was"], names), parts(data["new"], names))
    return Told(row.at, _("%(who)s changed this policy") % who, found)


def since(pk: int, seen: int, names: Names) -> list[Told]:
    """What others changed after that version, the latest first."""
    rows = [row for row in trail(SUBJECT, pk, None, HISTORY)[:HISTORY] if row.data.get("version", 0) > seen]
    return [_told(row, names) for row in rows]
