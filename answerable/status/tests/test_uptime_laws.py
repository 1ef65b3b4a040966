"""The uptime arithmetic against a reference that counts second by second, in histories made by chance.

UPTIME_CASES=20000 runs that many.
"""

import json
import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.status.door import run
from answerable.status.tests.naive import Naive, first_of
from answerable.status.uptime import EXCLUDED, STATES

CASES = settings(
    max_examples=int(os.environ.get("UPTIME_CASES", "40")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
MONTHS = [
    ("UTC", "2024-02"),
    ("America/New_York", "2024-03"),
    ("America/St_Johns", "2009-11"),
    ("America/St_Johns", "2009-10"),
    ("Europe/Berlin", "2024-10"),
    ("Pacific/Apia", "2011-12"),
    ("Australia/Lord_Howe", "2024-04"),
    ("Asia/Kathmandu", "2023-12"),
]
IDS = ["api", "app", "mail"]
FRACTIONS = st.sampled_from([[0, 1], [3, 10], [1, 3], [1, 1]])


def written(at: datetime) -> str:
    return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat()}Z"


@st.composite
def histories(draw: st.DrawFn) -> tuple[dict[str, Any], int]:
    """A case and its tick: some minutes looked at by seconds, or a month looked at by half hours."""
    tz, month = draw(st.sampled_from(MONTHS))
    year, number = map(int, month.split("-"))
    start = first_of(tz, year, number)
    tick, length = draw(st.sampled_from([(1, 120), (1, 120), (1800, 48 * 31)]))
    step = timedelta(seconds=tick)

    def instants(low: int = -20, high: int = length + 20) -> st.SearchStrategy[int]:
        return st.integers(low, high)

    def span(open_end: bool) -> dict[str, Any]:
        begin = draw(instants())
        end = None if open_end and draw(st.integers(0, 5)) == 0 else begin + draw(st.integers(1, length))
        return {"start": written(start + begin * step), "end": None if end is None else written(start + end * step)}

    def observed() -> dict[str, Any]:
        one: dict[str, Any] = {"state": draw(st.sampled_from(STATES)), **span(open_end=True)}
        if draw(st.integers(0, 3)) == 0:
            one["corrects"] = written(start + draw(st.integers(0, 3)) * step)
        return one

    def window() -> dict[str, Any]:
        one = span(open_end=False)
        announced = datetime.fromisoformat(one["start"]) - draw(st.sampled_from([0, 9, 10, 11, 500])) * step
        return {
            **one,
            "announced_at": None if draw(st.integers(0, 7)) == 0 else written(announced),
            "components": draw(st.none() | st.lists(st.sampled_from([*IDS, "other"]), max_size=2)),
            "used": draw(st.sampled_from([None, 1])) and span(open_end=True),
        }

    components = [
        {"id": name, "essential": draw(st.booleans()), "spans": [observed() for _ in range(draw(st.integers(0, 4)))]}
        for name in IDS[: draw(st.integers(1, 3))]
    ]
    now = None if tick > 1 and draw(st.booleans()) else written(start + draw(instants(-5, length)) * step)
    tiers = draw(
        st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 100)), max_size=3, unique_by=lambda one: one[0])
    )
    case = {
        "id": 1,
        "kind": "uptime",
        "tz": tz,
        "month": month,
        "now": now,
        "target": draw(st.sampled_from([[995, 1000], [9, 10], [1, 1], [1, 2]])),
        "weights": {"down": draw(FRACTIONS), "partial": draw(FRACTIONS), "degraded": draw(FRACTIONS)},
        "components": components,
        "maintenance": [window() for _ in range(draw(st.integers(0, 3)))],
        "maintenance_notice": 10 * tick,
        "maintenance_cap": draw(st.none() | st.integers(0, 60).map(lambda n: n * tick)),
        "credit": {
            "fee": draw(st.integers(0, 99_999)),
            "tiers": [{"from": [bound, 1000], "percent": percent} for bound, percent in tiers],
            "cap": draw(st.none() | st.integers(0, 50_000)),
        },
    }
    return case, tick


def said(case: dict[str, Any]) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(next(run([json.dumps(case)])))
    assert answer.pop("id") == case["id"]
    return answer


@pytest.mark.behaviour("B-550")
@CASES
@given(made=histories())
def test_figures_are_those_of_a_count_second_by_second(made: tuple[dict[str, Any], int]) -> None:
    case, tick = made
    assert said(case) == Naive(case, tick).answer()


@CASES
@given(made=histories(), cut=st.integers(0, 120))
def test_a_month_is_the_sum_of_its_parts(made: tuple[dict[str, Any], int], cut: int) -> None:
    """Up to any moment, seconds only ever grow; nothing is counted outside the month."""
    case, tick = made
    case["maintenance_cap"] = None
    start = Naive(case, tick).start
    earlier = said(case | {"now": written(start + timedelta(seconds=cut * tick))})
    later = said(case | {"now": written(start + timedelta(seconds=(cut + 7) * tick))})
    for one, two in zip(earlier["components"], later["components"], strict=True):
        for key in ("S", "X", "U"):
            assert 0 <= two[key] - one[key] <= 7 * tick
        assert one["X"] + one["U"] <= one["S"] == cut * tick


def test_labels_don_t_collide() -> None:
    assert EXCLUDED not in STATES
