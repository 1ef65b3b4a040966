"""`answerable clock`: the shapes of sla contract §9, and lines that are wrong."""

import json
from typing import Any

import pytest

from answerable.sla import door

OFFICE = {
    "tz": "Europe/Berlin",
    "weekly": {"mon": [["09:00", "17:00"]]},
    "special": {"2024-06-10": [["09:00", "12:00"]]},
}
ALWAYS = {"tz": "UTC", "always_open": True}
TICKET = {
    "id": 1,
    "kind": "ticket",
    "calendar": ALWAYS,
    "targets": {"first_response": 3600, "resolution": None},
    "events": [],
    "now": "2024-06-03T12:00:00Z",
}
LEG = {
    "metric": "first_response",
    "index": 0,
    "start": "2024-06-03T09:00:00Z",
    "target": 3600,
    "state": "running",
    "fulfilled_at": None,
    "paused": [],
    "elapsed": 10800,
    "due_at": "2024-06-03T10:00:00Z",
    "breached": True,
    "breached_at": "2024-06-03T10:00:00Z",
}


def ask(**case: Any) -> dict[str, Any]:
    (line,) = door.run([json.dumps(case)])
    answer = json.loads(line)
    assert isinstance(answer, dict)
    return answer


def ticket(*events: dict[str, Any], **change: Any) -> list[dict[str, Any]]:
    answer = ask(**{**TICKET, "events": list(events), **change})
    legs: list[dict[str, Any]] = answer["legs"]
    return legs


def event(clock: str, kind: str, **more: Any) -> dict[str, Any]:
    return {"at": f"2024-06-03T{clock}:00Z", "type": kind, **more}


def test_open_answers_for_each_instant() -> None:
    instants = ["2024-06-03T07:00:00Z", "2024-06-03T15:00:00Z", "2024-06-10T10:30:00Z"]
    assert ask(id="a", kind="open", calendar=OFFICE, at=instants, tags=["x"]) == {
        "id": "a",
        "open": [True, False, False],
    }


def test_add_answers_with_the_due_instant_or_null() -> None:
    case = {"id": 1, "kind": "add", "calendar": OFFICE, "start": "2024-06-03T14:00:00Z"}
    assert ask(**case, seconds=7200) == {"id": 1, "due": "2024-06-10T08:00:00Z"}
    assert ask(**{**case, "calendar": {"tz": "UTC", "weekly": {}}}, seconds=1) == {"id": 1, "due": None}


def test_between_answers_in_seconds() -> None:
    case = {
        "id": 1,
        "kind": "between",
        "calendar": OFFICE,
        "start": "2024-06-03T00:00:00Z",
        "end": "2024-06-11T00:00:00Z",
    }
    assert ask(**case) == {"id": 1, "seconds": 11 * 3600}


def test_a_ticket_is_answered_with_its_legs() -> None:
    first, resolution = ticket(event("09:00", "customer_message"))
    assert first == LEG
    assert resolution == {
        **LEG,
        "metric": "resolution",
        "target": None,
        "due_at": None,
        "breached": False,
        "breached_at": None,
    }


def test_each_type_of_event_is_understood() -> None:
    events = [
        event("08:00", "calendar", calendar={"tz": "UTC", "weekly": {}}),
        event("09:00", "customer_message"),
        event("09:05", "calendar", calendar=ALWAYS),
        event("09:10", "pause"),
        event("09:20", "resume"),
        event("09:30", "targets", targets={"resolution": 7200}),
        event("09:40", "agent_reply"),
        event("09:50", "resolve"),
        event("10:00", "reopen"),
        event("10:10", "pause"),
    ]
    first, resolution = ticket(*events)
    assert (first["state"], first["fulfilled_at"], first["elapsed"]) == ("fulfilled", "2024-06-03T09:40:00Z", 35 * 60)
    assert resolution == {
        **LEG,
        "metric": "resolution",
        "target": 7200,
        "state": "paused",
        "paused": [
            ["2024-06-03T09:10:00Z", "2024-06-03T09:20:00Z"],
            ["2024-06-03T09:50:00Z", "2024-06-03T10:00:00Z"],
            ["2024-06-03T10:10:00Z", None],
        ],
        "elapsed": 45 * 60,
        "due_at": None,
        "breached": False,
        "breached_at": None,
    }


