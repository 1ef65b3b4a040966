"""When nobody is reached: against a reference that looks at every minute, and at the seconds around every edge.

COVERAGE_CASES=2000 runs that many cases.
"""

import os
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.escalation.coverage import Span, World, both, nobody
from answerable.escalation.door import read_schedule
from answerable.escalation.oncall import Absence
from answerable.escalation.rota import Rota, Version
from answerable.escalation.tests.naive import MINUTE, Naive
from answerable.escalation.tests.test_oncall_laws import NAMES, cases

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
EVER = datetime(1970, 1, 1, tzinfo=UTC)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[World, list[str], Naive, Naive, datetime]:
    """Two schedules around the same day, people with absences of their own, and some names of a policy."""
    (one, day), (other, _day) = draw(cases()), draw(cases())
    noon = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=UTC)
    moments = st.integers(-30 * 3600, 30 * 3600).map(lambda s: noon + s * SECOND)
    away = [
        Absence(draw(st.sampled_from(NAMES)), min(a, b), None if a > b + 20 * HOUR else max(a, b))
        for a, b in draw(st.lists(st.tuples(moments, moments), min_size=1, max_size=8))
    ]
    people = {"leads": draw(st.lists(st.sampled_from(NAMES), max_size=2)), "ana": ["ana"], "gone": []}
    names = draw(st.lists(st.sampled_from(["on_call.one", "on_call.other", *people]), min_size=1, max_size=3))
    rotas = {"on_call.one": _rota(one), "on_call.other": _rota(other)}
    return World(rotas, people, away), names, Naive(one, day), Naive(other, day), noon


def _rota(shape: dict[str, Any]) -> Rota:
    schedule = read_schedule(shape)
    return Rota((Version(EVER, schedule),), schedule.overrides, schedule.absences)


def _there(world: World, name: str, looks: dict[str, Naive], at: datetime) -> bool:
    if name in looks:
        return looks[name].who(at) is not None
    away = {one.person for one in world.absences if one.start <= at and (one.end is None or at < one.end)}
    return any(person not in away for person in world.people[name])


@pytest.mark.behaviour("B-406")
@settings(max_examples=int(os.environ.get("COVERAGE_CASES", "12")), deadline=None)
@given(worlds())
def test_gaps_are_exactly_the_minutes_in_which_a_slow_look_finds_nobody(
    drawn: tuple[World, list[str], Naive, Naive, datetime],
) -> None:
    world, names, one, other, noon = drawn
    looks = {"on_call.one": one, "on_call.other": other}
    start, end = noon - 12 * HOUR, noon + 12 * HOUR
    found = nobody(names, world, [(start, end)])

    def is_empty(at: datetime) -> bool:
        return not any(_there(world, name, looks, at) for name in names)

    edges = [at for span in found for edge in span for at in (edge - SECOND, edge, edge + SECOND) if start <= at < end]
    for at in [*(start + n * MINUTE for n in range(24 * 60)), *edges]:
        assert any(a <= at < b for a, b in found) == is_empty(at), at
    assert all(a < b for a, b in found)
    assert all(left[1] < right[0] for left, right in pairwise(found))


SPANS = st.lists(st.integers(0, 60), unique=True, max_size=12).map(
    lambda edges: [
        (EVER + a * MINUTE, EVER + b * MINUTE) for a, b in zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False)
    ]
)


@settings(max_examples=60, deadline=None)
@given(SPANS, SPANS)
def test_what_two_rows_of_spans_have_in_common(ours: list[Span], theirs: list[Span]) -> None:
    found = both(ours, theirs)
    for at in (EVER + n * MINUTE for n in range(61)):
        inside = [any(a <= at < b for a, b in spans) for spans in (ours, theirs, found)]
        assert inside[2] == (inside[0] and inside[1])
