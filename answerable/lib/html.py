"""HTML from outside and for outside: cleaning, plain text both ways, Markdown, and the one place that marks text safe.

Everything that ends on a page went through nh3 last (`clean`); nothing here sanitises by itself.
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import unquote

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from answerable.lib import markup, words

_LINK_REL = "noopener noreferrer nofollow"
# No property here takes a url() by its grammar, moves text over the page, or hides the frame around it.
_STYLES = markup.names("""
    background-color border border-bottom border-bottom-color border-bottom-style border-bottom-width border-collapse
    border-color border-left border-left-color border-left-style border-left-width border-right border-right-color
    border-right-style border-right-width border-spacing border-style border-top border-top-color border-top-style
    border-top-width border-width color direction display font font-family font-size font-style font-variant font-weight
    height letter-spacing line-height list-style-type margin margin-bottom margin-left margin-right margin-top max-width
    min-width padding padding-bottom padding-left padding-right padding-top table-layout text-align text-decoration
    text-indent text-transform vertical-align white-space width word-break word-wrap
""")
# No function but a colour's, and nothing below zero: a negative margin or indent moves words over what is outside.
_FORBIDDEN_STYLE = re.compile(
    r"(?<!rgb)(?<!rgba)(?<!hsl)(?<!hsla)\(|url|expression|javascript|import|image|[\\@<>{}]|/\*|(?<![\w-])-\s*[.\d]",
    re.IGNORECASE,
)
_URL_HOLDERS = frozenset({"href", "src"})
_ATTRIBUTES = markup.ATTRIBUTES - _URL_HOLDERS | {"style"}
_SCHEMES = frozenset({"http", "https", "mailto", "tel"})

# Below these, html5 parsing is quick whatever the markup (measured); above, it is tamed first.
_MANY_TAGS = 300
_MANY_ENTITIES = 3_000
_LONG = 60_000
_BLANKS = re.compile(r"[\x00-\x20]+")
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_REMOTE = re.compile("https?:", re.IGNORECASE)
_IMAGE_SOURCE = re.compile(r' src="([^"]*)"')


def _filter(_tag: str, name: str, value: str) -> str | None:
    if name == "style":
        kept = [part for part in value.split(";") if not _FORBIDDEN_STYLE.search(part)]
        return ";".join(kept) if any(part.strip() for part in kept) else None
    # Browsers and nh3 read past line ends in a scheme.
    if name == "href" and _BLANKS.sub("", value[:200]).lower().startswith("cid:"):
        return None
    return value


def _cleaner(extra: frozenset[str]) -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=markup.TAGS,
        clean_content_tags=markup.DROPPED,
        attributes={"*": _ATTRIBUTES | extra, "a": {"href"}, "img": {"src"}},
        attribute_filter=_filter,
        link_rel=_LINK_REL,
        set_tag_attribute_values={"a": {"target": "_blank"}},
        url_schemes=_SCHEMES | {"cid"},
        url_relative="deny",
        filter_style_properties=_STYLES,
    )


_CLEANER = _cleaner(frozenset())
_OUTLINER = _cleaner(markup.MARKS)


def clean(html: str, image: Callable[[str], int | None] | None = None) -> str:
    """Sanitised HTML of untrusted HTML (email contract E-63), never raising, in linear time.

    Remote images keep their address in `data-remote-src` and load nothing. `image` turns the X of `cid:X` into the
    number of the file that it names, kept in `data-attachment` for `with_images`; None means there is no such file.
    """
    try:
        cleaned = _CLEANER.clean(_prepared(html))
    except ValueError:
        return from_text(html)
    if "<img" not in cleaned:
        return cleaned.strip()

    def tag(match: re.Match[str]) -> str:
        if match[2] != "img":
            return match[0]
        return f"<img{_IMAGE_SOURCE.sub(lambda source: _source(source[1], image), match[3])}>"

    return markup.CANONICAL_TAG.sub(tag, cleaned).strip()


def _source(value: str, image: Callable[[str], int | None] | None) -> str:
    """What stands for an image's `src` (as escaped in the source) after cleaning."""
    address = value.strip()
    if not address.lower().startswith("cid:"):
        return f' data-remote-src="{address}"' if _REMOTE.match(address) else ""
    number = image(unquote(markup.unescape(address[4:]))) if image else None
    return "" if number is None else f' data-attachment="{number}"'


