"""Words without capitals and accents, as the database's own `answerable_fold` has them."""

import re
import unicodedata
from functools import lru_cache

_MARKS = re.compile("[\u0300-\u036f]")
_LETTERS = str.maketrans("łøđı", "lodi")
_WORD = re.compile(r"[^\W_]+")


def fold(text: str) -> str:
    """Small letters, no accents. What stands between words stays."""
    if text.isascii():
        return text.lower()
    return _MARKS.sub("", unicodedata.normalize("NFKD", text.lower())).translate(_LETTERS)


def words_of(text: str) -> list[str]:
    """The words of a text, folded."""
    return _WORD.findall(fold(text))


def fold_placed(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place of the one that it came from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    letters = [(_fold_one(letter), place) for place, letter in enumerate(text)]
    return "".join(one for one, _ in letters), [place for one, place in letters for _ in one]


@lru_cache(maxsize=4096)
def _fold_one(letter: str) -> str:
    return fold(letter)
