"""The uptime arithmetic by example: roundings, budgets, credits, and the edge cases of sla contract §6."""

import json
from typing import Any

import pytest

from answerable.status.door import run

HALF_PERCENT = [995, 1000]
TIERS = [
    {"from": [995, 1000], "percent": 0},
    {"from": [99, 100], "percent": 10},
    {"from": [95, 100], "percent": 25},
    {"from": [0, 1], "percent": 50},
]


def part(*spans: tuple[str, str, str | None], essential: bool = True, name: str = "api") -> dict[str, Any]:
    return {"id": name, "essential": essential, "spans": [_span(*one) for one in spans]}


def _span(state: str, start: str, end: str | None, corrects: str | None = None) -> dict[str, Any]:
    shape = {"state": state, "start": start, "end": end}
    return shape | ({"corrects": corrects} if corrects else {})


def ask(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    case = {
        "id": "x",
        "kind": "uptime",
        "tz": "UTC",
        "month": "2024-04",
        "now": None,
        "target": HALF_PERCENT,
        "weights": {"down": [1, 1], "partial": [1, 1], "degraded": [0, 1]},
        "components": list(parts),
        "maintenance": [],
        "maintenance_notice": 86_400,
        "maintenance_cap": None,
        "credit": {"fee": 100_000, "tiers": TIERS, "cap": None},
    }
    answer: dict[str, Any] = json.loads(next(run([json.dumps(case | more)])))
    return answer


def down_for(seconds: int, **more: Any) -> dict[str, Any]:
    """The product's figure of a month of 30 days with so much downtime, to the second."""
    minutes, rest = divmod(seconds, 60)
    end = f"2024-04-10T{minutes // 60:02}:{minutes % 60:02}:{rest:02}Z"
    spans = [("down", "2024-04-10T00:00:00Z", end)] if seconds else []
    found: dict[str, Any] = ask(part(*spans), **more)["product"]
    return found


@pytest.mark.behaviour("B-551")
@pytest.mark.parametrize(
    ("month", "budget"), [("2023-02", 12_096), ("2024-02", 12_528), ("2024-04", 12_960), ("2024-05", 13_392)]
)
def test_the_error_budget_of_each_month(month: str, budget: int) -> None:
    figure = ask(part(), month=month)["product"]
    assert (figure["budget_seconds"], figure["remaining"], figure["shown"]) == (budget, budget, "100.000")


@pytest.mark.behaviour("B-551")
def test_met_to_the_second_and_never_rounded_up() -> None:
    met, missed = down_for(12_960), down_for(12_961)
    assert (met["met"], met["shown"], met["remaining"], met["credit"]) == (True, "99.500", 0, 0)
    assert (missed["met"], missed["shown"], missed["remaining"], missed["credit"]) == (False, "99.499", -1, 10_000)
    assert down_for(1)["shown"] == "99.999"
    assert (missed["uptime_num"], missed["uptime_den"]) == (2_579_039, 2_592_000)


def test_seconds_of_a_month_are_those_of_its_zone() -> None:
    assert ask(part(), tz="America/New_York", month="2024-03")["product"]["S"] == 2_674_800
    assert ask(part(), tz="America/New_York", month="2024-11")["product"]["S"] == 30 * 86_400 + 3600
    # St John's turned its clock back at 00:01 on the 1st: November begins with the first of its two midnights.
    october, november = (ask(part(), tz="America/St_Johns", month=f"2009-{n}")["product"]["S"] for n in (10, 11))
    assert (october, november) == (31 * 86_400, 30 * 86_400 + 3600)


@pytest.mark.behaviour("B-552")
def test_what_nobody_observed_is_neither_up_nor_down() -> None:
    month = ("2024-04-01T00:00:00Z", "2024-05-01T00:00:00Z")
    nothing = ask(part(("unknown", *month)))["product"]
    assert nothing == {
        "S": 2_592_000,
        "X": 0,
        "U": 2_592_000,
        "E": 0,
        "D": [0, 1],
        "insufficient": True,
        "uptime_num": None,
        "uptime_den": None,
        "shown": "no data",
        "met": None,
        "budget_seconds": 0,
        "remaining": 0,
        "credit": 0,
    }
    # Another probe saw it: a known state beats "unknown", and the worst known one counts.
    assert ask(part(("unknown", *month), ("up", *month)))["product"]["U"] == 0
    assert ask(part(("unknown", *month), ("down", *month)))["product"]["D"] == [2_592_000, 1]
    assert ask(part(), now="2024-03-01T00:00:00Z")["product"]["shown"] == "no data"


@pytest.mark.behaviour("B-552")
def test_overlaps_count_once_and_corrections_replace() -> None:
    hour = ("2024-04-10T00:00:00Z", "2024-04-10T01:00:00Z")
    assert ask(part(("down", *hour), ("down", *hour), ("partial", *hour)))["product"]["D"] == [3600, 1]
    both = ask(part(("down", *hour)), part(("down", *hour), name="app"))
    assert both["product"]["D"] == [3600, 1]
    lifted = [("down", *hour), ("up", *hour, "2024-05-01T00:00:00Z"), ("partial", *hour, "2024-04-30T00:00:00Z")]
    assert ask({"id": "api", "essential": True, "spans": [_span(*one) for one in lifted]})["product"]["D"] == [0, 1]
    assert ask(part(("down", *hour), essential=False))["product"] is None
    still = ask(part(("down", "2024-04-30T23:00:00Z", None)))["product"]
    assert still["D"] == [3600, 1]


@pytest.mark.behaviour("B-553")
def test_only_what_was_announced_in_time_and_used_is_excused() -> None:
    announced = {"components": None, "start": "2024-04-10T00:00:00Z", "end": "2024-04-10T02:00:00Z"}
    window: dict[str, Any] = {**announced, "announced_at": "2024-04-09T00:00:00Z", "used": None}
    out = ("down", "2024-04-10T00:00:00Z", "2024-04-10T02:00:00Z")

    def counted(**more: Any) -> tuple[int, int]:
        figure = ask(part(out), maintenance=[window | more.pop("window", {})], **more)["product"]
        return figure["X"], figure["D"][0]

    assert counted() == (7200, 0)
    assert counted(window={"announced_at": "2024-04-09T00:00:01Z"}) == (0, 7200)
    assert counted(window={"announced_at": None}) == (0, 7200)
    assert counted(maintenance_cap=600) == (600, 6600)
    used = {"start": "2024-04-10T01:00:00Z", "end": "2024-04-10T03:00:00Z"}
    assert counted(window={"used": used}) == (3600, 7200)
    # Another component's maintenance never hides one that is down.
    figure = ask(part(out), part(name="app"), maintenance=[window | {"components": ["app"]}])
    assert (figure["components"][1]["X"], figure["product"]["X"], figure["product"]["D"]) == (7200, 0, [7200, 1])


@pytest.mark.parametrize(
    "wrong",
    [
        {"tz": "Mars/Base"},
        {"month": "2024-13"},
        {"month": "0000-01"},
        {"month": None},
        {"now": "yesterday"},
        {"target": [0, 1]},
        {"target": [3, 2]},
        {"target": [1, 0]},
        {"target": 0.995},
        {"weights": {"down": [1, 1]}},
        {"weights": {"down": [2, 1], "partial": [1, 1], "degraded": [0, 1]}},
        {"components": [part(("broken", "2024-04-01T00:00:00Z", None))]},
        {"components": [part(("down", "2024-04-02T00:00:00Z", "2024-04-02T00:00:00Z"))]},
        {"components": [part(), part()]},
        {"components": {}},
        {"maintenance_notice": -1},
        {"maintenance_cap": 1.5},
        {"credit": {"fee": "1", "tiers": [], "cap": None}},
        {"kind": "downtime"},
    ],
)
def test_a_malformed_line_is_answered(wrong: dict[str, Any]) -> None:
    answer = ask(**wrong)
    assert answer.keys() == {"id", "error"}
    assert answer["error"]
