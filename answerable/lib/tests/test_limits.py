"""How often something may happen is counted once, whoever counts and whenever a process starts anew."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection, transaction

from answerable.lib.limits import allowed, network

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_so_many_and_no_more_within_the_span_of_the_first() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        assert [allowed("mail", "ann", 2) for _ in range(4)] == [True, True, False, False]
        assert allowed("mail", "ben", 2)
        assert allowed("call", "ann", 2)
        # Asking again and again makes it no longer.
        clock.move_to(NOW + timedelta(minutes=59))
        assert not allowed("mail", "ann", 2)
        clock.move_to(NOW + timedelta(minutes=60))
        assert [allowed("mail", "ann", 2) for _ in range(3)] == [True, True, False]
    assert not allowed("never", "ann", 0)


@pytest.mark.django_db
def test_what_is_rolled_back_was_not_counted() -> None:
    point = transaction.savepoint()
    assert allowed("mail", "ann", 1)
    transaction.savepoint_rollback(point)
    assert allowed("mail", "ann", 1)


@pytest.fixture
def nothing_left(real_transactions: None) -> Iterator[None]:
    """The table of the cache is no model's, so that no flush empties it."""
    yield
    cache.clear()


@pytest.mark.behaviour("B-143")
def test_several_processes_at_once_let_through_no_more_than_one_would(nothing_left: None) -> None:
    who, ready = secrets.token_hex(8), Barrier(8)

    def ask(_: int) -> list[bool]:
        try:
            ready.wait(timeout=10)
            return [allowed("form", who, 20) for _ in range(10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = [one for found in pool.map(ask, range(8)) for one in found]
    assert (answers.count(True), answers.count(False)) == (20, 60)


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", "unix:"),
    ],
)
def test_who_has_an_address_of_ipv6_has_many(address: str, place: str) -> None:
    assert network(address) == place
