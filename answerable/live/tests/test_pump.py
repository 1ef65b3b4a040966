"""The queues between PostgreSQL and browsers, without either."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest
import time_machine

from answerable.live.access import Pass
from answerable.live.pump import CLOSE, QUEUE, REFRESH, Client, Full, Pump, Revoked, connection_parameters

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def pump() -> Pump:
    return Pump({}, most=3, most_per_person=2)


def passes(streams: Sequence[str], person_id: int = 1, at: datetime = NOON) -> list[Pass]:
    issued = int(at.timestamp())
    return [Pass(tuple(streams), person_id, issued, issued + 600)]


def event(stream: str, kind: str = "changed") -> str:
    return json.dumps({"s": stream, "k": kind})


def waiting(client: Client) -> bytes | None:
    return asyncio.run(client.next(0.01))


def test_what_waits_comes_at_once_and_silence_is_a_comment(pump: Pump) -> None:
    client = pump.join(passes(["desk"]))
    pump.deliver(event("desk"))
    pump.deliver(event("desk", "again"))
    pump.deliver(event("ticket:1:staff"))
    assert waiting(client) == b'data: {"s": "desk", "k": "changed"}\n\ndata: {"s": "desk", "k": "again"}\n\n'
    assert waiting(client) == b":\n\n"


def test_who_falls_behind_is_told_to_refresh(pump: Pump) -> None:
    client = pump.join(passes(["desk"]))
    for _ in range(QUEUE + 1):
        pump.deliver(event("desk"))
    assert waiting(client) == REFRESH


def test_a_stream_of_a_person_is_heard_only_where_it_was_granted(pump: Pump) -> None:
    plain = pump.join(passes(["desk"], 1))
    granted = pump.join(passes(["desk", "person:1"], 1))
    pump.deliver(event("person:1", "noticed"))
    assert waiting(plain) == b":\n\n"
    assert waiting(granted) == b'data: {"s": "person:1", "k": "noticed"}\n\n'


def test_revoking_ends_streams_and_older_tokens(pump: Pump) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        one, other = pump.join(passes(["desk"], 1)), pump.join(passes(["desk"], 2))
        traveller.shift(5)
        pump.deliver(event("person:1", "close"))
        assert waiting(one) == CLOSE
        assert waiting(one) is None
        assert waiting(other) == b":\n\n"
        with pytest.raises(Revoked):
            pump.join(passes(["desk"], 1))
        traveller.shift(1)
        pump.leave(one)
        assert pump.join(passes(["desk"], 1, datetime(2026, 3, 2, 12, 0, 6, tzinfo=UTC)))


def test_places_are_limited_and_come_free(pump: Pump) -> None:
    first = pump.join(passes(["desk"], 1))
    pump.join(passes(["desk"], 1))
    with pytest.raises(Full):
        pump.join(passes(["desk"], 1))
    pump.join(passes(["desk"], 2))
    with pytest.raises(Full):
        pump.join(passes(["desk"], 3))
    pump.leave(first)
    pump.leave(first)
    assert pump.join(passes(["desk"], 1))


def test_only_what_came_after_the_page_was_made_is_told_again(pump: Pump) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        pump.deliver(event("desk", "before"))
        traveller.shift(10)
        made = datetime(2026, 3, 2, 12, 0, 10, tzinfo=UTC)
        pump.deliver(event("desk", "after"))
        traveller.shift(5)
        assert waiting(pump.join(passes(["desk"], 1, made))) == b'data: {"s": "desk", "k": "after"}\n\n'
        traveller.shift(60)
        assert waiting(pump.join(passes(["desk"], 1, made))) == b":\n\n"


@pytest.mark.parametrize("payload", ["", "{", "[]", "{}", '{"s": "desk"}', '{"s": "desk", "k": "close"}', "7"])
def test_a_strange_notification_breaks_nothing(pump: Pump, payload: str) -> None:
    client = pump.join(passes(["desk"]))
    pump.deliver(payload)
    pump.deliver(event("desk"))
    assert waiting(client) == b'data: {"s": "desk", "k": "changed"}\n\n'


def test_djangos_words_become_libpqs() -> None:
    database = {
        "NAME": "a",
        "USER": "",
        "HOST": "/run",
        "PORT": "5432",
        "OPTIONS": {"sslmode": "require", "pool": True, "isolation_level": 2},
    }
    assert connection_parameters(database) == {"dbname": "a", "host": "/run", "port": "5432", "sslmode": "require"}
