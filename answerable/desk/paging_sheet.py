"""The editor of a paging policy: what was typed becomes a plan, or words of what is wrong at each field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from django.http import QueryDict
from django.utils.translation import gettext as _

from answerable.desk import arranging
from answerable.desk.paging_names import Names
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import Content
from answerable.escalation.paging_policy_actions import MOST_NAMES, MOST_ROUNDS, MOST_STEPS, Wanted
from answerable.escalation.paging_policy_queries import DAY, MINUTE
from answerable.policy.values import read_duration, show_duration


@dataclass(frozen=True)
class TypedStep:
    """One step as it stands in the form. `moved`: it was just moved, and its button keeps the focus."""

    who: tuple[str, ...] = ()
    wait: str = "10 min"
    errors: Mapping[str, str] = field(default_factory=dict)
    step: Step | None = None
    moved: str = ""

    @property
    def fields(self) -> Sequence[str]:
        """What was typed, and an empty field for one more."""
        return [*self.who, ""][:MOST_NAMES]


@dataclass(frozen=True)
class PagingSheet:
    """The form as it stands; `wrong`: what is to be mended besides the steps, by field."""

    name: str = ""
    every: str = "5 min"
    rounds: str = "1"
    teams: tuple[str, ...] = ()
    steps: Sequence[TypedStep] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)
    wanted: Wanted | None = None

    @property
    def is_right(self) -> bool:
        """All of it can be read."""
        return self.wanted is not None


def sheet_of(content: Content, names: Names) -> PagingSheet:
    """A policy that is kept, as the form shows it."""
    steps = [
        TypedStep(tuple(names.typed(name) for name in step["who"]), show_duration(step["wait"]))
        for step in content["steps"]
    ]
    every = show_duration(content["every"])
    return PagingSheet(content["name"], every, str(content["rounds"]), tuple(content["teams"]), steps)


def posted(data: QueryDict, names: Names) -> PagingSheet:
    """What was typed, read as far as it can be."""
    said = _text(data, "count")
    count = int(said) if said.isdecimal() and len(said) < 3 else 0
    steps = [_step(data, number, names) for number in range(min(count, MOST_STEPS))]
    sheet = PagingSheet(
        _text(data, "name"),
        _text(data, "every"),
        _text(data, "rounds"),
        tuple(key for key in dict.fromkeys(data.getlist("teams")) if key in names.teams),
        steps,
    )
    return _read(sheet)


def _text(data: QueryDict, name: str, most: int = 200) -> str:
    return "".join(one for one in data.get(name, "") if one >= " ").strip()[:most]


def seconds_of(text: str, least: int, most: int) -> int | None:
    """The duration that was typed, if it is one and between these."""
    try:
        seconds = read_duration(text)
    except ValueError:
        return None
    return seconds if least <= seconds <= most else None


def _step(data: QueryDict, number: int, names: Names) -> TypedStep:
    given = [text.strip()[:300] for text in data.getlist(f"step-{number}-who")][:MOST_NAMES]
    who, wait, errors = tuple(text for text in given if text), _text(data, f"step-{number}-wait"), dict[str, str]()
    found: list[str] = []
    for text in who:
        name, wrong = names.read(text)
        if wrong:
            errors.setdefault("who", f"{text[:80]}: {wrong}")
        elif name not in found:
            found.append(name)
    if not who:
        errors["who"] = _("Say whom it pages: a person, a schedule, leads or administrators.")
    seconds = seconds_of(wait, MINUTE, DAY)
    if seconds is None:
        errors["wait"] = _("A time from 1 min to 24 h, such as 10 min.")
    step = None if errors else Step(tuple(found), seconds or 0)
    return TypedStep(who, wait, errors, step)


def _read(sheet: PagingSheet) -> PagingSheet:
    wrong: dict[str, str] = {}
    every = seconds_of(sheet.every, MINUTE, DAY)
    rounds = int(sheet.rounds) if sheet.rounds.isdecimal() and len(sheet.rounds) < 3 else 0
    steps = [one.step for one in sheet.steps if one.step is not None]
    if not sheet.name:
        wrong["name"] = _("Give it a name, such as Night.")
    if every is None:
        wrong["every"] = _("A time from 1 min to 24 h, such as 5 min.")
    if not 1 <= rounds <= MOST_ROUNDS:
        wrong["rounds"] = _("A whole number from 1 to 9.")
    if not sheet.steps:
        wrong["steps"] = _("A policy without a step pages nobody: add one.")
    if wrong or len(steps) < len(sheet.steps):
        return replace(sheet, wrong=wrong)
    return replace(sheet, wanted=Wanted(sheet.name, Plan(tuple(steps), every or 0, rounds), sheet.teams))


def arranged(sheet: PagingSheet, what: str) -> PagingSheet:
    """With one more step, without one, or with one moved up or down."""
    told = [replace(one, errors={}) for one in sheet.steps]
    steps = arranging.arranged(told, what, partial(TypedStep, moved="who"), MOST_STEPS, _moved)
    return replace(sheet, steps=steps, wrong={}, wanted=None)


def _moved(step: TypedStep, way: str) -> TypedStep:
    return replace(step, moved=way)
