"""The HTML of a mail made ready for where it is read: in a page of ours, on a sheet, in a mail that goes on.

Everything here takes what `lib.html.clean` made and gives HTML that is as safe; pictures get their addresses here.
"""

import re
from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _
from markupsafe import escape

from answerable.lib import markup
from answerable.lib.paper import is_tracker, style_of

_RENAMED = {"font": "span", "center": "div", "big": "span"} | {f"h{level}": "h3" for level in range(1, 7)}
_KEPT = frozenset({"href", "rel", "target", "title", "dir", "lang", "start"})
# A style that carries meaning, as a class of ours: the page's own policy allows no inline style.
_CLASSES: dict[str, tuple[re.Pattern[str], str]] = {
    "font-weight": (re.compile(r"bold|[6-9]00"), "is-strong"),
    "font-style": (re.compile(r"italic|oblique"), "is-slanted"),
    "text-decoration": (re.compile(r"\bline-through"), "is-struck"),
    "white-space": (re.compile(r"pre|break-spaces"), "is-spaced"),
}
_BLANK_PARAGRAPH = re.compile(r"<p>(?:[\s\u00a0]|&nbsp;|<br>|</?span>)*+</p>")

Change = Callable[[str, dict[str, str]], str]


def _rewritten(clean_html: str, change: Change, renamed: Mapping[str, str]) -> str:
    """The same with each opening tag as `change` has it; `renamed`: tags that close by another name."""

    def tag(match: re.Match[str]) -> str:
        if match[1]:
            return f"</{renamed.get(match[2], match[2])}>"
        if not match[3] and match[2] != "img":  # most tags, and a page has thousands
            return f"<{renamed.get(match[2], match[2])}>"
        return change(match[2], markup.attributes(match[3]))

    return markup.CANONICAL_TAG.sub(tag, clean_html)


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    return "<" + name + "".join(f' {key}="{escape(value)}"' for key, value in attributes.items()) + ">"


def _alt(attributes: Mapping[str, str]) -> str:
    return " ".join(attributes.get("alt", "").split())[:200]


def _missing(attributes: Mapping[str, str]) -> str:
    """What stands where a picture is not shown."""
    if is_tracker(attributes):
        return ""
    return f'<span class="no-picture">{escape(_alt(attributes) or _("Picture"))}</span>'


def _attached(attributes: Mapping[str, str], urls: Mapping[int, str]) -> str | None:
    number = attributes.get("data-attachment", "")
    return urls.get(int(number)) if number.isdecimal() and len(number) < 5 else None


def in_page(clean_html: str, urls: Mapping[int, str] | None = None) -> str:
    """For a page of ours, in its own type and colours. `urls`: of the message's pictures, by position."""

    def change(name: str, attributes: dict[str, str]) -> str:
        if name == "pre" and "class" in attributes:  # of our own making: it scrolls, so the keyboard must reach it
            return _tag(name, attributes | {"tabindex": "0"})
        if name == "img":
            return _picture(attributes, _attached(attributes, urls or {}))
        kept = {key: value for key, value in attributes.items() if key in _KEPT}
        if classes := _classes(attributes):
            kept["class"] = classes
        return _tag(_RENAMED.get(name, name), kept)

    return _BLANK_PARAGRAPH.sub("", _rewritten(clean_html, change, _RENAMED))


def _classes(attributes: Mapping[str, str]) -> str:
    if "style" not in attributes:
        return ""
    style = style_of(attributes)
    return " ".join(word for key, (pattern, word) in _CLASSES.items() if pattern.search(style.get(key, "")))


def _picture(attributes: Mapping[str, str], address: str | None) -> str:
    if address is None:
        return _missing(attributes)
    size = {side: attributes[side] for side in ("width", "height") if attributes.get(side, "").isdecimal()}
    return _tag("img", {"src": address, "alt": _alt(attributes) or _("Picture"), **size, "loading": "lazy"})


