"""What differs between two texts, line by line, with a few lines around each change. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Line:
    """One line: "same", "gone" or "new", with its number in the old and in the new text (None: it is not there)."""

    kind: str
    old: int | None
    new: int | None
    text: str


def hunks(old: str, new: str, around: int = 3) -> list[list[Line]]:
    """The places that differ, in order; none where the texts are the same."""
    before, after = old.splitlines(), new.splitlines()
    groups = SequenceMatcher(None, before, after).get_grouped_opcodes(around)
    return [[line for code in group for line in _lines(code, before, after)] for group in groups]


def _lines(code: tuple[str, int, int, int, int], before: Sequence[str], after: Sequence[str]) -> Iterator[Line]:
    kind, old, old_end, new, new_end = code
    if kind == "equal":
        for step, text in enumerate(before[old:old_end], start=1):
            yield Line("same", old + step, new + step, text)
        return
    for number, text in enumerate(before[old:old_end], start=old + 1):
        yield Line("gone", number, None, text)
    for number, text in enumerate(after[new:new_end], start=new + 1):
        yield Line("new", None, number, text)
