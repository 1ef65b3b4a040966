"""What sanitised HTML may hold (email contract E-63), written down a second time, for the tests, by another parser."""

import re
from html.parser import HTMLParser

from answerable.lib.markup import names

_TAGS = names("""
    a abbr address b bdi bdo big blockquote br caption center cite code col colgroup dd del dfn div dl dt em figcaption
    figure font h1 h2 h3 h4 h5 h6 hr i img ins kbd li mark ol p pre q rp rt ruby s samp small span strike strong sub sup
    table tbody td tfoot th thead tr tt u ul var wbr
""")
_ATTRIBUTES = names("""
    abbr align alt bgcolor border cellpadding cellspacing color colspan dir face height lang rowspan size start style
    title valign width
""")
_OF_LINKS = {"href", "target", "rel"}
_OF_IMAGES = {"data-remote-src", "data-attachment"}
_PROPERTIES = re.compile(
    r"(background-color|border(-(top|bottom|left|right))?(-(color|style|width))?|border-(collapse|spacing)|color|direction"
    r"|display|font(-(family|size|style|variant|weight))?|height|letter-spacing|line-height|list-style-type"
    r"|(margin|padding)(-(top|bottom|left|right))?|(max-|min-)?width|table-layout|text-(align|decoration|indent|transform)"
    r"|vertical-align|white-space|word-(break|wrap))"
)
_CUNNING = re.compile(
    r"url|expression|javascript|import|behaviou?r|binding|position|z-index|\\(?!65 )|[@<]|/\*", re.IGNORECASE
)
_BLANKS = re.compile(r"[\x00-\x20]+")
_STRING = re.compile(r'"[^"]*"')
_LINK = re.compile(r"https?:|mailto:|tel:", re.IGNORECASE)
_REMOTE = re.compile(r"https?:", re.IGNORECASE)


def complaints(html: str) -> list[str]:
    """What should not be in it."""
    return _Checker().run(html)


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []

    def run(self, html: str) -> list[str]:
        self.feed(html)
        self.close()
        return self.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _TAGS:
            self.found.append(f"<{tag}>")
        names = [name for name, _ in attrs]
        if len(set(names)) < len(names):
            self.found.append(f"<{tag}> has an attribute twice")
        for name, value in attrs:
            self._attribute(tag, name, value or "")
        if tag == "a" and "href" in names and not {"rel", "target"} <= set(names):
            self.found.append("a link that opens here")

    def _attribute(self, tag: str, name: str, value: str) -> None:
        extra = {"a": _OF_LINKS, "img": _OF_IMAGES}.get(tag, set())
        if name not in _ATTRIBUTES | extra:
            self.found.append(f"<{tag} {name}>")
        elif name == "href" and not _LINK.match(_BLANKS.sub("", value)):
            self.found.append(f"href to {value[:60]!r}")
        elif name == "data-remote-src" and not _REMOTE.match(_BLANKS.sub("", value)):
            self.found.append(f"an image from {value[:60]!r}")
        elif name == "data-attachment" and not value.isdecimal():
            self.found.append(f"attachment {value[:60]!r}")
        elif name == "style":
            self._style(value)

    def _style(self, value: str) -> None:
        for part in _STRING.sub("s", value).split(";"):
            prop, _, setting = part.partition(":")
            if part.strip() and (not _PROPERTIES.fullmatch(prop.strip()) or _CUNNING.search(setting)):
                self.found.append(f"style {part[:60]!r}")

    def handle_comment(self, data: str) -> None:
        self.found.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.found.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.found.append("an instruction")

    def unknown_decl(self, data: str) -> None:
        self.found.append("a marked section")
