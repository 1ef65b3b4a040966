"""Which mail says something by its layout, and so is shown on a sheet of its own instead of in the page.

Pure, on what `lib.html.clean` made; see docs/decisions/0034.
"""

import re
from collections.abc import Mapping

from answerable.lib import markup

# Longer HTML is fetched for itself when somebody comes near it, so that a page stays light.
_LONGEST_IN_PAGE = 50_000
_TABLE = re.compile(r"<table[ >]")
# Most mail has none of what lays out, so its tags need no look.
_LAYS_OUT = re.compile(r"style=|color=|data-remote-src=")
_HEX = re.compile(r"#([0-9a-f]{3}|[0-9a-f]{6})")
_RGB = re.compile(r"rgba?\(\s?(\d{1,3})[\s,]{1,3}(\d{1,3})[\s,]{1,3}(\d{1,3})\b[^)]{0,20}\)")
_NO_COLOUR = frozenset({
    "", "inherit", "initial", "unset", "transparent", "currentcolor", "windowtext", "window", "black", "white", "gray",
    "grey", "dimgray", "dimgrey", "silver", "darkgray", "darkgrey", "auto", "none",
})  # fmt: skip
# What Outlook writes answers in, and links.
_USUAL = frozenset({"#1f497d", "#0563c1", "#0000ff", "#1f3864", "#2f5496", "#954f72", "#44546a"})
_LIGHT, _GREYISH = 235, 40
_TINY = re.compile(r"\s?[012](?:\.\d{1,4})?\s?(?:px|pt)?\s?")


def style_of(attributes: Mapping[str, str]) -> dict[str, str]:
    """What its `style` says, in lower case."""
    parts = (part.partition(":") for part in attributes.get("style", "").lower().split(";"))
    return {name.strip(): value.replace("!important", "").strip() for name, _colon, value in parts}


def _channels(colour: str) -> tuple[int, ...] | None:
    if found := _HEX.fullmatch(colour):
        digits = found[1] if len(found[1]) == 6 else "".join(2 * digit for digit in found[1])
        return tuple(int(digits[at : at + 2], 16) for at in (0, 2, 4))
    found = _RGB.fullmatch(colour)
    return tuple(int(one) for one in found.groups()) if found else None


def _is_usual_ink(colour: str) -> bool:
    """Black, a grey, or what mail programs write in without being asked."""
    if colour in _NO_COLOUR or colour in _USUAL:
        return True
    channels = _channels(colour)
    return channels is not None and max(channels) - min(channels) < _GREYISH


def _is_usual_ground(colour: str) -> bool:
    if colour in {"", "transparent", "white", "inherit", "initial", "unset", "window", "none"}:
        return True
    channels = _channels(colour)
    return channels is not None and min(channels) > _LIGHT


def needs_sheet(clean_html: str) -> bool:
    """Whether it says something by layout: tables, colours, pictures from elsewhere, hidden parts. Pure and linear."""
    if len(clean_html) > _LONGEST_IN_PAGE or _TABLE.search(clean_html):
        return True
    return _LAYS_OUT.search(clean_html) is not None and any(
        tag.attributes and _is_laid_out(tag.name, markup.attributes(tag.attributes))
        for tag in markup.tags(clean_html)
        if not tag.closing
    )


def _is_laid_out(name: str, attributes: Mapping[str, str]) -> bool:
    if name == "img" and "data-remote-src" in attributes:
        return not is_tracker(attributes)
    style = style_of(attributes)
    if style.get("display") == "none" or _TINY.fullmatch(style.get("font-size", "")):
        return True
    grounds = (style.get("background-color", ""), attributes.get("bgcolor", "").lower())
    inks = () if name == "a" else (style.get("color", ""), attributes.get("color", "").lower())
    return not all(map(_is_usual_ground, grounds)) or not all(map(_is_usual_ink, inks))


def is_tracker(attributes: Mapping[str, str]) -> bool:
    """A picture nobody sees, which only tells its sender that it was loaded."""
    style = style_of(attributes)
    return any(_TINY.fullmatch(said.get(side, "")) for said in (attributes, style) for side in ("width", "height"))


def remote_images(clean_html: str) -> list[str]:
    """The addresses of pictures that lie elsewhere, each once, in order; trackers left out."""
    found = (markup.attributes(tag.attributes) for tag in markup.tags(clean_html) if tag.name == "img")
    return list(
        dict.fromkeys(one["data-remote-src"] for one in found if "data-remote-src" in one and not is_tracker(one))
    )
