"""Text of other programs on one line of ours: nothing that steers a terminal, turns it around or cannot be stored."""

import re

# Besides control characters: what is invisible, changes the direction of what follows, or is half a character.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]+"
)
_ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]*:/+|//|\bwww\.|\b(?:mailto|javascript|data|tel):)\S*", re.IGNORECASE)


def one_line(text: str, most: int) -> str:
    """The same words on one line, cut to `most` characters."""
    # Cut before as well: nobody has us fold a megabyte.
    words = " ".join(_UNWANTED.sub(" ", text[: 4 * most]).split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def without_addresses(text: str, most: int) -> str:
    """And nothing that a mail program or a telephone would make a link of."""
    return " ".join(_ADDRESS.sub("…", one_line(text, 4 * most)).split())[:most]
