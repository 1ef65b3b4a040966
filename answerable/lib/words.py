"""Sanitised HTML to plain text: one linear pass, blocks become lines, lists get their marks.

Why not a layout engine: it pads table columns, so a mail of 77 kB became 60 MB of blanks, and it gives up on 300
nested elements, which loses the words. Support needs the words, in reading order.
"""

import re

from answerable.lib import markup

_LINES = markup.names("address blockquote caption center dd div dl dt figcaption figure hr li ol pre table tr ul")
_PARAGRAPHS = markup.names("h1 h2 h3 h4 h5 h6 p")
_CELLS = frozenset({"td", "th"})
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_HIDDEN = re.compile(r'style="[^"]*display:\s{0,9}none')


def to_text(clean_html: str) -> str:
    """The words of what `lib.html.clean` made, without markup. Text hidden by `display:none` is left out."""
    return _Reader(clean_html).run()


class _Reader:
    def __init__(self, html: str) -> None:
        self.html = html
        self.lines: list[str] = []
        self.line: list[str] = []
        self.gap = 0  # line ends owed before the next word
        self.blank_due = False  # one blank owed before the next word of this line
        self.pre = 0
        self.hidden = 0
        self.lists: list[int] = []  # per open list: last number, or -1 for bullets
        self.first_cell = True
        self.fresh_item = False  # a list mark stands alone on its line: what follows joins it

    def run(self) -> str:
        pos = 0
        for tag in markup.tags(self.html):
            if not self.hidden and pos < tag.start:
                self._words(self.html[pos : tag.start])
            pos = tag.end
            self._tag(tag)
        self._words(self.html[pos:])
        self._end_line()
        return "\n".join(self.lines).strip("\n")

    def _tag(self, tag: markup.Tag) -> None:
        if self.hidden:
            if tag.name not in markup.VOID:
                self.hidden += -1 if tag.closing else 1
        elif not tag.closing and tag.name not in markup.VOID and _HIDDEN.search(tag.attributes):
            self.hidden = 1
        elif tag.name == "br":
            self._end_line()
        elif tag.name in _PARAGRAPHS:
            self._break(2)
        elif tag.name in _LINES:
            self._break(1)
            self._block(tag)
        elif tag.name in _CELLS and not tag.closing:
            self._cell()

    def _block(self, tag: markup.Tag) -> None:
        name, step = tag.name, -1 if tag.closing else 1
        if name == "pre":
            self.pre = max(0, self.pre + step)
        elif name == "tr":
            self.first_cell = True
        elif name in ("ul", "ol"):
            if not tag.closing:
                self.lists.append(0 if name == "ol" else -1)
            elif self.lists:
                self.lists.pop()
        elif name == "li" and not tag.closing:
            self._item()

    def _item(self) -> None:
        mark = "* "
        if self.lists and self.lists[-1] >= 0:
            self.lists[-1] += 1
            mark = f"{self.lists[-1]}. "
        self._put("  " * min(len(self.lists) - 1, 10) + mark)
        self.fresh_item = True

    def _cell(self) -> None:
        if not self.first_cell and self.line:
            self.line.append(" ")
            self.blank_due = True
        self.first_cell = False

    def _words(self, source: str) -> None:
        text = markup.unescape(source)
        if self.pre:
            head, *rest = text.replace("\r\n", "\n").split("\n")
            self._put(head)
            for line in rest:
                self._end_line()
                self._put(line)
            return
        text = _BLANKS.sub(" ", text)
        if text[:1] == " ":
            self.blank_due = True
        words = text.strip(" ")
        if words:
            self._put(words)
            self.blank_due = text[-1] == " "

    def _put(self, text: str) -> None:
        if not text:
            return
        if self.gap and not self.fresh_item:
            if self.line:
                self._end_line()
            if self.gap > 1 and self.lines and self.lines[-1]:
                self.lines.append("")
        self.gap = 0
        self.fresh_item = False
        if self.blank_due and self.line:
            self.line.append(" ")
        self.blank_due = False
        self.line.append(text)

    def _break(self, gap: int) -> None:
        self.gap = max(self.gap, gap)
        self.blank_due = False

    def _end_line(self) -> None:
        self.lines.append("".join(self.line).replace("\u00a0", " ").rstrip(" "))
        self.line = []
        self.blank_due = False
