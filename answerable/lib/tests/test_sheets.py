"""CSV that stays text in a spreadsheet program."""

import csv
import io

import pytest

from answerable.lib.sheets import lines


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_that_would_be_a_formula_is_text(start: str) -> None:
    cell = f"{start}HYPERLINK(1)"
    assert read([[cell]]) == [[f"'{cell}"]]


def test_everything_else_is_as_it_was() -> None:
    assert read([['Åsa, "the" one', "a\nb", 7, -3, None, "a-b"]]) == [['Åsa, "the" one', "a\nb", "7", "-3", "", "a-b"]]


def test_lines_come_as_they_are_asked_for() -> None:
    found = lines(row for row in [["a"], ["b"]])
    assert [next(found), next(found)] == [b"\xef\xbb\xbf", b"a\r\n"]


def read(rows: list[list[str | int | None]]) -> list[list[str]]:
    return list(csv.reader(io.StringIO(b"".join(lines(rows)).decode("utf-8-sig"), newline="")))
