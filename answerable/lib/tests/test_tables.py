"""CSV as programs really write it, and what is said of the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.lib import tables
from answerable.lib.tables import Problem, read

KNOWN = ("name", "domains", "zone")


def rows(content: bytes) -> list[tuple[int, dict[str, str]]]:
    table = read(content, KNOWN, "name")
    assert table.problems == []
    return [(row.number, row.cells) for row in table.rows]


def problems(content: bytes) -> list[Problem]:
    return read(content, KNOWN, "name").problems


@pytest.mark.parametrize(
    "content",
    [
        "Name,Zone\nKöln,UTC\n".encode(),
        "\ufeffname;zone\r\nKöln;UTC\r\n".encode(),
        "zone\tname\nUTC\t Köln \n".encode("utf-16"),
        "\ufeffname,zone\nKöln,UTC".encode("utf-16-be"),
        "name,zone\rKöln,UTC\r".encode("windows-1252"),
        'sep=;\r\n"NAME";" zone "\r\n"Köln";"UTC"\r\n'.encode(),
        "name,zone,,\nKöln,UTC,,\n".encode(),
    ],
)
def test_whatever_program_wrote_it(content: bytes) -> None:
    assert [cells for _number, cells in rows(content)] == [{"name": "Köln", "zone": "UTC"}]


def test_the_guess_of_an_encoding_is_told() -> None:
    assert read("name\nKöln".encode("latin-1"), KNOWN, "name").encoding == "Windows-1252"
    assert read("name\nKöln".encode(), KNOWN, "name").encoding == ""


def test_rows_have_the_numbers_of_a_spreadsheet() -> None:
    content = b'name,domains\n"a\nb",x.test\n\n , \nc,"y.test; z.test"\n'
    assert rows(content) == [
        (2, {"name": "a b", "domains": "x.test"}),
        (5, {"name": "c", "domains": "y.test; z.test"}),
    ]
    assert rows(b"name;domains\nc;'y'\n") == [(2, {"name": "c", "domains": "'y'"})]
    assert rows(b"zone,name\nUTC\n") == [(2, {"zone": "UTC"})]


@pytest.mark.parametrize(
    ("content", "row", "column", "got"),
    [
        (b"", 1, "name", "none"),
        (b"zone\nUTC\n", 1, "name", "none"),
        (b"name,colour\na,b\n", 1, "colour", "colour"),
        (b"name,,zone\na,b,c\n", 1, "", "a column without a name"),
        (b"name,name\na,b\n", 1, "name", "2 of them"),
        (b"name\na,b\n", 2, "", "2"),
        (b"name" + b"," * 5_000_000, 1, "", "5000001"),
        (b"name\na\x00b\n", 2, "name", "a control character"),
        (b'name\n"a\n', 2, "", "unexpected end of data"),
        (b'name\n"a"b\n', 2, "", "',' expected after '\"'"),
        (b"PK\x03\x04....", 0, "", "a spreadsheet (.xlsx, .ods)"),
        (b"\xd0\xcf\x11\xe0....", 0, "", "a spreadsheet (.xls)"),
        (b"name\n\x81\x8d", 0, "", "another encoding, or no text"),
        (b"\xff\xfen\x00a", 0, "", "another encoding, or no text"),
        (b"name\n" + b"x" * 200_000, 2, "", "field larger than field limit (131072)"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(content: bytes, row: int, column: str, got: str) -> None:
    [problem] = problems(content)
    assert (problem.row, problem.column, problem.got) == (row, column, got)
    assert problem.expected


def test_unknown_columns_name_the_known_ones() -> None:
    [problem] = problems(b"name,zones\n")
    assert problem.expected == "one of: name, domains, zone"


def test_utf_16_without_its_mark_is_refused() -> None:
    assert problems("name\nKöln".encode("utf-16-le")) != []


def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    assert problems(b"name\na\nb\n\n") == []
    [problem] = problems(b"name\na\nb\nc\n")
    assert problem.expected == "at most 2 rows: share them among several files"
    monkeypatch.setattr(tables, "MOST_BYTES", 2**20)
    [problem] = problems(b"x" * (2**20 + 1))
    assert (problem.expected, problem.got) == ("at most 1 MB", "1.0 MB")


@given(st.binary(max_size=200) | st.text(alphabet='name,;\t\r\n"=x\x00é', max_size=80).map(str.encode))
def test_whatever_it_is_there_is_a_table_or_a_problem(content: bytes) -> None:
    table = read(content, KNOWN, "name")
    assert table.problems or all(set(row.cells) <= set(KNOWN) and row.number > 1 for row in table.rows)
    assert all("\x00" not in cell for row in table.rows for cell in row.cells.values())