def outline(html: str) -> str:
    """Cleaned like `clean`, but with `class`, `id` and `type` and image sources kept, so that quotes can be recognised.

    Not for showing: give it to `clean` again.
    """
    try:
        return _OUTLINER.clean(_prepared(html))
    except ValueError:
        return from_text(html)


def _prepared(html: str) -> str:
    html = _NOT_TEXT.sub("", html)
    risky = len(html) > _LONG or html.count("<") > _MANY_TAGS or html.count("&") > _MANY_ENTITIES
    return markup.tame(html) if risky else html


def with_images(clean_html: str, urls: Mapping[int, str]) -> str:
    """What `clean` made, with the addresses of the message's own images filled in, and of links to an article's files;
    the others stay without."""

    def tag(match: re.Match[str]) -> str:
        holder = {"img": "src", "a": "href"}.get(match[2])
        if holder is None:
            return match[0]
        number = markup.attributes(match[3]).get("data-attachment", "")
        url = urls.get(int(number)) if number.isdecimal() else None
        return f'<{match[2]} {holder}="{escape(url)}"{match[3]}>' if url else match[0]

    return markup.CANONICAL_TAG.sub(tag, clean_html)


_LINK = re.compile(r"https?://[^\s<>\"'\u00a0]{1,2000}")
_LINK_TAIL = ".,;:!?)]}*_"
_PARAGRAPHS = re.compile(r"\n(?:[ \t]*\n)+")


def from_text(text: str) -> str:
    """Plain text as HTML: escaped, addresses linked, blank lines as paragraphs, indentation kept."""
    text = _NOT_TEXT.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        return ""
    return "".join(f"<p>{_linked(part, _escaped)}</p>" for part in _PARAGRAPHS.split(text))


# The class is ours: what comes from outside has lost its own.
_COLUMNS = '<pre class="columns">'
_WIDEST = 200
# Columns or indentation: what its writer saw in type of one width.
_LAID_OUT = re.compile(r"(?: {2,}|\t)(?![*•–-] |\d{1,3}[.)] )\S|[^\n]*?\S(?: {3,}|\t)\S")


def from_mail(text: str) -> str:
    """Plain text of a mail: as `from_text`, and what is laid out by blanks (code, logs, tables) keeps its columns."""
    text = _NOT_TEXT.sub("", text).replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    if not text.strip():
        return ""
    out = [
        f"{_COLUMNS}{_linked(part, _plainly)}</pre>" if _is_laid_out(part) else f"<p>{_linked(part, _escaped)}</p>"
        for part in _PARAGRAPHS.split(text)
    ]
    return "".join(out).replace(f"</pre>{_COLUMNS}", "\n\n")


def _is_laid_out(paragraph: str) -> bool:
    lines = paragraph.split("\n")
    if len(lines) == 1:
        return paragraph.startswith(("    ", "\t"))
    return max(map(len, lines)) <= _WIDEST and 2 * sum(_LAID_OUT.match(line) is not None for line in lines) >= len(
        lines
    )


def _plainly(text: str) -> str:
    return str(escape(text))


def _linked(text: str, said: Callable[[str], str]) -> str:
    out, pos = [], 0
    for match in _LINK.finditer(text):
        url = match[0].rstrip(_LINK_TAIL)
        if match[0][len(url) :].startswith(")") and "(" in url:
            url += ")"
        out.append(said(text[pos : match.start()]))
        out.append(f'<a href="{escape(url)}" target="_blank" rel="{_LINK_REL}">{escape(url)}</a>')
        pos = match.start() + len(url)
    out.append(said(text[pos:]))
    return "".join(out)


def _escaped(text: str) -> str:
    spaced = str(escape(text)).replace("\t", "    ").replace("  ", "\u00a0 ").replace("\n ", "\n\u00a0")
    return spaced.replace("\n", "<br>")


_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])


def from_markdown(text: str) -> str:
    """What staff write (CommonMark, line breaks kept, tables) as sanitised HTML."""
    return clean(_MARKDOWN.render(_NOT_TEXT.sub("", text)))


def to_text(clean_html: str) -> str:
    """The words of what `clean` made: blocks as lines, lists with their marks, hidden text left out."""
    return words.to_text(clean_html)


def safe(clean_html: str) -> Markup:
    """Marks text as HTML that templates print as it is. Only for what a function of this module returned."""
    return Markup(clean_html)  # noqa: S704  the one place that may, after clean()
