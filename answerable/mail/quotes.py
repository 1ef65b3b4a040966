"""The new words of an answer, without what it quotes (email contract E-64): one pass over the lines.

In doubt nothing is cut: answers between quoted lines stay with them, and a forward stays whole.
"""

import re
from typing import NamedTuple

from answerable.mail.quote_words import FORWARDED, HEADER_KIND, LEAD, ORIGINAL, REPLY_MARKS, WROTE

_LONGEST = 1_000  # a longer line announces nothing
_WORK = 200_000  # characters looked at more closely; a real message has some hundred
_DIRECTION_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_QUOTED = re.compile(r"[ \t]{0,3}>(?!From )")
_RULES = re.compile(r"[-_=*\s]*")
_KEY = re.compile(r"[\s*]{0,10}([^\W\d_][^\n:：*]{0,20}?)\s{0,3}\*{0,2}\s?[:：]")
_MOMENT = re.compile(r"\b(?:19|20)\d\d\b|\d{1,2}[:.h]\d\d\b|\d{4}年")
_YEAR_AND_TIME = re.compile(r"\b(?:19|20)\d\d\b.{0,40}\d{1,2}[:.]\d\d\b")
_MAILBOX = re.compile(r"[^\s<>@]@[^\s<>@]")
_NAMED_LAST = re.compile(r",[^,]{2,80}$")


class Split(NamedTuple):
    """`new`: what an answer adds to what it quotes. `is_forward`: the mark of a forward comes before any quote."""

    new: str
    is_forward: bool


def split(text: str) -> Split:
    """The new words; the whole text where nothing is recognised, where nothing would be left, and of a forward."""
    lines = text.split("\n")
    quotes = _Quotes(lines)
    spans = quotes.spans()
    if not spans:
        return Split(text, quotes.forwarded)
    head, tail = lines[: spans[0][0]], lines[spans[-1][1] :]
    while head and _RULES.fullmatch(head[-1][:_LONGEST]):
        head.pop()
    found = "\n".join([*head, *([""] if head and tail else []), *tail]).strip("\n")
    return Split(found if found.strip() else text, is_forward=False)


def header_kind(line: str) -> str:
    """from, date, to or subject, where a line of the text is such a field of an older mail; else empty."""
    found = _KEY.match(line[:_LONGEST])
    return HEADER_KIND.get(found[1].strip().lower(), "") if found else ""


def _has_words(lines: list[str]) -> bool:
    return any(line.strip() for line in lines)


def _is_quoted(line: str) -> bool:
    return line[:1] in (">", " ", "\t") and _QUOTED.match(line) is not None


class _Quotes:
    """Looks for quotes from the top down."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.forwarded = False
        self.work = _WORK

    def spans(self) -> list[tuple[int, int]]:
        """The quotes with the lines that announce them, as half-open ranges of lines.

        None for a forward, and none where words stand between two quotes: those are answers to what surrounds them.
        """
        found: list[tuple[int, int]] = []
        at = answered = 0
        while at < len(self.lines):
            start, end = self._quote(at)
            self.forwarded = self.forwarded and not found
            if self.forwarded:
                return []
            if end > at:
                if found and _has_words(self.lines[answered : max(start, answered)]):
                    return []
                found.append((max(start, answered), end))
                answered = end
            at = max(end, at + 1)
        return found

    def _quote(self, at: int) -> tuple[int, int]:
        """The quote that begins with this line, empty if none does."""
        line = self.lines[at]
        if not line:
            return (at, at)
        return (at, self._end_of_quote(at)) if _is_quoted(line) else self._announced(at)

    def _end_of_quote(self, at: int) -> int:
        """After the last of the quoted lines that follow, blank lines between them included."""
        end = at
        while at < len(self.lines) and (_is_quoted(self.lines[at]) or not self.lines[at].strip()):
            if self.lines[at].strip():
                end = at + 1
            at += 1
        return end

    def _announced(self, at: int) -> tuple[int, int]:
        """The quote that this line announces; an empty range if it announces none."""
        line = self.lines[at]
        ruled = line[0] in "-_=* "
        if len(line) > _LONGEST or self.work < 0 or not (ruled or ":" in line or "：" in line or "##" in line):
            return (at, at)
        self.work -= len(line) + 20
        self.forwarded = bool((ruled or line[-1] in ":：-") and FORWARDED.match(line))
        if self.forwarded:
            return (at, at)
        if (ruled and ORIGINAL.fullmatch(line.strip())) or ("##" in line and any(mark in line for mark in REPLY_MARKS)):
            return (at, self._end_of_history(at + 1))
        if self._is_header_block(at):
            return (at, self._end_of_history(at + 1))
        return self._attributed(at)

    def _end_of_history(self, at: int) -> int:
        """Old mail without quote marks goes on to the end; with them, text below them is new."""
        for index in range(at, min(at + 12, len(self.lines))):
            if _is_quoted(self.lines[index]):
                return self._end_of_quote(index)
        return len(self.lines)

    def _is_header_block(self, at: int) -> bool:
        """`From:`, then at least two of date, to and subject within the next lines."""
        if self._kind(at) != "from":
            return False
        kinds = {self._kind(index) for index in range(at + 1, min(at + 9, len(self.lines)))}
        return len(kinds & {"date", "to", "subject"}) >= 2

    def _kind(self, at: int) -> str:
        return header_kind(self.lines[at])

    def _attributed(self, at: int) -> tuple[int, int]:
        """`On …, … wrote:` on one to three lines. Without quoted lines below, it must name a moment and a mailbox."""
        if _tidy(self.lines[at])[-1:] not in (":", "："):
            return (at, at)
        following = next((i for i in range(at + 1, min(at + 4, len(self.lines))) if self.lines[i].strip()), None)
        quoted = following is not None and _is_quoted(self.lines[following])
        end = self._end_of_quote(following) if quoted and following else len(self.lines)
        found = (at, at)
        for start in self._beginnings(at):
            words = " ".join(_tidy(line) for line in self.lines[start : at + 1]).replace("< ", "<")
            self.work -= len(words)
            if not _is_attribution(words, quoted=quoted):
                continue
            if LEAD.match(words) and (start == at or _MOMENT.search(words)):
                return (start, end)
            found = found if found[1] > at else (start, end)
        return found

    def _beginnings(self, at: int) -> list[int]:
        """Where an attribution that ends here may begin."""
        found = [at]
        while len(found) < 3 and self._continues(found[-1]):
            found.append(found[-1] - 1)
        return found

    def _continues(self, at: int) -> bool:
        """The line before may belong to the one at `at`."""
        before = self.lines[at - 1] if at else ""
        return bool(before.strip()) and len(before) <= _LONGEST and not _is_quoted(before)


def _tidy(line: str) -> str:
    return _DIRECTION_MARKS.sub("", line.replace("\u00a0", " ")).strip(" \t*_")


def _is_attribution(words: str, *, quoted: bool) -> bool:
    wrote = WROTE.search(words) is not None
    if not wrote and not _ends_in_mailbox(words):
        return False
    moment = _MOMENT.search(words) is not None
    if quoted:
        # Quoted lines follow: no further proof is needed where somebody "wrote".
        return wrote or moment
    if moment and _MAILBOX.search(words):
        return True
    return all(pattern.search(words) for pattern in (_YEAR_AND_TIME, _NAMED_LAST)) and LEAD.match(words) is not None


def _ends_in_mailbox(words: str) -> bool:
    head = words.rstrip(" :：)")
    return head.endswith(">") and "@" in head[head.rfind("<") :]
