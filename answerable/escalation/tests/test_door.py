"""`answerable oncall`: the shapes of sla contract §9, and lines that are wrong."""

import json
from typing import Any

import pytest

from answerable.escalation import door

LAYER = {
    "participants": ["ana", "ben"],
    "unit": "day",
    "length": 1,
    "handoff": "09:00",
    "start": "2024-01-01",
    "restriction": None,
}
OVERRIDE = {
    "start": "2024-01-03T00:00:00Z",
    "end": "2024-01-04T00:00:00Z",
    "person": None,
    "created": "2024-01-01T00:00:00Z",
}
ABSENCE = {"person": "ben", "start": "2024-01-02T10:00:00Z", "end": "2024-01-02T11:00:00Z"}
SCHEDULE = {"tz": "UTC", "layers": [LAYER], "overrides": [OVERRIDE], "absences": [ABSENCE]}
WHO = {"id": "w", "kind": "who", "schedule": SCHEDULE, "at": ["2024-01-01T08:59:59Z", "2024-01-01T09:00:00Z"]}
GAPS = {**WHO, "kind": "gaps", "start": "2024-01-01T09:00:00Z", "end": "2024-01-05T00:00:00Z"}
GOOD = json.dumps(WHO)


def ask(case: dict[str, Any]) -> dict[str, Any]:
    """The answer, between two good lines."""
    first, answer, last = (json.loads(line) for line in door.run([GOOD, json.dumps(case), GOOD.encode()]))
    assert first == last == {"id": "w", "who": [None, "ana"]}
    assert isinstance(answer, dict)
    return answer


def test_who_answers_for_each_instant() -> None:
    assert ask({**WHO, "tags": ["x"], "at": []}) == {"id": "w", "who": []}
    assert ask({**WHO, "at": ["2024-01-02T09:00:00Z", "2024-01-02T10:00:00Z", "2024-01-03T00:00:00Z"]}) == {
        "id": "w",
        "who": ["ben", None, None],
    }


def test_gaps_answers_with_spans() -> None:
    spans = [[ABSENCE["start"], ABSENCE["end"]], [OVERRIDE["start"], OVERRIDE["end"]]]
    assert ask(GAPS) == {"id": "w", "gaps": spans}
    assert ask({**GAPS, "end": GAPS["start"]}) == {"id": "w", "gaps": []}


def test_a_restriction_of_no_hours_is_never() -> None:
    never = {**SCHEDULE, "layers": [{**LAYER, "restriction": {}}], "overrides": [], "absences": []}
    assert ask({**WHO, "schedule": never})["who"] == [None, None]
    night = {**LAYER, "restriction": {"mon": [["22:00", "06:00"]]}}
    at = ["2024-01-01T21:59:59Z", "2024-01-01T22:00:00Z", "2024-01-02T05:59:59Z", "2024-01-02T06:00:00Z"]
    assert ask({**WHO, "schedule": {"tz": "UTC", "layers": [night]}, "at": at})["who"] == [None, "ana", "ana", None]


def test_all_of_time_can_be_asked_for() -> None:
    case = {**GAPS, "schedule": {"tz": "Asia/Tokyo", "layers": [{**LAYER, "unit": "week", "length": 10**30}]}}
    answer = ask({**case, "start": "0001-01-01T00:00:00Z", "end": "9999-12-31T23:59:59Z"})
    assert answer["gaps"] == [["0001-01-01T00:00:00Z", "2024-01-01T00:00:00Z"]]


def layers(**change: Any) -> dict[str, Any]:
    return {"schedule": {**SCHEDULE, "layers": [{**LAYER, **change}]}}


def overrides(**change: Any) -> dict[str, Any]:
    return {"schedule": {**SCHEDULE, "overrides": [{**OVERRIDE, **change}]}}


