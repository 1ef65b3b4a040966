"""The HTML of a Guide article as Markdown: cleaned first, as everything from outside, then turned by markdownify."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from markdownify import markdownify

from answerable.knowledge.bring.inside import name_for
from answerable.lib import html

_MOST = 2_000_000
_ATTACHMENT = re.compile(r"/article_attachments/(?:token/)?(\d{1,20})(?:/([^/?#]{1,200}))?")
_IMAGE = re.compile(r"<img\b[^<>]*>", re.IGNORECASE)
_ADDRESS = re.compile(r"\bsrc\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+))", re.IGNORECASE)
_LOST = re.compile(r"<(script|iframe|video|embed|object|form)\b", re.IGNORECASE)
_WORDS = {
    "script": "has a script in it, which is left out",
    "form": "has a form in it, which is left out",
}


@dataclass(frozen=True)
class Made:
    """The text, its files by name, and what its readers will miss."""

    text: str
    files: dict[str, Path]
    left: tuple[str, ...]


def read(source: str, find: Callable[[str], Path | None]) -> Made:
    """The Markdown of a body. `find` gives the file of a picture's address."""
    if len(source) > _MOST:
        return Made("", {}, ("is longer than two million letters",))
    files: dict[str, Path] = {}
    lost = sorted({found.lower() for found in _LOST.findall(source)})
    missed = [_WORDS.get(tag, "shows a video or another page, which is left out") for tag in lost]

    def picture(match: re.Match[str]) -> str:
        address = _ADDRESS.search(match[0])
        said = html_text(next(filter(None, address.groups()), "")) if address else ""
        found = find(said)
        if found is None:
            missed.append(f"has a picture that isn't in the export ({said[:100] or 'without an address'})")
            return ""
        name = name_for(found, files)
        files[name] = found
        # An address that survives the cleaning; it is ours again in the Markdown.
        return f'<a href="https://picture.invalid/{name}">{name}</a>'

    clean = html.clean(_IMAGE.sub(picture, source))
    try:
        text = markdownify(clean, heading_style="ATX", bullets="-", escape_misc=False)
    except RecursionError:
        return Made(html.to_text(clean).strip(), {}, (*missed, "is nested too deeply: its words are taken alone"))
    text = re.sub(r"(?<!!)\[([^\]\n]*)\]\(https://picture\.invalid/([\w.%-]+)\)", r"![\1](file:\2)", text)
    text = re.sub(r"[ \t]+\n", "\n", re.sub(r"\n{3,}", "\n\n", text)).strip()
    return Made(text, files, tuple(dict.fromkeys(missed)))


def html_text(said: str) -> str:
    """An attribute's value as it is meant."""
    return said.replace("&amp;", "&").strip()


def plain(source: str) -> str:
    """HTML as words."""
    return html.to_text(html.clean(source)).strip()


def attachment(address: str) -> tuple[str, str]:
    """The id and the name of an attachment by its address; empty for other addresses."""
    try:
        found = _ATTACHMENT.search(urlsplit(address).path)
    except ValueError:
        return "", ""
    if found is None:
        return "", ""
    name = unquote(found[2] or "")
    return found[1], "" if "/" in name or "\\" in name or "\x00" in name or name in {".", ".."} else name
