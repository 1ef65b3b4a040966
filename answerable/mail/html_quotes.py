"""The new words of an answer in HTML (email contract E-64): whole elements that mail programs put around a quote go.

Works on what `lib.html.outline` made; gives HTML that must be cleaned again. In doubt nothing is cut.
"""

import re
from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

from answerable.lib import html, markup
from answerable.mail.quote_words import LEAD, REPLY_MARKS, WROTE

# Looked for in the source first: most mail has none of them, and then there is nothing to do.
_HINTS = (
    "gmail_quote", "cite", "divrplyfwdmsg", "appendonsend", "yahoo_quoted", "protonmail_quote", "border-top", "##",
    "zmail_extra", "tutanota_quote", "reference-message", "stopspelling", "outlookmessageheader", "<blockquote",
)  # fmt: skip
_QUOTE_CLASSES = frozenset({
    "gmail_quote", "gmail_quote_container", "yahoo_quoted", "protonmail_quote", "tutanota_quote", "zmail_extra",
    "moz-cite-prefix", "moz-signature-prefix",
})  # fmt: skip
_HISTORY_IDS = re.compile(r"(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|mail-editor-reference-message-container)")
_HISTORY_CLASSES = frozenset({"OutlookMessageHeader", "ms-outlook-mobile-reference-message"})
_OUTLOOK_RULE = re.compile(r"border-top:\s?solid #(?:e1e1e1|b5c4df)", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^>]*>")
# So far before an unmarked blockquote the line that announces it may begin.
_FAR = 600
_DIGIT = re.compile(r"\d")
_LINE_ENDS = re.compile(r"<(?:/?(?:p|div|li|td|blockquote|h[1-6])(?: [^>]*)?|br ?/?)>")


class _Span(NamedTuple):
    start: int
    end: int
    is_history: bool


def may_hold_quotes(source: str) -> bool:
    """Whether looking closer is worth it."""
    lowered = source.lower()
    return any(hint in lowered for hint in _HINTS)


def new_words(outline: str) -> str | None:
    """The HTML without its quotes; None where none is recognised, nothing would be left, or answers stand inside."""
    spans = _Finder(outline).run()
    if not spans or _is_interleaved(outline, spans):
        return None
    kept, pos = [], 0
    for span in spans:
        kept.append(outline[pos : span.start])
        pos = span.end
    kept.append(outline[pos:])
    found = "".join(kept)
    return found if _words(found) else None


def _words(source: str) -> str:
    return markup.unescape(_ANY_TAG.sub("", source)).replace("\u00a0", " ").strip()


def _is_interleaved(outline: str, spans: list[_Span]) -> bool:
    return any(_words(outline[one.end : other.start]) for one, other in pairwise(spans)) or any(
        _holds_answers(outline[span.start : span.end]) for span in spans if not span.is_history
    )


def _holds_answers(quote: str) -> bool:
    """Words between or after the blockquotes inside one quote: its author wrote between the lines."""
    depth, end, after = 0, -1, False
    for tag in markup.tags(quote):
        if tag.name != "blockquote":
            continue
        if depth == 0 and not tag.closing and end >= 0 and _words(quote[end : tag.start]):
            return True
        depth += -1 if tag.closing else 1
        if depth == 0:
            end, after = tag.end, True
    return after and bool(_words(quote[end:]))


class _Finder:
    """Finds the outermost quotes, top down."""

    def __init__(self, outline: str) -> None:
        self.outline = outline
        self.found: list[_Span] = []

    def run(self) -> list[_Span]:
        depth = 0
        start = -1  # of the quote that is open
        for tag in markup.tags(self.outline):
            if start >= 0:
                if tag.name not in markup.VOID:
                    depth += -1 if tag.closing else 1
                if depth == 0:
                    self.found.append(_Span(start, tag.end, is_history=False))
                    start = -1
                continue
            if tag.closing:
                continue
            kind = _kind(tag)
            if kind == "history":
                self.found.append(_Span(tag.start, len(self.outline), is_history=True))
                return self.found
            if not kind and tag.name == "blockquote":
                announced = self._announced(tag.start)
                if announced >= 0:
                    start, depth = announced, 1
                continue
            if kind == "quote":
                start, depth = tag.start, 1
        self._marked()
        return self.found

    def _announced(self, place: int) -> int:
        """Where the line "On …, Ann wrote:" right before this place begins; -1: there is none."""
        begin = max(place - _FAR, self.found[-1].end if self.found else 0)
        pieces, pos = [], begin
        for end in _LINE_ENDS.finditer(self.outline, begin, place):
            pieces.append((pos, end.start()))
            pos = end.end()
        pieces.append((pos, place))
        for start, stop in reversed(pieces):
            if words := " ".join(_words(self.outline[start:stop]).split()):
                announces = words.endswith((":", "：")) and LEAD.match(words) and WROTE.search(words)
                return start if announces and _DIGIT.search(words) else -1
        return -1

    def _marked(self) -> None:
        """Our own line above which to answer: what follows is ours."""
        places = [place for mark in REPLY_MARKS if (place := self.outline.find(mark)) >= 0]
        first = self.found[0].start if self.found else len(self.outline)
        if places and min(places) < first:
            self.found = [_Span(min(places), len(self.outline), is_history=True)]


def _kind(tag: markup.Tag) -> str:
    """ "quote": the element is one. "history": all from here on is old. Empty: neither."""
    if not tag.attributes:
        return ""
    values = markup.attributes(tag.attributes)
    classes = set(values.get("class", "").split())
    if _HISTORY_IDS.fullmatch(values.get("id", "")) or classes & _HISTORY_CLASSES:
        return "history"
    if tag.name == "div" and _OUTLOOK_RULE.search(values.get("style", "")):
        return "history"
    is_cite = tag.name == "blockquote" and values.get("type", "").lower() == "cite"
    return "quote" if (is_cite or classes & _QUOTE_CLASSES) and tag.name not in markup.VOID else ""


def reply_of(source: str, image: Callable[[str], int | None]) -> str | None:
    """The sanitised new words of raw HTML; None where nothing is cut."""
    if not may_hold_quotes(source):
        return None
    found = new_words(html.outline(source))
    return html.clean(found, image) if found is not None else None
