"""Mailboxes out of address fields (email contract E-21 to E-23): the structure first, names decoded only afterwards,
so that nothing inside a name or an encoded-word can pass for an address.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

import idna

from answerable.mail import charsets, headers

_LONGEST_LOCAL, _LONGEST = 64, 254
_TOKEN = re.compile(
    r"""=\?[^?\s]{1,80}\?[bBqQ]\?[^?]*\?=   # an encoded-word, whatever commas it holds
    | "(?:[^"\\]|\\.){0,250}+"              # a quoted string; a quote without an end is no quote
    | <[^<>]*>                              # an address
    | [(),;:<>"]
    | [^(),;:<>"=]+ | =""",
    re.VERBOSE | re.DOTALL,
)
# From where a word begins: the end of a local part that is too long is another mailbox.
SALVAGE = re.compile(r"""(?<![^\s<>()\[\],;:"'`@\\])[^\s<>()\[\],;:"'`@\\]{1,64}@[^\s<>()\[\],;:"'`@\\]{1,253}""")
_UNFIT = re.compile(r"[\s\x00-\x20\x7f-\x9f]")
_BLANKS_AROUND = re.compile(r"[ \t]{0,20}@[ \t]{0,20}")
# A domain, or an address of the network in brackets.
_DOMAIN = re.compile(r"""[^()<>,;:\\"\[\]]+|\[[0-9A-Za-z:.]+\]""")
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
NO_REPLY = re.compile(r"(?:^|[._+\-])(?:no[._\-]?reply|do[._\-]?not[._\-]?reply)(?:$|[._+\-])")


class Mailbox(NamedTuple):
    """Who stands in an address field. `address` is normalised and valid; `name` is a label and nothing more."""

    name: str
    address: str


def normal(address: str) -> str:
    """The form in which an address is stored and compared; empty when it is none (E-21)."""
    found = address.strip().strip("<>").removeprefix("mailto:").strip()
    if len(found) > 1 and found[0] == found[-1] and found[0] in "'\"":
        found = found[1:-1]
    local, at, domain = found.rpartition("@")
    domain = domain.rstrip(".")
    if not at or not local or not domain or "@" in local or _UNFIT.search(found) or not _DOMAIN.fullmatch(domain):
        return ""
    if not found.isascii():
        domain = _ascii(domain)
    found = f"{local}@{domain}".lower()
    fits = len(local.encode("utf-8", "replace")) <= _LONGEST_LOCAL and len(found.encode("utf-8", "replace")) <= _LONGEST
    return charsets.storable(found) if fits else ""


def _ascii(domain: str) -> str:
    if domain.isascii():
        return domain
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError, ValueError):
        return domain


def parse(source: str) -> list[Mailbox]:
    """The mailboxes of one field, encoded-words not yet decoded; what holds no valid address is left out."""
    return _Reader().run(source)


def salvage(source: str) -> str:
    """The first thing in a text that looks like an address, normalised; empty when nothing does."""
    return next((found for match in SALVAGE.finditer(source) if (found := normal(match[0].strip(".")))), "")


def distinct(mailboxes: Iterable[Mailbox]) -> list[Mailbox]:
    """Each address once, where it stood first."""
    found: dict[str, Mailbox] = {}
    for mailbox in mailboxes:
        found.setdefault(mailbox.address, mailbox)
    return list(found.values())


def is_no_reply(address: str) -> bool:
    """Whether an address says that nobody reads it (E-48)."""
    return NO_REPLY.search(address.rpartition("@")[0]) is not None


class _Reader:
    """One pass over the tokens of a field."""

    def __init__(self) -> None:
        self.found: list[Mailbox] = []
        self.phrase: list[str] = []
        self.comment: list[str] = []
        self.angle: str | None = None
        self.depth = 0
        self.carried = ""  # words before an unquoted comma: `Smith, John <j@x>` is one person

    def run(self, source: str) -> list[Mailbox]:
        for match in _TOKEN.finditer(source):
            piece = match[0]
            if self.depth:
                self._in_comment(piece)
            elif piece == "(":
                self.depth = 1
            elif piece in ",;":
                self._flush()
            elif piece == ":":
                self._group()
            elif len(piece) > 1 and piece[0] == "<":
                self._address(piece)
            elif piece not in ("<", ">", ")"):
                self.phrase.append(piece)
        self._flush()
        return self.found

    def _in_comment(self, piece: str) -> None:
        self.depth += {"(": 1, ")": -1}.get(piece, 0)
        if self.depth:
            self.comment.append(piece)

    def _group(self) -> None:
        """What stands before a colon names a group (`Friends: a@x, b@y;`) or a scheme: it is no name of a person."""
        if "@" not in "".join(self.phrase):
            self.phrase, self.carried = [], ""

    def _address(self, piece: str) -> None:
        if self.angle is not None:
            self._flush()
        inner = piece[1:-1]
        # `<@relay,@relay:who@where>`: the route was never the address.
        inner = inner.rpartition(":")[2] if inner.lstrip().startswith("@") else inner
        self.angle = _BLANKS_AROUND.sub("@", inner)  # `<who @ where>` was once legal

    def _flush(self) -> None:
        phrase = "".join(self.phrase)
        address = normal(self.angle) if self.angle is not None else normal(_bare(phrase))
        if address:
            name = _name(phrase) if self.angle is not None else _name("".join(self.comment))
            if self.carried and self.angle is not None:
                name = f"{self.carried}, {name}" if name else self.carried
            self.found.append(Mailbox(name, address))
        self.carried = _name(phrase) if not address and self.angle is None and "@" not in phrase else ""
        self.phrase, self.comment, self.angle = [], [], None


def _bare(phrase: str) -> str:
    """An address that stands without brackets: `a@b`, or `"a b"@c` whose quotes are not needed."""
    bare = phrase.strip()
    return bare.replace('"', "", 2) if bare.startswith('"') and '"@' in bare else bare


def _name(phrase: str) -> str:
    """The display name of a phrase: quotes off, encoded-words decoded, one clean line."""
    stripped = phrase.strip()
    if len(stripped) > 1 and stripped[0] == stripped[-1] == '"':
        stripped = stripped[1:-1]
    if "\\" in stripped:
        stripped = _QUOTED_PAIR.sub(r"\1", stripped)
    return headers.clean(headers.words(stripped)).strip('"').strip()
