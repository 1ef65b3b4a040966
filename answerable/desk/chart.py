"""The picture of a report: for each month a bar, filled as far as promises were kept. Pure geometry.

Across it counts in percent and upward in pixels, so that it is as wide as its place and its letters stay as they are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from django.utils.formats import date_format

from answerable.desk.report_forms import month_word
from answerable.reports.figures import Figures, floored

TOP, TALL = 20, 112
# A few months stand at the start, no wider than months of a year.
LEAST = 12


@dataclass(frozen=True)
class Bar:
    """A month. `x`, `width` and `middle` in percent; `gap` is what is missing to the top, in pixels."""

    word: str
    letters: str
    year: str
    x: str
    width: str
    middle: str
    gap: int
    share: str
    minor: bool
    figures: Figures


def bars(months: Sequence[datetime], found: Mapping[tuple[int, int], Figures]) -> list[Bar]:
    """From left to right; a month without promises has its place and no bar."""
    slots = max(LEAST, len(months))
    # Of many months, only as many are named as there is room for.
    step = -(-len(months) // LEAST)
    return [
        _bar(month, place, slots, found.get((month.year, month.month), Figures()), step)
        for place, month in enumerate(months)
    ]


def _bar(month: datetime, place: int, slots: int, figures: Figures, step: int) -> Bar:
    slot, year = Fraction(100, slots), _year(month, place, step)
    return Bar(
        word=month_word(month),
        letters=date_format(month, "M") if place % step == 0 else "",
        year=year,
        x=_percent(slot * place + slot * 27 / 100),
        width=_percent(slot * 46 / 100),
        middle=_percent(slot * place + slot / 2),
        gap=_gap(figures),
        share=floored(figures.share) if step == 1 else "",
        minor=place % 3 != 0 and not year,
        figures=figures,
    )


def _year(month: datetime, place: int, step: int) -> str:
    """Under the first month named of each year; under the very first one, unless the next name brings its own."""
    if place == 0:
        return str(month.year) if month.month <= 12 - step or month.month <= step else ""
    return str(month.year) if place % step == 0 and month.month <= step else ""


def _gap(figures: Figures) -> int:
    """Never so small that a broken promise cannot be seen, and nothing if none was broken."""
    if figures.share is None or not figures.broken:
        return 0
    return max(3, round((1 - figures.share) * TALL))


def _percent(value: Fraction) -> str:
    return f"{float(value):.3f}%"
