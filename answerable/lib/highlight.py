"""The piece of a text in which words were found, cut in pieces that are hits or not: text, never HTML."""

import re
from collections.abc import Collection

from answerable.lib.folding import fold_placed

Pieces = list[tuple[str, bool]]

LENGTH, BEFORE = 180, 50
_CHUNK, _OVERLAP = 2000, 100


def hits(words: Collection[str], prefixes: Collection[str] = ()) -> re.Pattern[str] | None:
    """What finds these folded words (and words that begin with `prefixes`) in folded text; None: nothing to find."""
    parts = [re.escape(word) for word in words] + [re.escape(word) + r"[^\W_]*" for word in prefixes]
    parts.sort(key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(parts)})(?![^\W_])") if parts else None


def snippet(text: str, pattern: re.Pattern[str] | None) -> Pieces:
    """Around the first hit; the beginning where there is none."""
    text = " ".join(text.split())
    if pattern is None:
        return _cut(text, 0, None)
    for start in range(0, len(text), _CHUNK - _OVERLAP):
        folded, places = fold_placed(text[start : start + _CHUNK])
        found = pattern.search(folded)
        if found:
            return _cut(text, start + places[found.start()], pattern)
    return _cut(text, 0, None)


def marked(text: str, pattern: re.Pattern[str] | None) -> Pieces:
    """The whole text."""
    if pattern is None:
        return [(text, False)]
    folded, places = fold_placed(text)
    pieces, done = [], 0
    for found in pattern.finditer(folded):
        # One letter may be several words when it is folded (¼ is 1⁄4).
        start, end = max(done, places[found.start()]), places[found.end() - 1] + 1
        pieces += [(text[done:start], False), (text[start:end], True)]
        done = max(done, end)
    pieces.append((text[done:], False))
    return [piece for piece in pieces if piece[0]]


def _cut(text: str, at: int, pattern: re.Pattern[str] | None) -> Pieces:
    start = max(0, at - BEFORE)
    if start:  # not in the middle of a word
        blank = text.find(" ", start, at)
        start = blank + 1 if blank >= 0 else start
    end = min(len(text), start + LENGTH)
    if end < len(text):
        blank = text.rfind(" ", start + LENGTH // 2, end)
        end = blank if blank >= 0 else end
    pieces = marked(text[start:end], pattern)
    return [*([("… ", False)] if start else []), *pieces, *([(" …", False)] if end < len(text) else [])]