def absences(**change: Any) -> dict[str, Any]:
    return {"schedule": {**SCHEDULE, "absences": [{**ABSENCE, **change}]}}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "open"}, "kind: expected one of who, gaps"),
        ({"kind": None}, "kind: expected one of"),
        ({"at": "2024-01-01T00:00:00Z"}, "at: expected a list"),
        ({"at": ["2024-01-01 00:00:00"]}, "at: expected an instant"),
        ({"at": ["2024-01-01T00:00:00+00:00"]}, "at: expected an instant"),
        ({"at": ["2024-02-30T00:00:00Z"]}, "at: day"),
        ({"schedule": None}, "schedule: expected an object"),
        ({"schedule": {**SCHEDULE, "tz": "Mars/Olympus"}}, "no time zone is called 'Mars/Olympus'"),
        ({"schedule": {**SCHEDULE, "tz": None}}, "tz: expected the name"),
        ({"schedule": {"tz": "UTC"}}, "layers: expected a list"),
        ({"schedule": {**SCHEDULE, "layers": [[]]}}, "a layer: expected an object"),
        ({"schedule": {**SCHEDULE, "overrides": None}}, "overrides: expected a list"),
        ({"schedule": {**SCHEDULE, "absences": {}}}, "absences: expected a list"),
        (layers(participants="ana"), "participants: expected a list"),
        (layers(participants=["ana", None]), "participants: expected a name"),
        (layers(unit="month"), "unit: expected one of day, week"),
        (layers(unit=["day"]), "unit: expected one of day, week"),
        (layers(length=0), "length: expected a whole number, 1 or more"),
        (layers(length=True), "length: expected a whole number"),
        (layers(length=1.0), "length: expected a whole number"),
        (layers(length="1"), "length: expected a whole number"),
        (layers(handoff="24:00"), "handoff: expected a time of day"),
        (layers(handoff="9:00"), "handoff: expected a time of day"),
        (layers(handoff="09:00:00"), "handoff: expected a time of day"),
        (layers(handoff=900), "handoff: expected a time of day"),
        (layers(start="2024-02-30"), "start: '2024-02-30' is not a date"),
        (layers(start="20240201"), "start: '20240201' is not a date"),
        (layers(start="2024-01-01T00:00:00Z"), "is not a date"),
        (layers(restriction=[]), "weekly: expected a table"),
        (layers(restriction={"monday": []}), "'monday' is not a day"),
        (layers(restriction={"mon": [["09:00", "09:00"]]}), "equal ends"),
        (layers(restriction={"mon": [["09:00"]]}), "expected pairs"),
        (overrides(end=OVERRIDE["start"]), "the end is not after the start"),
        (overrides(end="2024-01-02T00:00:00Z"), "the end is not after the start"),
        (overrides(end=None), "end: expected an instant"),
        (overrides(person=7), "person: expected a name"),
        (overrides(person=False), "person: expected a name"),
        (overrides(created=1), "created: expected an instant"),
        (absences(end=ABSENCE["start"]), "the end is not after the start"),
        (absences(person=None), "person: expected a name"),
        (absences(start=None), "start: expected an instant"),
        ({**GAPS, "end": "2024-01-01T08:59:59Z"}, "the end is before the start"),
        ({**GAPS, "start": None}, "start: expected an instant"),
    ],
)
def test_a_case_that_is_wrong_keeps_its_id_and_the_run_goes_on(change: dict[str, Any], message: str) -> None:
    answer = ask({**WHO, **change})
    assert set(answer) == {"id", "error"}
    assert answer["id"] == "w"
    assert message in answer["error"]


@pytest.mark.parametrize(("table", "key"), [("overrides", "person"), ("absences", "end")])
def test_what_would_change_the_answer_by_its_absence_must_be_there(table: str, key: str) -> None:
    schedule = json.loads(json.dumps(SCHEDULE))
    del schedule[table][0][key]
    assert f"{key}: expected" in ask({**WHO, "schedule": schedule})["error"]


@pytest.mark.parametrize("line", [b"\xff", "not json", "[]", '{"kind": "who"}', "[" * 100_000])
def test_a_line_that_is_no_case_has_no_id(line: str | bytes) -> None:
    (answer,) = door.run([line])
    assert json.loads(answer)["id"] is None
    assert json.loads(answer)["error"]
