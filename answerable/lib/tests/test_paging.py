"""Cursors say exactly where a page ended, and a mangled one is the first page."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.lib.paging import Cursor, read_cursor

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 250_000_000_000_000_000).map(lambda n: EPOCH + timedelta(microseconds=n))


@given(MOMENTS, st.integers(0, 2**63 - 1), st.sampled_from(["", "P0", "P3"]))
def test_a_cursor_comes_back_to_the_microsecond(at: datetime, pk: int, word: str) -> None:
    cursor = Cursor(at, pk, word)
    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize(
    "text", ["", "x", "....", "0.0", "0.0.\x00", "0.0." + "P" * 5000, "0.0.P0'--", f"{10**30}.1.", "1.x.", "é"]
)
def test_a_mangled_one_is_the_first_page(text: str) -> None:
    assert read_cursor(base64.urlsafe_b64encode(text.encode()).decode()) is None
    assert read_cursor(text) is None
