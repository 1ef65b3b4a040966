"""An article's Markdown as what readers get: safe HTML with places to jump to, a table of contents, plain words."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import unquote

from markdown_it import MarkdownIt

from answerable.lib import html, markup
from answerable.lib.folding import words_of

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_HEADING = re.compile(r"<h([1-4])>(.*?)</h\1>", re.DOTALL)
# A picture of the article's own, or a link to a file of it: ![words](file:NAME), [words](file:NAME).
_OWN = re.compile(r"(?<=\]\()file:", re.IGNORECASE)
_OWN_LINK = re.compile(r'<a href="cid:([^"]*)"')
# What cleaning leaves in place of such a link, while its number is in it. No such host can be.
_HELD = "https://files.invalid/"
_HELD_LINK = re.compile(rf'<a href="{re.escape(_HELD)}(\d+)"')


@dataclass(frozen=True)
class Heading:
    """A place in the article: `level` 2 or 3, `anchor` what an address ends with."""

    level: int
    anchor: str
    title: str


@dataclass(frozen=True)
class Body:
    """The rendered article. `html` is safe; files of its own wait for their addresses (`html.with_images`)."""

    html: str
    text: str
    headings: tuple[Heading, ...]


def render(markdown: str, file: Callable[[str], int | None] = lambda _name: None) -> Body:
    """Read the Markdown. `file` gives the number of a file of the article by its name; None: there is none."""
    source = _OWN.sub("cid:", _NOT_TEXT.sub("", markdown))

    def link(match: re.Match[str]) -> str:
        number = file(unquote(markup.unescape(match[1])))
        return "<a" if number is None else f'<a href="{_HELD}{number}"'

    clean = html.clean(_OWN_LINK.sub(link, _MARKDOWN.render(source)), file)
    clean = _HELD_LINK.sub(r'<a data-attachment="\1"', clean)
    headings: list[Heading] = []
    taken: dict[str, int] = {}

    def place(match: re.Match[str]) -> str:
        # The page has the title as its own first heading.
        level = max(2, int(match[1]))
        title = html.to_text(match[2]).strip()
        anchor = _anchor(title, taken)
        if level <= 3 and title:
            headings.append(Heading(level, anchor, title))
        return f'<h{level} id="{anchor}">{match[2]}</h{level}>'

    return Body(_HEADING.sub(place, clean), html.to_text(clean), tuple(headings))


def headings_of(shown: str) -> tuple[Heading, ...]:
    """The places in what `render` made, read back from it."""
    found = re.findall(r'<h([23]) id="([^"]+)">(.*?)</h\1>', shown, re.DOTALL)
    return tuple(Heading(int(level), anchor, html.to_text(title).strip()) for level, anchor, title in found if title)


def slug_of(title: str) -> str:
    """The readable end of an article's address; "" where the title has no letters we can write."""
    return "-".join(word for word in words_of(title) if word.isascii())[:80].strip("-")


def _anchor(title: str, taken: dict[str, int]) -> str:
    # With a prefix: no heading can take the name of something on the page around it.
    base = "at-" + (slug_of(title)[:60] or "part")
    # `taken` says for each base which number to try next: a thousand headings alike take no longer than others.
    anchor, number = base, taken.get(base, 2)
    while anchor in taken:
        anchor, number = f"{base}-{number}", number + 1
    taken[base] = number
    taken.setdefault(anchor, 2)
    return anchor
