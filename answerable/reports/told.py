"""A comparison of policies for a terminal, and for a program."""

from collections.abc import Iterator, Sequence
from typing import Any

from answerable.reports.figures import Figures
from answerable.reports.replay import Comparison, Line
from answerable.reports.what_if import Outcome

# A terminal shows so many; the JSON has as many as were listed.
SHOWN = 40


def as_text(found: Comparison) -> str:
    """Two tables in plain text."""
    if not found.looked_at:
        return f"No ticket was opened since {found.since:%Y-%m-%d}.\n"
    return "\n".join([*_head(found), "", *_lines(found), "", *_differing(found)]) + "\n"


def _head(found: Comparison) -> Iterator[str]:
    yield f"{found.looked_at} tickets opened since {found.since:%Y-%m-%d}. Nothing was changed."


def _lines(found: Comparison) -> Iterator[str]:
    rows = [_line(one, found.plan_names.get(one.plan, one.plan)) for one in found.sorted_lines]
    heads = ("severity", "plan", "kept", "would be", "broken", "would be", "share", "would be")
    yield from _table([heads, *rows, _line(found.whole, "all")], 2)


def _line(line: Line, plan: str) -> tuple[str, ...]:
    was, would = line.was.figures, line.would_be.figures
    numbers = (was.kept, would.kept, was.broken, would.broken)
    return (line.severity, plan, *(str(number) for number in numbers), was.shown, would.shown)


def _differing(found: Comparison) -> Iterator[str]:
    if not found.differing:
        yield "No promise would have ended otherwise."
        return
    count = len(found.differing) + found.more
    yield f"{count} promises would have ended otherwise:" if count > 1 else "One promise would have ended otherwise:"
    shown = found.differing[:SHOWN]
    yield from _table([_difference(one, found.plan_names) for one in shown], 5)
    if count > len(shown):
        yield f"and {count - len(shown)} more"


def _difference(one: Outcome, names: dict[str, str]) -> tuple[str, ...]:
    return (f"#{one.number}", one.severity, names.get(one.plan, one.plan), one.metric, f"{one.was} → {one.would_be}")


def _table(rows: Sequence[Sequence[str]], words: int) -> Iterator[str]:
    """The first columns are words, to the left; the others numbers, to the right."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for row in rows:
        cells = [
            text.ljust(width) if place < words else text.rjust(width)
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        yield f"  {'  '.join(cells)}".rstrip()


def as_json(found: Comparison) -> dict[str, Any]:
    """Everything, in JSON's types; shares are exact fractions."""
    return {
        "since": found.since.isoformat(),
        "tickets": found.tickets,
        "looked_at": found.looked_at,
        "lines": [
            {"severity": one.severity, "plan": one.plan, "was": _side(one.was.figures)}
            | {"would_be": _side(one.would_be.figures)}
            for one in found.sorted_lines
        ],
        "differing": [vars(one) for one in found.differing],
        "more": found.more,
    }


def _side(figures: Figures) -> dict[str, Any]:
    share = figures.share
    return {
        "kept": figures.kept,
        "broken": figures.broken,
        "excused": figures.excused,
        "share": [share.numerator, share.denominator] if share is not None else None,
    }
