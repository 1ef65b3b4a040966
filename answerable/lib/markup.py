"""Hostile markup made tame before a real parser sees it, and the tags of sanitised HTML; both in linear time.

Nothing here makes anything safe to show: that is `lib.html.clean`, always, and last.
"""

import html as entities
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple


def names(words: str) -> frozenset[str]:
    """A set of names written as one line of prose."""
    return frozenset(words.split())


VOID = frozenset({"br", "hr", "img", "wbr", "col"})
TAGS = names("""
    a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em
    figcaption figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike
    strong sub sup table tbody td tfoot th thead tr tt u ul var wbr
""")
# Their whole content is dropped, not only the tag.
DROPPED = names("script style title svg math template iframe object noembed noframes")
ATTRIBUTES = names("""
    abbr align alt bgcolor border cellpadding cellspacing color colspan dir face height href lang rowspan size src
    start style title valign width
""")
MARKS = frozenset({"class", "id", "type"})  # only to recognise quotes by; `clean` drops them

# html5's tree builder re-opens every open one of these in each new block: 3,000 `<font><p>` took it four seconds.
_FORMATTING = names("a b big code em font i s small strike strong tt u")
_BARRIERS = frozenset({"table", "td", "th", "caption"})
_CLOSES_P = names("address blockquote center div dl figcaption figure h1 h2 h3 h4 h5 h6 hr ol p pre table ul")
_SIBLINGS = {
    "li": frozenset({"li"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "tr": frozenset({"tr"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
}
_SIBLING_SCOPE = frozenset({"ul", "ol", "dl", "table"})

_WINDOW = 8192  # a tag longer than this is text
_DEPTH = 150
_TAG_COUNT = 50_000  # the longest newsletters have some thousand
_FORMATTING_WORK = 200_000
_FAILURES = 2_000
_RUN = 8_000  # characters of one text node: nh3 scans the rest of the node at each ampersand (40 s for 2 MB of them)

_TAG = re.compile(r"""<(/?)([a-zA-Z][a-zA-Z0-9]{0,30})((?:[^"'<>]|"[^"]*"|'[^']*')*+)>""")
_ATTRIBUTE = re.compile(r"""([a-zA-Z][a-zA-Z-]{0,30})\s{0,20}=\s{0,20}("[^"]*"|'[^']*'|[^\s"'<>]+)""")
_ANY_TAG = re.compile(r"<[^<>]{1,8192}>")
_RAW_END = {name: re.compile(f"</{name}[^>]*>?", re.IGNORECASE) for name in DROPPED}


@lru_cache(1)  # the same source is cleaned, and searched for quotes
def tame(html: str) -> str:
    """The same document, well-formed and shallow, in time linear in its length whatever it holds.

    Needed because html5 parsing is quadratic in open elements. Unknown tags go, text stays; past a limit tags go too.
    """
    return _Tamer(html).run()


class _Tamer:
    """One walk over the source with a stack of open elements; what it emits always nests properly."""

    def __init__(self, html: str) -> None:
        self.html = html
        self.out: list[str] = []
        self.stack: list[str] = []
        self.open: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()  # openings left out, whose closings must be left out too
        self.formatting = 0
        self.work = 0
        self.seen = 0
        self.failures = 0
        self.run_length = 0  # characters written since the last tag

    def run(self) -> str:
        pos = 0
        while self.seen <= _TAG_COUNT and self.failures <= _FAILURES:
            start = self.html.find("<", pos)
            if start < 0:
                break
            self._text(self.html[pos:start])
            pos = self._markup(start)
        rest = self.html[pos:]
        self._text(_ANY_TAG.sub(" ", rest) if self.seen > _TAG_COUNT else rest)
        while self.stack:
            self._pop()
        return "".join(self.out)

    def _text(self, source: str) -> None:
        text = entities.unescape(source) if "&" in source else source
        for start in range(0, len(text), _RUN):
            piece = text[start : start + _RUN]
            self.run_length += len(piece)
            if self.run_length > _RUN:
                self._emit("<wbr>")
            self.out.append(_escaped(piece))

    def _emit(self, tag: str) -> None:
        self.run_length = 0
        self.out.append(tag)

    def _markup(self, start: int) -> int:
        """Deal with what begins at this `<`; returns where to go on."""
        html, n = self.html, len(self.html)
        following = html[start + 1 : start + 2]
        if html.startswith("<!--", start):
            end = html.find("-->", start + 4)
            return n if end < 0 else end + 3
        if following in ("!", "?"):
            end = html.find(">", start)
            return n if end < 0 else end + 1
        tag = _TAG.match(html, start, min(start + _WINDOW, n))
        if tag is None:
            self.failures += 1
            self._text("<")
            return start + 1
        name = tag[2].lower()
        if name in DROPPED:
            return self._skip(name, tag) if not tag[1] else tag.end()
        self.seen += 1
        if name in TAGS:
            if tag[1]:
                self._close(name)
            else:
                self._open(name, tag[3])
        return tag.end()

    def _skip(self, name: str, tag: re.Match[str]) -> int:
        if tag[3].endswith("/"):
            return tag.end()
        end = _RAW_END[name].search(self.html, tag.end())
        return end.end() if end else len(self.html)

    def _open(self, name: str, attributes: str) -> None:
        if name in _CLOSES_P:
            self._close_above({"p"}, _BARRIERS)
        if name in _SIBLINGS:
            self._close_above(_SIBLINGS[name], _SIBLING_SCOPE)
        self.work += self.formatting
        heavy = name in _FORMATTING
        exhausted = self.work > _FORMATTING_WORK
        while exhausted and self.formatting:
            self._pop()
        if name not in VOID and (len(self.stack) >= _DEPTH or (heavy and exhausted)):
            self.refused[name] += 1
            return
        self._emit(f"<{name}{_attributes(attributes)}>")
        if name not in VOID:
            self.stack.append(name)
            self.open[name] += 1
            self.formatting += heavy

    def _close(self, name: str) -> None:
        if self.refused[name]:
            self.refused[name] -= 1
        else:
            self._close_above({name}, frozenset({"table"}) if name in _BARRIERS else _BARRIERS - {name})

    def _close_above(self, names: frozenset[str] | set[str], scope: frozenset[str]) -> None:
        """Close the innermost of `names` and all inside it, unless an element of `scope` stands between."""
        if not any(self.open[name] for name in names):
            return
        for depth in range(len(self.stack) - 1, -1, -1):
            if self.stack[depth] in names:
                while len(self.stack) > depth:
                    self._pop()
                return
            if self.stack[depth] in scope:
                return

    def _pop(self) -> None:
        name = self.stack.pop()
        self.open[name] -= 1
        self.formatting -= name in _FORMATTING
        self._emit(f"</{name}>")


def _attributes(source: str) -> str:
    out = []
    for match in _ATTRIBUTE.finditer(source):
        name = match[1].lower()
        if name in ATTRIBUTES or name in MARKS:
            value = match[2][1:-1] if match[2][0] in "\"'" else match[2]
            out.append(f' {name}="{_escaped(entities.unescape(value))}"')
    return "".join(out)


def _escaped(text: str) -> str:
    text = text.replace("&", "&#38;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace('"', "&quot;").replace("\u00a0", "&nbsp;")


class Tag(NamedTuple):
    """A tag of sanitised HTML, with its place in the source."""

    closing: bool
    name: str
    attributes: str
    start: int
    end: int


# What nh3 writes: every attribute quoted, no stray "<" anywhere. Do not use it on anything else.
CANONICAL_TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)((?: [^\s=<>"]+="[^"]*")*)>')
_CANONICAL_ATTRIBUTE = re.compile(r' ([^\s=<>"]+)="([^"]*)"')


def tags(clean_html: str) -> Iterator[Tag]:
    """The tags of sanitised HTML, in order."""
    for match in CANONICAL_TAG.finditer(clean_html):
        yield Tag(bool(match[1]), match[2], match[3], match.start(), match.end())


def attributes(source: str) -> dict[str, str]:
    """The attributes of a `Tag`, entities resolved; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _CANONICAL_ATTRIBUTE.finditer(source):
        found.setdefault(match[1], unescape(match[2]))
    return found


def unescape(text: str) -> str:
    """The five entities that nh3 writes, and no others."""
    if "&" not in text:
        return text
    text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&nbsp;", "\u00a0")
    return text.replace("&amp;", "&")
