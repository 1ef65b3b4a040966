"""What to show of a text that was found, and what to mark in it: what was typed, and other forms of what was found."""

import re
from collections.abc import Sequence

from answerable.knowledge.asked import Asked

# A stem may end otherwise than its words do (polici: policy, policies), and a word goes on for some letters after it.
_SHORTEST, _ENDING = 3, 4
_CLOSING = ".,:;!?…"


def found_pattern(words: Sequence[str], looked: Sequence[Asked]) -> re.Pattern[str] | None:
    """Finds in folded text the words that were typed, and those that have the stems that were looked for."""
    if not looked:
        return None
    exact = {words[one.place] for one in looked}
    stems = {_root(one.word) for one in looked}
    parts = [*(re.escape(word) for word in exact), *(rf"{re.escape(stem)}[^\W_]{{0,{_ENDING}}}" for stem in stems)]
    parts.sort(key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])")


def in_a_line(text: str) -> str:
    """An article's text without its lines: a heading or a point of a list does not run into what follows it."""
    lines = (" ".join(line.split()).removeprefix("* ") for line in text.splitlines())
    said = [line for line in lines if line]
    ends = [" " if line[-1] in _CLOSING else " · " for line in said]
    return "".join(part for pair in zip(said, ends, strict=True) for part in pair).strip(" ·")


def _root(stem: str) -> str:
    return stem[:-1] if len(stem) > _SHORTEST + 1 and stem[-1] in "iey" else stem
