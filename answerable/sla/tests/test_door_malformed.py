"""`answerable clock` on lines that are hardly lines: each is answered, in JSON, and the run goes on."""

import json
from typing import Any, NoReturn

import pytest

from answerable.sla import door

ADD = {"kind": "add", "calendar": {"tz": "UTC", "always_open": True}, "start": "0001-01-01T00:00:00Z", "seconds": 5}
GOOD = json.dumps({"id": "good", **ADD}).encode()


def strictly(answer: str) -> Any:
    """The answer, read by somebody for whom NaN is not JSON."""

    def refuse(name: str) -> NoReturn:
        raise AssertionError(f"{name} is not JSON")

    return json.loads(answer, parse_constant=refuse)


def answer_to(line: str | bytes) -> Any:
    """The answer to this line, which stands between two good ones."""
    first, answer, last = (strictly(answer) for answer in door.run([GOOD, line, GOOD]))
    assert first == last == {"id": "good", "due": "0001-01-01T00:00:05Z"}
    return answer


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe\x80",
        b'{"id": "a\xff"}',
        b"\x00" * 1000,
        GOOD + b"\x00",
        GOOD + GOOD,
        b'"' + b"x" * 1_000_000,
        b"x" * 1_000_000,
        b"[" * 1_000_000,
        b'{"a":' * 100_000,
        b"1e999",
        "\u2028".encode(),
        b'{"id": ' + b"9" * 5000 + b', "kind": "add"}',
        b'{"id": NaN, "kind": "add"}',
        b'{"id": 1e999, "kind": "add"}',
        b'{"id": -1e999, "kind": "add"}',
        GOOD[:-1] + b', "tags": [Infinity]}',
    ],
)
def test_a_line_that_is_no_case_has_no_id(line: bytes) -> None:
    answer = answer_to(line)
    assert set(answer) == {"id", "error"}
    assert answer["id"] is None
    assert answer["error"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seconds": True}, "seconds: expected whole seconds"),
        ({"seconds": 5.0}, "seconds: expected whole seconds"),
        ({"seconds": "5"}, "seconds: expected whole seconds"),
        ({"seconds": -(10**30)}, "seconds: expected whole seconds"),
        ({"start": "2024-06-03T09:00:00Z\x00"}, "start: expected an instant"),
        ({"start": "2024-06-03T09:00:00Z\n"}, "start: expected an instant"),
        ({"start": "２０24-06-03T09:00:00Z"}, "start: expected an instant"),
        ({"start": "2024-06-03T09:00:60Z"}, "start: second must be in 0..59"),
        ({"start": "2024-06-03T24:00:00Z"}, "start: hour must be in 0..23"),
        ({"start": "0000-06-03T09:00:00Z"}, "start: year 0 is out of range"),
        ({"start": "10000-06-03T09:00:00Z"}, "start: expected an instant"),
        ({"calendar": {"tz": "\x00", "always_open": True}}, "tz: no time zone"),
        ({"calendar": {"tz": "\ud800", "always_open": True}}, "tz: no time zone"),
        ({"calendar": {"tz": "/etc/localtime", "always_open": True}}, "tz: no time zone"),
        ({"calendar": {"tz": "UTC", "always_open": 1}}, "always_open: expected true or false"),
    ],
)
def test_a_case_that_is_wrong_keeps_its_id(change: dict[str, Any], message: str) -> None:
    answer = answer_to(json.dumps({"id": 7, **ADD, **change}))
    assert set(answer) == {"id", "error"}
    assert answer["id"] == 7
    assert message in answer["error"]


@pytest.mark.parametrize(
    ("key", "line"),
    [
        ("seconds", GOOD[:-1] + b', "seconds": 6}'),
        ("id", GOOD[:-1] + b', "id": "good"}'),
        ("tz", GOOD.replace(b'{"tz"', b'{"tz": "UTC", "tz"')),
    ],
)
def test_a_key_that_stands_twice_could_mean_either(key: str, line: bytes) -> None:
    assert answer_to(line) == {"id": "good", "error": f"{key!r} stands twice in one object"}


def test_a_number_without_bound_is_a_number() -> None:
    assert answer_to(json.dumps({"id": 10**4000, **ADD, "seconds": 10**4000})) == {"id": 10**4000, "due": None}


def test_the_last_second_there_is_can_be_asked_for() -> None:
    case = {"id": 1, "kind": "open", "calendar": {"tz": "Asia/Tokyo", "weekly": {}}, "at": ["9999-12-31T23:59:59Z"]}
    assert answer_to(json.dumps(case)) == {"id": 1, "open": [False]}
