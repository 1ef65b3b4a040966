"""The policy in force as the desk shows it: what is promised, what plans change about it, whose hours count."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.lib.worktime import Calendar, is_open
from answerable.policy.hours import pairs_line, weekly_lines
from answerable.policy.queries import FormField, Policy

METRICS = ("first_response", "next_response", "periodic_update", "resolution")


@dataclass(frozen=True)
class Level:
    """A severity with its promises (seconds, None: not promised) and what stands still while a request waits."""

    key: str
    name: str
    meaning: str
    promises: tuple[tuple[str, int | None], ...]
    calendar: str
    pausable: tuple[str, ...]


def levels(policy: Policy) -> list[Level]:
    """P0 first."""
    return [
        Level(
            key=key,
            name=one.name,
            meaning=one.meaning,
            promises=tuple((metric, getattr(one, metric)) for metric in METRICS),
            calendar=one.calendar,
            pausable=policy.promises.pausable if one.pausable is None else one.pausable,
        )
        for key, one in sorted(policy.severities.items())
    ]


@dataclass(frozen=True)
class Differs:
    """What a plan promises instead on one level. `metric` "" : other hours, and then both are calendars."""

    level: str
    metric: str
    seconds: int | None = None
    instead_of: int | None = None
    calendar: str = ""
    other_calendar: str = ""


def plans(policy: Policy) -> list[tuple[str, bool, list[Differs]]]:
    """(name, is the default, what differs), in the file's order."""
    return [(plan.name, key == policy.default_plan, list(_differs(policy, key))) for key, plan in policy.plans.items()]


def _differs(policy: Policy, plan: str) -> Iterator[Differs]:
    for level, terms in sorted(policy.plans[plan].severities.items()):
        base = policy.severities[level]
        for metric in METRICS:
            theirs, usual = getattr(terms, metric), getattr(base, metric)
            if metric in terms.model_fields_set and theirs != usual:
                yield Differs(level, metric, theirs, usual)
        if terms.calendar and terms.calendar != base.calendar:
            yield Differs(level, "", calendar=base.calendar, other_calendar=terms.calendar)


@dataclass(frozen=True)
class Hours:
    """A calendar. `weekly`: ("Mon–Thu", "09:00–17:00" or "" for closed); `special`: dates with hours of their own."""

    key: str
    tz: str
    is_open: bool
    always_open: bool
    weekly: tuple[tuple[str, str], ...]
    dates_off: tuple[str, ...]
    special: tuple[tuple[str, str], ...]


def hours(policy: Policy, now: datetime) -> list[Hours]:
    """Every calendar, and whether it is open at `now`: by the very function that promises are counted with."""
    return [
        Hours(
            key=key,
            tz=one.tz,
            is_open=is_open(Calendar.read(one.spec), now),
            always_open=one.always_open,
            weekly=weekly_lines(one),
            dates_off=tuple(sorted(one.dates_off)),
            special=tuple((day, pairs_line(pairs)) for day, pairs in sorted(one.special.items())),
        )
        for key, one in policy.calendars.items()
    ]


def asked(policy: Policy) -> list[tuple[str, str, str]]:
    """(key, label, what may be answered and by whom) of each field that the form has besides, in its order."""
    return [(key, field.label, " · ".join(_about(field))) for key, field in policy.form.fields.items()]


def _about(field: FormField) -> Iterator[str]:
    kinds = {
        "text": _("one line"),
        "paragraph": _("several lines"),
        "choice": _("one of %(options)s") % {"options": ", ".join(field.options)},
        "number": _("a number"),
        "date": _("a date"),
        "checkbox": _("a box to tick"),
    }
    yield kinds[field.kind]
    if field.required:
        yield _("required")
    if field.shown_to == "signed_in":
        yield _("only when signed in")


def uptime(policy: Policy) -> str:
    """The commitment as the file writes it: it is kept as an exact fraction."""
    return str(policy.uptime.model_dump(mode="json")["commitment"])


def warnings(policy: Policy) -> list[tuple[int, int]]:
    """(percent of the promise that is left, or 0; seconds of it that are left, or 0) for each warning."""
    labels = policy.promises.warnings
    return [(int(label[:-1]), 0) if label.endswith("%") else (0, int(label[:-1])) for label in labels]
