"""Pieces of HTML that lists have fifty times."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.test import RequestFactory
from django.utils import timezone

from answerable.ui import pieces
from answerable.ui.context import one_token

NOW = datetime(2026, 11, 24, 13, 7, 30, tzinfo=UTC)
START = NOW - timedelta(minutes=30)


@pytest.fixture(autouse=True)
def _in_stockholm() -> Iterator[None]:
    with timezone.override(ZoneInfo("Europe/Stockholm")):
        yield


def test_moment_tells_the_exact_time_to_everybody() -> None:
    html = pieces.moment(NOW - timedelta(minutes=2), NOW)
    assert 'title="Tue 24 Nov 2026, 14:05 CET"' in html
    assert '<span class="visually-hidden">Tue 24 Nov 2026, 14:05 CET</span>' in html
    assert 'datetime="2026-11-24T13:05:30+00:00"' in html


@pytest.mark.parametrize(
    ("minutes", "kind", "says", "bar"),
    [(90, "", "1 h 30", 25), (30, "is-risk", "30 m", 50), (-30, "is-broken", "−30 m", 100)],
)
def test_a_promise_is_a_time_and_a_bar(minutes: int, kind: str, says: str, bar: int) -> None:
    due = NOW + timedelta(minutes=minutes)
    html = pieces.promise_bar(due, START, NOW)
    assert f'<div class="promise {kind}" data-due="{due.isoformat()}" data-start="{START.isoformat()}">' in html
    assert f">{says}</time>" in html
    assert f'value="{bar}"' in html


def test_without_a_promise_it_says_why() -> None:
    html = pieces.promise_bar(None, None, NOW, "waits")
    assert '<div class="promise is-still"><span>waits</span>' in html
    assert 'value="0"' in html


@pytest.mark.parametrize(
    ("minutes", "metric", "says"),
    [
        (90, "first_response", '<span class="chip " title="Tue 24 Nov 2026, 15:37 CET">Answer due 15:37</span>'),
        (-7, "resolution", "Solution was due 14:00"),
        (30, "periodic_update", "is-risk"),
        (30, "periodic_update", "Update due 14:37"),
    ],
)
def test_a_customer_reads_what_is_due_and_when(minutes: int, metric: str, says: str) -> None:
    assert says in pieces.promise_chip(NOW + timedelta(minutes=minutes), NOW, metric)


def test_a_customer_reads_that_nothing_runs() -> None:
    assert pieces.promise_chip(None, NOW, "", paused=True) == '<span class="chip">paused</span>'
    assert pieces.promise_chip(None, NOW, "") == ""


def test_a_severity_says_whether_it_is_provisional() -> None:
    assert pieces.severity_badge("P0") == '<span class="severity is-p0">P0</span>'
    html = pieces.severity_badge("P0", True)
    assert 'class="severity is-p0 is-provisional" title="Not yet determined by the support team"' in html
    assert 'P0<span class="visually-hidden"> provisional</span>' in html


def test_a_status_is_in_colour_where_it_is_the_customers_turn() -> None:
    assert pieces.status_chip("pending", customer=True) == '<span class="chip is-accent">Waiting for you</span>'
    assert pieces.status_chip("pending") == '<span class="chip">Waiting for customer</span>'
    assert pieces.status_chip("open", customer=True) == '<span class="chip">Open</span>'


def test_one_answer_has_one_token_and_another_has_another() -> None:
    factory = RequestFactory()
    first, second = (one_token(factory.get("/"))["csrf_input"] for _ in range(2))
    assert len({str(first) for _ in range(3)}) == 1
    assert str(first) != str(second)
    unused = factory.get("/")
    one_token(unused)
    assert "CSRF_COOKIE" not in unused.META
