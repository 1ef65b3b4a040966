"""E-mail domains as people type them, and those that belong to everybody."""

import re

import idna

_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# Whoever claimed one of these would get the mail of strangers counted as an organization's.
_SHARED = """
aol.com fastmail.com free.fr gmail.com gmx.com gmx.de gmx.net googlemail.com hotmail.com icloud.com laposte.net
libero.it live.com mac.com mail.com mail.ru me.com msn.com orange.fr outlook.com pm.me posteo.de proton.me
protonmail.com qq.com t-online.de wanadoo.fr web.de yahoo.co.jp yahoo.co.uk yahoo.com yandex.ru 163.com
"""
SHARED = frozenset(_SHARED.split())


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
    return name if good else None
