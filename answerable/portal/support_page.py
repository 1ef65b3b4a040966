"""The support page as a value: what the policy in force says, and what of it can be measured. Pure: `now` is given.

Whether it is open comes from the very function that promises are counted with (`lib.worktime`), the ladder from the
rules in force, whether the file or the desk owns them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.casework.ladder_rules import Rules
from answerable.policy.queries import Policy
from answerable.policy.schema import Level
from answerable.portal.support_hours import Opening, opening
from answerable.portal.support_ways import Resource, Way, resources, ways
from answerable.reports.figures import Figures, total
from answerable.reports.kept import Kept

CALENDAR = "calendar"
METRICS = ("first_response", "next_response", "periodic_update", "resolution")
PROMISED = (*METRICS, CALENDAR)
NONE = Figures()


@dataclass(frozen=True)
class Team:
    """Who answers."""

    key: str
    name: str
    about: str


@dataclass(frozen=True)
class Row:
    """What one plan promises on one level, in seconds by metric. `calendar`: whose open seconds count; `differs`: the
    metrics, and "calendar", that are other than the default plan's."""

    level: str
    seconds: Mapping[str, int | None]
    calendar: str
    differs: frozenset[str] = frozenset()
    kept: Figures = NONE


@dataclass(frozen=True)
class Plan:
    """What organizations buy, P0 first."""

    key: str
    name: str
    rows: tuple[Row, ...]

    @property
    def is_other(self) -> bool:
        """Whether something in it differs from the default plan."""
        return any(row.differs for row in self.rows)

    @property
    def kept(self) -> Figures:
        """What was kept of its promises, on all levels."""
        return total([row.kept for row in self.rows])


@dataclass(frozen=True)
class Severity:
    """A severity: when it applies. `usual`: what the default plan promises on it."""

    key: str
    name: str
    meaning: str
    examples: tuple[str, ...]
    usual: Row
    kept: Figures = NONE


@dataclass(frozen=True)
class Page:
    """All of it. `plans`: the default one first; `metrics`: those that some plan promises on some level; `kept`: None
    where the policy publishes nothing; `version` and `since`: which policy this is, and from when on."""

    vendor: str
    product: str
    address: str
    locale: str
    zone: str
    at: datetime
    version: int
    since: datetime
    sentence: str
    teams: tuple[Team, ...]
    uptime: str
    uptime_share: float
    kept: Kept | None
    ways: tuple[Way, ...]
    hours: tuple[Opening, ...]
    levels: tuple[Severity, ...]
    plans: tuple[Plan, ...]
    metrics: tuple[str, ...]
    default_level: str
    ladder: Rules
    resources: tuple[Resource, ...]

    def hours_word(self, calendar: str) -> str:
        """A calendar where there is little room."""
        found = next(one for one in self.hours if one.key == calendar)
        return "24×7" if found.always_open else found.name

    @property
    def moves(self) -> list[tuple[str, list[str], int]]:
        """Broken promises that move a request up by themselves: the metric, on which severities, to which level."""
        found: dict[tuple[str, int], list[str]] = {}
        for (metric, severity), level in self.ladder.automatic.items():
            found.setdefault((metric, level), []).append(severity)
        return [(metric, severities, level) for (metric, level), severities in found.items()]


@dataclass(frozen=True)
class Sources:
    """What the page is made of. `kept`: the figures, asked for only where the policy publishes them."""

    policy: Policy
    version: int
    since: datetime
    ladder: Rules
    kept: Callable[[], Kept]


def build(given: Sources, now: datetime) -> Page:
    """The page of the policy in force, at `now`."""
    policy = given.policy
    kept = given.kept() if policy.support_page.kept else None
    plans = _plans(policy, kept)
    levels = tuple(_levels(policy, plans[0], kept))
    hours = tuple(_hours(policy, plans, now))
    return Page(
        vendor=policy.vendor.name,
        product=policy.vendor.product,
        address=policy.vendor.portal_address,
        locale=policy.vendor.locale,
        zone=policy.vendor.time_zone,
        at=now,
        version=given.version,
        since=given.since,
        sentence=policy.support_page.sentence or _sentence(levels[0], hours),
        teams=tuple(Team(key, one.name, one.about or "") for key, one in policy.teams.items()),
        uptime=str(policy.uptime.model_dump(mode="json")["commitment"]),
        uptime_share=float(policy.uptime.commitment),
        kept=kept,
        ways=ways(policy),
        hours=hours,
        levels=levels,
        plans=plans,
        metrics=tuple(one for one in METRICS if any(row.seconds[one] for plan in plans for row in plan.rows)),
        default_level=policy.default_severity,
        ladder=given.ladder,
        resources=resources(policy),
    )


def _plans(policy: Policy, kept: Kept | None) -> tuple[Plan, ...]:
    """The default one first, then as the file has them."""
    keys = sorted(policy.plans, key=lambda key: key != policy.default_plan)
    levels = sorted(policy.severities)
    return tuple(
        Plan(key, policy.plans[key].name, tuple(_row(policy, key, level, kept) for level in levels)) for key in keys
    )


def _row(policy: Policy, plan: str, level: Level, kept: Kept | None) -> Row:
    its, usual = _promised(policy, plan, level), _promised(policy, policy.default_plan, level)
    differs = frozenset(name for name in PROMISED if its[name] != usual[name])
    figures = _of_plan(kept, plan, level, plan == policy.default_plan)
    return Row(level, {metric: its[metric] for metric in METRICS}, its[CALENDAR], differs, figures)


def _promised(policy: Policy, plan: str, level: Level) -> dict[str, Any]:
    """What the plan's table says, and where it says nothing, the level's."""
    base, own = policy.severities[level], policy.plans[plan].severities.get(level)
    return {name: getattr(own if own is not None and name in own.model_fields_set else base, name) for name in PROMISED}


def _of_plan(kept: Kept | None, plan: str, level: str, is_usual: bool) -> Figures:
    """Organizations without a plan of their own have the default one."""
    if kept is None:
        return NONE
    return total([kept.plans[level, key] for key in ([plan, ""] if is_usual else [plan]) if (level, key) in kept.plans])


def _levels(policy: Policy, usual: Plan, kept: Kept | None) -> Iterator[Severity]:
    for (key, one), row in zip(sorted(policy.severities.items()), usual.rows, strict=True):
        figures = kept.levels.get(key, NONE) if kept else NONE
        yield Severity(key, one.name, one.meaning, one.examples, row, figures)


def _hours(policy: Policy, plans: Sequence[Plan], now: datetime) -> Iterator[Opening]:
    """The calendars that something is counted in, in the file's order."""
    for key, calendar in policy.calendars.items():
        levels = {row.level for plan in plans for row in plan.rows if row.calendar == key}
        if levels:
            yield opening(key, calendar, tuple(sorted(levels)), now)


def _sentence(top: Severity, hours: Sequence[Opening]) -> str:
    """What the promises on the highest level come to."""
    if top.usual.seconds["first_response"] is None:
        return _("How we support you.")
    if any(one.always_open for one in hours if one.key == top.usual.calendar):
        return _("We answer, day and night, and you can check that we do.")
    return _("We answer in the time we promise, and you can check that we do.")
