"""Tokens for `/live`."""

from datetime import UTC, datetime

import pytest
import time_machine

from answerable.live.access import BadToken, Pass, read, sign

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_a_token_grants_what_was_signed() -> None:
    with time_machine.travel(NOON, tick=False):
        issued = int(NOON.timestamp())
        assert read(sign(["desk", "person:7"], 7)) == Pass(("desk", "person:7"), 7, issued, issued + 600)
        assert read(sign(["desk"], 7, seconds=60)).expires == issued + 60


def test_no_token_lives_longer_than_ten_minutes() -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        token = sign(["desk"], 7, seconds=86_400)
        traveller.shift(599)
        assert read(token).person_id == 7
        traveller.shift(1)
        with pytest.raises(BadToken):
            read(token)


@pytest.mark.parametrize("seconds", [0, -5])
def test_a_grant_that_has_ended_grants_nothing(seconds: int) -> None:
    with pytest.raises(BadToken):
        read(sign(["desk"], 7, seconds=seconds))


@pytest.mark.parametrize("token", ["", "x", "a:b:c", "ключ"])
def test_what_is_not_ours_is_refused(token: str) -> None:
    with pytest.raises(BadToken):
        read(token)
