"""CSV that people open in a spreadsheet program: UTF-8, and no cell that such a program would run."""

import csv
from collections.abc import Iterable, Iterator, Sequence

# A cell that begins so is a formula to Excel, LibreOffice and Google Sheets.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | None


def safe_cell(value: Cell) -> Cell:
    """The cell as text that stays text. Numbers are ours and stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def lines(rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A line for each row, as it is asked for. The byte order mark is for Excel, which would guess another encoding."""
    writer = csv.writer(_Echo())
    yield b"\xef\xbb\xbf"
    for row in rows:
        yield writer.writerow([safe_cell(cell) for cell in row]).encode()


class _Echo:
    """What csv.writer writes to: it gives the line back."""

    def write(self, line: str) -> str:
        return line
