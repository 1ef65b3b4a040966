"""A customer's words without the customer: names, addresses, numbers and secrets become neutral words. Pure.

In doubt a word goes: what is taken out too much is written in again by whoever reads it through.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

CUSTOMER, STAFF, ORGANIZATION = "[customer]", "[agent]", "[organization]"
ADDRESS, LINK, NUMBER, SECRET, FILE, REQUEST = "[address]", "[link]", "[number]", "[secret]", "[file]", "[request]"

# What a customer writes is hostile: nothing here looks further from a place than a few hundred letters.
_MAIL = re.compile(r"[^\s<>()\[\]{},;:\"'@]{1,200}@[^\s<>()\[\]{},;:\"'@]{1,255}\.[^\W_]{2,}")
_URL = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s<>\"')\]]+|\bwww\.[^\s<>\"')\]]+", re.IGNORECASE)
_IP = re.compile(
    r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])|(?<![\w:])(?:[0-9a-f]{1,4}:){3,7}[0-9a-f]{1,4}(?![\w:])"
    r"|(?<![\w:])(?:[0-9a-f]{1,4}:){1,7}:(?:[0-9a-f]{1,4}(?::[0-9a-f]{1,4}){0,6})?(?![\w:])",
    re.IGNORECASE,
)
_PASSWORD = re.compile(
    r"\b(password|passwort|passwd|pwd|passphrase|lösenord|secret|api[_ -]?key|access[_ -]?key)"
    r"(\s{0,3}[:=]\s{0,3})\S{1,200}",
    re.IGNORECASE,
)
_MOMENT = r"(?!\d{4}-\d\d-\d\d|\d\d?[./]\d\d?[./]\d{2,4}|\d\d?:\d\d)"
_PHONE = re.compile(rf"(?<![\w.,-]){_MOMENT}(?:\+|\(?0|\(?\d)[\d \t()./-]{{6,24}}\d(?!\w)")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_TOKEN = re.compile(r"(?<![\w/])(?=[\w+=.-]{0,400}\d)(?=[\w+=.-]{0,400}[A-Za-z])[\w+=-]{20,}(?:\.[\w+=-]{8,})*")
_UUID = re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.IGNORECASE)
_STREET = re.compile(
    r"\b[^\W\d_][\w.-]{0,60}(?:street|straße|strasse|str\.|gatan|gata|vägen|väg|weg|platz|allee|avenue|road|lane|boulevard)"
    r"\s{1,5}\d{1,6}\s?[a-z]?\b(?:,?\s{0,5}(?:[A-Z]{1,2}-?)?\d{3,5}(?:\s?\d{2})?\s{1,5}[^\W\d_]+)?"
    r"|\b\d{1,6}\s{1,5}(?:[A-Z][\w.]{0,40}\s{1,5}){1,3}(?:Street|St\.?|Road|Rd\.?|Avenue|Ave\.?|Lane|Boulevard|Drive|Square)\b",
    re.IGNORECASE,
)
_TICKET = re.compile(r"(?<!\w)#\d{2,}\b")
_CLOSING = re.compile(
    r"\s*(?:--\s*|__+\s*|(?:(?:with\s+)?(?:best|kind|warm|many|friendly)\s+)?(?:regards|wishes)|(?:yours\s+)?sincerely"
    r"|cheers|thanks(?:\s+(?:a lot|again|in advance))?|thank you|many thanks|br|rgds|sent from my .*"
    r"|(?:mit\s+)?(?:freundlichen|besten|vielen)\s+(?:grüßen|grüssen|dank)|(?:viele|beste|liebe)\s+(?:grüße|grüsse)|mfg"
    r"|(?:med\s+)?vänliga?\s+hälsning(?:ar)?|mvh|cordialement|bien à vous|saludos|met vriendelijke groet(?:en)?)"
    r"\s*[,.!]*\s*",
    re.IGNORECASE,
)  # fmt: skip
# A signature is not longer than this, and the greeting above it not longer than that.
_SIGNED, _GREETING = 12, 100


@dataclass(frozen=True)
class Known:
    """Whose words these are: names of customers, of staff and of organizations, domains, and names of files."""

    customers: Iterable[str] = ()
    staff: Iterable[str] = ()
    organizations: Iterable[str] = ()
    domains: Iterable[str] = ()
    files: Iterable[str] = ()
    addresses: Iterable[str] = field(default=())


def neutral(known: Known) -> Callable[[str], str]:
    """What takes them out of a text."""
    rules: list[tuple[re.Pattern[str], str]] = [
        *_exactly(known.files, FILE),
        (_PASSWORD, rf"\1\2{SECRET}"),
        # Before addresses of mail: `postgres://me:secret@db.example` holds what looks like one.
        (_URL, LINK),
        (_MAIL, ADDRESS),
        *_exactly(known.organizations, ORGANIZATION),
        *_exactly(known.customers, CUSTOMER),
        *_exactly(known.staff, STAFF),
        *_hosts(known.domains),
        *_exactly((one.partition("@")[0] for one in known.addresses), CUSTOMER, least=3),
        *_parts(known.customers, CUSTOMER),
        *_parts(known.staff, STAFF),
        # What an organization is called for short: its first word, or that of its domain.
        *_parts((one.split()[0] for one in known.organizations if one.split()), ORGANIZATION),
        *_exactly((one.partition(".")[0] for one in known.domains), ORGANIZATION, least=4),
        (_STREET, ADDRESS),
        (_UUID, SECRET),
        (_IBAN, NUMBER),
        (_TOKEN, SECRET),
        (_IP, ADDRESS),
        (_PHONE, NUMBER),
        (_TICKET, REQUEST),
    ]

    def clean(text: str) -> str:
        for pattern, word in rules:
            text = pattern.sub(word, text)
        return text

    return clean


def unsigned(text: str) -> str:
    """Without the greeting at its end and what stands below it, and without what it quotes."""
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if not line.lstrip().startswith(">")]
    for at, line in enumerate(lines):
        below = [one for one in lines[at + 1 :] if one.strip()]
        is_greeting = len(line) <= _GREETING and _CLOSING.fullmatch(" ".join(line.split()))
        if is_greeting and len(below) <= _SIGNED and any(one.strip() for one in lines[:at]):
            lines = lines[:at]
            break
    return "\n".join(lines).strip()


def names_in(text: str) -> set[str]:
    """What may be a name in a text: two to four words that follow each other, and single ones, in small letters."""
    words = re.findall(r"[^\W\d_][\w.'’-]*", text)
    runs = (" ".join(words[at : at + length]) for length in (1, 2, 3, 4) for at in range(len(words) - length + 1))
    return {run.lower() for run in runs}


def hosts_in(text: str) -> set[str]:
    """What may be a domain in a text, with those above it."""
    found = {one.lower() for one in re.findall(r"(?<![\w-])(?:[\w-]{1,63}\.){1,20}[^\W\d_]{2,63}", text)}
    return {".".join(parts[at:]) for parts in (one.split(".") for one in found) for at in range(len(parts) - 1)}


Rules = list[tuple[re.Pattern[str], str]]


def _exactly(names: Iterable[str], word: str, least: int = 2) -> Rules:
    """The longest first, so that none is left in part; whatever the letters' case."""
    known = sorted({one.strip() for one in names if len(one.strip()) >= least}, key=len, reverse=True)
    return [(re.compile(rf"(?<!\w){_spaced(one)}(?:['’]s)?(?!\w)", re.IGNORECASE), word) for one in known]


def _spaced(name: str) -> str:
    return r"\s+".join(re.escape(part) for part in name.split())


def _parts(names: Iterable[str], word: str) -> Rules:
    """First and last names alone, written with a capital: "will" and "mark" are words, too."""
    parts = {
        part for one in names for part in re.split(r"[\s,]+", one) if len(part.strip(".")) >= 3 and "@" not in part
    }
    capital = {form for part in parts for form in (part[:1].upper() + part[1:], part.upper())}
    return [
        (re.compile(rf"(?<!\w){re.escape(one)}(?:['’]s)?(?!\w)"), word)
        for one in sorted(capital, key=len, reverse=True)
    ]


def _hosts(domains: Iterable[str]) -> Rules:
    known = sorted(set(domains), key=len, reverse=True)
    below = r"(?<![\w@])(?:[\w-]{1,63}\.){0,20}"
    return [(re.compile(rf"{below}{re.escape(one)}(?!\w)", re.IGNORECASE), ADDRESS) for one in known]