def test_pausable_and_retarget_are_the_cases() -> None:
    events = [event("09:00", "customer_message"), event("09:30", "pause")]
    assert [leg["state"] for leg in ticket(*events)] == ["running", "paused"]
    assert [leg["state"] for leg in ticket(*events, pausable=["first_response"])] == ["paused", "running"]
    events = [event("09:00", "customer_message"), event("10:00", "targets", targets={"resolution": 1800})]
    assert ticket(*events)[1]["breached_at"] == "2024-06-03T10:30:00Z"
    assert ticket(*events, retarget="keep_elapsed")[1]["breached_at"] == "2024-06-03T10:00:00Z"


def test_what_the_list_says_of_later_has_not_happened() -> None:
    events = [event("09:00", "customer_message"), event("12:30", "calendar", calendar={"tz": "UTC", "weekly": {}})]
    (first,) = ticket(*events, event("13:00", "agent_reply"), targets={"first_response": 14400})
    assert (first["state"], first["due_at"]) == ("running", "2024-06-03T13:00:00Z")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "close"}, "kind: expected one of"),
        ({"kind": None}, "kind: expected one of"),
        ({"kind": ["open"]}, "kind: expected one of"),
        ({"calendar": None}, "calendar: expected a table"),
        ({"calendar": {"tz": "Mars/Olympus", "weekly": {}}}, "no time zone is called 'Mars/Olympus'"),
        ({"now": "2024-06-03 12:00:00"}, "now: expected an instant"),
        ({"now": "2024-06-31T12:00:00Z"}, "now: day is out of range"),
        ({"now": "2024-06-03T12:00:00.5Z"}, "now: expected an instant"),
        ({"now": None}, "now: expected an instant"),
        ({"events": {}}, "events: expected a list"),
        ({"events": [3]}, "an event: expected an object"),
        ({"events": [event("09:00", "note")]}, "type: expected one of"),
        ({"events": [event("09:00", "calendar")]}, "calendar: expected a table"),
        ({"events": [event("09:00", "targets")]}, "targets: expected an object"),
        ({"events": [event("10:00", "pause"), event("09:00", "resume")]}, "events out of order"),
        ({"targets": {"answer": 1}}, "'answer' is not a metric"),
        ({"targets": {"resolution": -1}}, "targets.resolution: expected whole seconds"),
        ({"targets": {"resolution": 1.5}}, "targets.resolution: expected whole seconds"),
        ({"targets": {"resolution": True}}, "targets.resolution: expected whole seconds"),
        ({"pausable": "resolution"}, "pausable: expected a list"),
        ({"pausable": ["answer"]}, "'answer' is not a metric"),
        ({"retarget": "never"}, "retarget: expected one of from_change, keep_elapsed"),
        ({"kind": "open", "at": "2024-06-03T12:00:00Z"}, "at: expected a list"),
        ({"kind": "add", "start": "2024-06-03T12:00:00Z"}, "seconds: expected whole seconds"),
        ({"kind": "add", "start": "9999-12-31T12:00:00Z", "seconds": 1}, "date value out of range"),
        (
            {"kind": "between", "start": "2024-06-03T12:00:00Z", "end": "2024-06-03T11:59:59Z"},
            "end is before the start",
        ),
    ],
)
def test_a_wrong_case_is_answered_with_what_is_wrong(change: dict[str, Any], message: str) -> None:
    assert "error" not in ask(**TICKET)
    answer = ask(**{**TICKET, **change})
    assert answer["id"] == 1
    assert set(answer) == {"id", "error"}
    assert message in answer["error"]


@pytest.mark.parametrize(
    "line", ["{", "[]", "7", "nonsense", '{"kind": "open"}', '{"id": [1]}', "[" * 100_000, "\ufffd", "9" * 9000]
)
def test_a_line_without_sense_does_not_end_the_run(line: str) -> None:
    good = json.dumps(TICKET)
    first, second, third = (json.loads(answer) for answer in door.run([good, line, "", good]))
    assert first == third == {"id": 1, "legs": []}
    assert second["id"] is None
    assert second["error"]
