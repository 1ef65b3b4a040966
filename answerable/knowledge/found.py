"""What to mark in a text that was found: what was typed, and the other forms of the words that it was found by."""

import re
from collections.abc import Sequence

from answerable.knowledge.asked import Asked

# A stem may end otherwise than its words do (polici: policy, policies), and a word goes on for some letters after it.
_SHORTEST, _ENDING = 3, 4


def found_pattern(words: Sequence[str], looked: Sequence[Asked]) -> re.Pattern[str] | None:
    """Finds in folded text the words that were typed, and those that have the stems that were looked for."""
    if not looked:
        return None
    exact = {words[one.place] for one in looked}
    stems = {_root(one.word) for one in looked}
    parts = [*(re.escape(word) for word in exact), *(rf"{re.escape(stem)}[^\W_]{{0,{_ENDING}}}" for stem in stems)]
    parts.sort(key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])")


def _root(stem: str) -> str:
    return stem[:-1] if len(stem) > _SHORTEST + 1 and stem[-1] in "iey" else stem
