"""Tables that people bring as CSV, from whatever program: rows by the names of columns, and what is wrong."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

MOST_BYTES = 10 * 1024 * 1024
MOST_ROWS = 50_000
MOST_COLUMNS = 100
# How much of a wrong cell is said.
LONGEST_SAID = 80

_SHEETS = {b"PK\x03\x04": ".xlsx, .ods", b"\xd0\xcf\x11\xe0": ".xls"}
_SEPARATORS = (",", ";", "\t")
# As much of the header as tells what parts its cells.
_LOOKED_AT = 4096
# What some programs write above the header for Excel.
_HINT = re.compile(r'\s*"?sep=([,;\t])"?\s*', re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Problem:
    """What is wrong in which row (as spreadsheet programs count; 0: the file) and column ("": the row)."""

    row: int
    column: str
    expected: str
    got: str


@dataclass(frozen=True)
class Row:
    """A row below the header: its number, and its cells by column; of the columns that the file has, each."""

    number: int
    cells: dict[str, str]

    def get(self, column: str) -> str:
        """The cell, "" where it or its column is missing."""
        return self.cells.get(column, "")


@dataclass
class Table:
    """What was read. `encoding` is a name to show where it was guessed, else ""."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    encoding: str = ""

    def wrong(self, row: int, column: str, expected: str, got: str) -> None:
        """One problem more."""
        self.problems.append(Problem(row, column, expected, shortened(got)))


def shortened(text: str) -> str:
    """As much of a cell as an error repeats."""
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}…"


def read(content: bytes, known: Sequence[str], required: str) -> Table:
    """The table. `known` are the columns that it may have in any order, `required` is the one that it must have."""
    table = Table()
    text = _decoded(content, table)
    if text is None:
        return table
    lines = io.StringIO(text, newline="")
    reader = csv.reader(lines, delimiter=_separator(lines, known), strict=True)
    records = enumerate(reader, start=1)
    try:
        header = _header(records, known, required, table)
        if header is not None:
            _read_rows(records, header, table)
    except csv.Error as error:
        table.wrong(reader.line_num, "", _("a row of cells, each quote of which is closed"), str(error))
    return table


def _decoded(content: bytes, table: Table) -> str | None:
    if len(content) > MOST_BYTES:
        table.wrong(0, "", _("at most %s MB") % (MOST_BYTES // 2**20), f"{len(content) / 2**20:.1f} MB")
        return None
    for mark, names in _SHEETS.items():
        if content.startswith(mark):
            table.wrong(0, "", _("text: save the sheet as CSV"), _("a spreadsheet (%s)") % names)
            return None
    try:
        return _text(content, table)
    except UnicodeDecodeError:
        table.wrong(0, "", _("text in UTF-8, UTF-16 or Windows-1252"), _("another encoding, or no text"))
        return None


def _text(content: bytes, table: Table) -> str:
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What Excel writes west of Warsaw, and the only guess that is made: the page says so.
        text = content.decode("windows-1252")
        table.encoding = "Windows-1252"
        return text


def _separator(lines: io.StringIO, known: Sequence[str]) -> str:
    """What parts the cells: by the first line, the one that finds the most names. Leaves `lines` at the header."""
    start = lines.tell()
    first = lines.readline()
    hint = _HINT.fullmatch(first)
    if hint:
        return hint[1]
    lines.seek(start)
    return max(_SEPARATORS, key=lambda one: sum(_name(cell) in known for cell in first[:_LOOKED_AT].split(one)))


def _name(cell: str) -> str:
    return cell.strip().strip('"').strip().casefold()


def _header(
    records: Iterator[tuple[int, list[str]]], known: Sequence[str], required: str, table: Table
) -> list[str] | None:
    _number, cells = next(records, (1, []))
    if len(cells) > MOST_COLUMNS:
        table.wrong(1, "", _("at most %s columns") % MOST_COLUMNS, str(len(cells)))
        return None
    header = [_name(cell) for cell in cells]
    while header and not header[-1]:
        header.pop()
    for name in header:
        if name not in known:
            table.wrong(1, name, _("one of: %s") % ", ".join(known), name or _("a column without a name"))
        elif header.count(name) > 1 and not any(problem.column == name for problem in table.problems):
            table.wrong(1, name, _("each column once"), _("%s of them") % header.count(name))
    if required not in header:
        table.wrong(1, required, _("a column of this name"), _("none"))
    return None if table.problems else header


def _read_rows(records: Iterator[tuple[int, list[str]]], header: list[str], table: Table) -> None:
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        if len(table.rows) >= MOST_ROWS:
            table.wrong(0, "", _("at most %s rows: share them among several files") % MOST_ROWS, _("more"))
            return
        if any(cell.strip() for cell in cells[len(header) :]):
            table.wrong(number, "", _("%s cells, as in the header") % len(header), str(len(cells)))
            continue
        values = {name: " ".join(cell.split()) for name, cell in zip(header, cells, strict=False)}
        odd = next((name for name, cell in values.items() if _CONTROL.search(cell)), None)
        if odd is not None:
            table.wrong(number, odd, _("text"), _("a control character"))
            continue
        table.rows.append(Row(number, values))