def on_sheet(clean_html: str, urls: Mapping[int, str], remote: Mapping[str, str]) -> str:
    """For a document of its own, with its styles. `remote`: where pictures of elsewhere come from, by their address."""

    def change(name: str, attributes: dict[str, str]) -> str:
        if name != "img":
            return _tag(name, attributes)
        elsewhere = attributes.pop("data-remote-src", "")
        address = _attached(attributes, urls) or remote.get(elsewhere)
        attributes.pop("data-attachment", None)
        if address is None or is_tracker(attributes):
            return _missing(attributes)
        return _tag("img", {"src": address, **attributes, "alt": _alt(attributes)})

    return _rewritten(clean_html, change, {})


def for_mail(clean_html: str, cids: Mapping[int, str]) -> str:
    """For a mail of ours that carries it on: pictures that go along by their Content-ID, of the others the words."""

    def change(name: str, attributes: dict[str, str]) -> str:
        if name != "img":
            return _tag(name, attributes)
        cid = _attached(attributes, cids)
        for key in ("data-attachment", "data-remote-src"):
            attributes.pop(key, None)
        if cid is None:
            return str(escape(f"[{_alt(attributes)}]")) if _alt(attributes) else ""
        return _tag("img", {"src": f"cid:{cid}", **attributes, "alt": _alt(attributes)})

    return _rewritten(clean_html, change, {}) if "<img" in clean_html else clean_html


def _cut(shown_html: str, at: int) -> tuple[str, str]:
    """Both halves, each with the tags that it needs; `at` stands between two tags or characters."""
    opened: list[markup.Tag] = []
    for tag in markup.tags(shown_html[:at]):
        if tag.closing:
            while opened and opened.pop().name != tag.name:
                pass
        elif tag.name not in markup.VOID:
            opened.append(tag)
    closing = "".join(f"</{tag.name}>" for tag in reversed(opened))
    opening = "".join(shown_html[tag.start : tag.end] for tag in opened)
    return shown_html[:at] + closing, opening + shown_html[at:]


_ANY_TAG = re.compile(r"<[^<>]*>")


def has_words(some_html: str) -> bool:
    """Whether anything is there to be read."""
    return bool(_ANY_TAG.sub("", some_html).replace("&nbsp;", " ").replace("\u00a0", " ").strip())


# A line that holds `-- ` and nothing else, as mail programs write above a signature.
_SIGNATURE = re.compile(
    r"(?:^|<br>|<p(?: [^<>]*)?>|<div(?: [^<>]*)?>|</div>|</p>)\s*(?:<span[^<>]*>)?()--(?: |&nbsp;|\u00a0)?"
    r"(?:</span>)?\s*(?=<br>|</p>|</div>|<div|<p)"
)
_LONGEST_SIGNATURE = 3_000


def folded(shown_html: str) -> tuple[str, str]:
    """Before the signature, and the signature; empty where there is none, or nothing stands before it (E-65)."""
    start = max(0, len(shown_html) - _LONGEST_SIGNATURE)
    found = _SIGNATURE.search(shown_html, start) if "--" in shown_html else None
    if found is None:
        return shown_html, ""
    head, tail = _cut(shown_html, found.start(1))
    return (head, tail) if has_words(head) else (shown_html, "")


def rest_of(whole: str, new: str) -> str:
    """What the whole holds after its new words; all of it where the new words are not its beginning (E-64)."""
    if whole.strip() == new.strip():
        return ""
    at = _in_common(whole, new)
    at = min(_whole_before(whole, at, "<", ">"), _whole_before(whole, at, "&", ";"))
    if has_words(new[at:]):
        return whole
    rest = _cut(whole, at)[1]
    return rest if has_words(rest) or "<img" in rest else ""


def _in_common(one: str, other: str) -> int:
    """How many characters they begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[low:middle] == other[low:middle] else (low, middle - 1)
    return low


def _whole_before(text: str, place: int, opening: str, closing: str) -> int:
    """The same place, or where a tag or an entity begins that it would cut in two."""
    start = text.rfind(opening, max(0, place - 9_000), place)
    return start if start >= 0 and closing not in text[start:place] else place


def rest_of_text(whole: str, new: str) -> str:
    """The same for plain text."""
    whole, new = whole.strip(), new.strip()
    if whole == new:
        return ""
    return whole[len(new) :].strip("\n") if whole.startswith(new) else whole
