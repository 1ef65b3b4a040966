"""The support page as a value: what the policy in force says, and what of it can be measured. Pure: `now` is given.

What is promised comes from the function that promises are made with (`sla.queries.targets`), whether it is open from the
one that they are counted with (`lib.worktime`), the ladder from the rules in force, whoever owns them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.casework.ladder_rules import Rules
from answerable.policy.queries import Policy
from answerable.portal.support_hours import Opening, opening
from answerable.portal.support_ways import Resource, Way, resources, ways
from answerable.reports.figures import Figures, total
from answerable.reports.kept import Kept
from answerable.sla.queries import Targets

CALENDAR = "calendar"
METRICS = ("first_response", "next_response", "periodic_update", "resolution")
Promised = Callable[[str, str], Targets]


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
    kept: Figures = Figures()


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
class Level:
    """A severity: when it applies. `usual`: what the default plan promises on it."""

    key: str
    name: str
    meaning: str
    examples: tuple[str, ...]
    usual: Row
    kept: Figures = Figures()


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
    levels: tuple[Level, ...]
    plans: tuple[Plan, ...]
    metrics: tuple[str, ...]
    default_level: str
    ladder: Rules
    resources: tuple[Resource, ...]

    def hours_word(self, calendar: str) -> str:
        """A calendar where there is little room."""
        found = next(one for one in self.hours if one.key == calendar)
        return "24×7" if found.always_open else found.name


@dataclass(frozen=True)
class Sources:
    """What the page is made of. `kept`: the figures, asked for only where the policy publishes them."""

    policy: Policy
    version: int
    since: datetime
    ladder: Rules
    promised: Promised
    kept: Callable[[], Kept]


def build(given: Sources, now: datetime) -> Page:
    """The page of the policy in force, at `now`."""
    policy = given.policy
    kept = given.kept() if policy.support_page.kept else None
    plans = _plans(policy, given.promised, kept)
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


def _plans(policy: Policy, promised: Promised, kept: Kept | None) -> tuple[Plan, ...]:
    """The default one first, then as the file has them."""
    usual = policy.default_plan
    keys = sorted(policy.plans, key=lambda key: key != usual)
    offers = {(plan, level): promised(plan, level) for plan in keys for level in sorted(policy.severities)}

    def row(plan: str, level: str) -> Row:
        its, base = offers[plan, level], offers[usual, level]
        differs = {metric for metric in METRICS if its.seconds[metric] != base.seconds[metric]}
        if its.calendar != base.calendar:
            differs.add(CALENDAR)
        return Row(level, its.seconds, its.calendar, frozenset(differs), _of_plan(kept, plan, level, plan == usual))

    return tuple(Plan(key, policy.plans[key].name, tuple(row(key, one) for one in sorted(policy.severities))) for key in keys)


def _of_plan(kept: Kept | None, plan: str, level: str, is_usual: bool) -> Figures:
    """Organizations without a plan of their own have the default one."""
    if kept is None:
        return Figures()
    return total([kept.plans[level, key] for key in ([plan, ""] if is_usual else [plan]) if (level, key) in kept.plans])


def _levels(policy: Policy, usual: Plan, kept: Kept | None) -> Iterator[Level]:
    for (key, one), row in zip(sorted(policy.severities.items()), usual.rows, strict=True):
        figures = kept.levels.get(key, Figures()) if kept else Figures()
        yield Level(key, one.name, one.meaning, one.examples, row, figures)


def _hours(policy: Policy, plans: Sequence[Plan], now: datetime) -> Iterator[Opening]:
    """The calendars that something is counted in, in the file's order."""
    for key, calendar in policy.calendars.items():
        levels = {row.level for plan in plans for row in plan.rows if row.calendar == key}
        if levels:
            yield opening(key, calendar, tuple(sorted(levels)), now)


def _sentence(top: Level, hours: Sequence[Opening]) -> str:
    """What the promises on the highest level come to."""
    if top.usual.seconds["first_response"] is None:
        return _("How we support you.")
    if any(one.always_open for one in hours if one.key == top.usual.calendar):
        return _("We answer, day and night, and you can check that we do.")
    return _("We answer in the time we promise, and you can check that we do.")
