"""Paging policies that the desk owns: made, changed and retired by administrators. All of it is on record.

An alert keeps the plan that it was raised with (decision 0049), so nothing here moves one that is running.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from answerable.escalation.alerts import PagingPolicy
from answerable.escalation.coverage import Span
from answerable.escalation.coverage_guard import still_reached
from answerable.escalation.coverage_queries import new_holes, p0_holes
from answerable.escalation.paging import Plan
from answerable.escalation.paging_policy import DESK, FILE, content, content_of, policies, write
from answerable.escalation.paging_policy import retire as end
from answerable.escalation.paging_policy_queries import DAY, MINUTE, faults, may_edit, may_write
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of

MOST, MOST_STEPS, MOST_NAMES, MOST_ROUNDS = 50, 20, 10, 9


@dataclass(frozen=True)
class Wanted:
    """What a policy is to say; `teams`: the keys of those whose P0s it pages."""

    name: str
    plan: Plan
    teams: tuple[str, ...] = ()


@transaction.atomic
def make_policy(by: Person, wanted: Wanted, now: datetime, *, confirmed: bool = False) -> PagingPolicy:
    """A policy that the desk owns."""
    _require_admin(by)
    rows = _locked()
    if sum(row.retired_at is None for row in rows) >= MOST:
        raise Refused("too_many", _("There are %(most)s paging policies already. Retire one first.") % {"most": MOST})
    base, taken = slugify(wanted.name)[:50] or "paging", {row.key for row in rows}
    key = next(key for key in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if key not in taken)
    row = PagingPolicy(key=key, managed=DESK, version=0)
    _put(by, row, wanted, rows, now, confirmed=confirmed)
    return row


@transaction.atomic
def change_policy(
    by: Person, row: PagingPolicy, wanted: Wanted, seen: int, now: datetime, *, confirmed: bool = False
) -> None:
    """`seen`: the version that was edited; another one meanwhile is not overwritten."""
    rows = _locked()
    row = next(one for one in rows if one.pk == row.pk)
    _require_edit(by, row)
    if row.version != seen:
        raise Refused("stale", _("Somebody else has changed this policy meanwhile. What you typed is kept."))
    _put(by, row, wanted, rows, now, confirmed=confirmed)


def preview(by: Person, row: PagingPolicy | None, wanted: Wanted, now: datetime) -> list[tuple[str, Span]]:
    """(team's name, span) in which a P0 would reach nobody that reaches somebody now. Nothing is kept."""
    _require_admin(by)
    try:
        with transaction.atomic():
            before, rows = p0_holes(now), _locked()
            one = next((one for one in rows if row is not None and one.pk == row.pk), None)
            one = one or PagingPolicy(key="look", managed=DESK, version=0)
            _take_over(by, one, wanted, rows, now)
            found = new_holes(before, p0_holes(now))
            transaction.set_rollback(True)
    finally:
        policies.forget()
    return found


@transaction.atomic
def retire_policy(by: Person, row: PagingPolicy, now: datetime, *, confirmed: bool = False) -> None:
    """Its teams page their leads, then administrators, from now on, unless another policy is given them."""
    rows = _locked()
    row = next(one for one in rows if one.pk == row.pk)
    _require_edit(by, row)
    with still_reached(now, confirmed=confirmed):
        end(row, actor_of(by), now)


def _locked() -> list[PagingPolicy]:
    """All of them, since a team can go from one to another. The caller is in a transaction."""
    policies.forget()
    return list(PagingPolicy.objects.select_for_update().order_by("pk"))


def _put(
    by: Person, row: PagingPolicy, wanted: Wanted, rows: Iterable[PagingPolicy], now: datetime, *, confirmed: bool
) -> None:
    with still_reached(now, confirmed=confirmed):
        _take_over(by, row, wanted, rows, now)


def _take_over(by: Person, row: PagingPolicy, wanted: Wanted, rows: Iterable[PagingPolicy], now: datetime) -> None:
    """Write it, and take its teams from the others that the desk owns."""
    _check(wanted)
    mine = set(wanted.teams)
    for other in rows:
        lost = mine & set(other.teams)
        if other.pk == row.pk or not lost or other.retired_at is not None:
            continue
        if other.managed == FILE:
            words = _("The file support.toml says that %(policy)s pages %(teams)s: change it there.")
            raise Refused("file_owned", words % {"policy": other, "teams": ", ".join(sorted(lost))})
        old = content(other)
        write(other, {**old, "teams": sorted(set(old["teams"]) - lost)}, DESK, actor_of(by), now)
    write(row, content_of(wanted.name, wanted.plan, wanted.teams), DESK, actor_of(by), now)


def _check(wanted: Wanted) -> None:
    """What a form has said already, field by field, said once more."""
    plan, steps = wanted.plan, wanted.plan.steps
    fits = wanted.name and 1 <= len(steps) <= MOST_STEPS and 1 <= plan.rounds <= MOST_ROUNDS
    times = [plan.every, *(step.wait for step in steps)]
    whole = all(1 <= len(set(step.who)) == len(step.who) <= MOST_NAMES for step in steps)
    if not (fits and whole and all(MINUTE <= time <= DAY for time in times)) or faults(plan):
        raise Refused("invalid", _("A policy has a name and steps, and each step somebody whom it can page."))


def _require_admin(by: Person) -> None:
    if not may_write(by):
        raise Refused("not_allowed", _("Only administrators say who is paged."))


def _require_edit(by: Person, row: PagingPolicy) -> None:
    _require_admin(by)
    if row.managed == FILE:
        raise Refused("file_owned", _("The file support.toml owns this policy: change it there and apply it."))
    if not may_edit(by, row):
        raise Refused("retired", _("This policy is retired."))
