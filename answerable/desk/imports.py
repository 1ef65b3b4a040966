"""An import as its page shows it: rows in words, a page of them, and all of them as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from answerable.lib.sheets import Cell
from answerable.people.import_terms import (
    CHANGE,
    CREATE,
    ORGANIZATION_COLUMNS,
    PERSON_COLUMNS,
    SAME,
    Change,
    Plan,
    totals,
)

PAGE = 100
MOST_PROBLEMS = 200

EXAMPLES: dict[str, list[Sequence[Cell]]] = {
    "organizations": [
        ORGANIZATION_COLUMNS,
        ["Norrland Energi", "norrland.example; norrland-energi.example", "", "", "Europe/Stockholm"],
        ["Kivu Bank", "kivu.example", "", "", "Africa/Kigali"],
    ],
    "people": [
        PERSON_COLUMNS,
        ["elin@norrland.example", "Elin Berg", "Norrland Energi", "Europe/Stockholm", "sv"],
        ["mbeki@kivu.example", "J. Mbeki", "Kivu Bank", "", ""],
    ],
}


@dataclass(frozen=True)
class Line:
    """A row of the report. `file` is "organizations" or "people"."""

    file: str
    row: int
    outcome: str
    label: str
    changes: tuple[Change, ...]


def outcome_words() -> dict[str, str]:
    """What becomes of a row."""
    return {CREATE: _("new"), CHANGE: _("changed"), SAME: _("unchanged")}


def file_words() -> dict[str, str]:
    """The files by name."""
    return {"organizations": _("Organizations"), "people": _("People")}


def lines(plan: Plan) -> list[Line]:
    """Row by row: those that change first, in the order of the files."""
    both = (("organizations", plan.organizations), ("people", plan.people))
    every = [Line(file, step.row, step.outcome, step.label, step.changes) for file, steps in both for step in steps]
    return sorted(every, key=lambda line: line.outcome == SAME)


def counts(plan: Plan) -> list[tuple[str, int, int, int, int]]:
    """For each file: new, changed, unchanged, mistakes."""
    wrong = {file: len({p.row for name, p in plan.problems if name == file}) for file in file_words()}
    found = []
    for file, steps in (("organizations", plan.organizations), ("people", plan.people)):
        of = totals(steps)
        found.append((file_words()[file], of[CREATE], of[CHANGE], of[SAME], wrong[file]))
    return [row for row in found if any(row[1:])]


def report(plan: Plan) -> Iterator[Sequence[Cell]]:
    """All of it as a table: what is wrong, then what each row does."""
    yield ["file", "row", "outcome", "what", "column", "before", "after", "expected", "got"]
    for file, problem in plan.problems:
        yield [file, problem.row or "", "error", "", problem.column, "", "", problem.expected, problem.got]
    for line in lines(plan):
        for change in line.changes or (Change("", "", ""),):
            cells = [change.column, change.before, change.after]
            yield [line.file, line.row, line.outcome, line.label, *cells, "", ""]
