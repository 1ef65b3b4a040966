"""What one types to search, read into words and filters: pure, and it never raises.

`export "last night" -demo status:open org:"Norrland Energi" #1023`: words, phrases, what must not be there, filters
and numbers. The last word may be unfinished.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from answerable.lib.folding import words_of

MOST_LETTERS, MOST_TERMS, MOST_FILTERS = 1000, 20, 15

# The filters, and by which other names they go.
KEYS = (
    *("status", "severity", "org", "team", "assignee", "requester", "csm", "tag", "is", "has", "in"),
    *("before", "after", "created", "updated", "solved", "channel", "type"),
)
ALIASES = {
    "organization": "org",
    "organisation": "org",
    "company": "org",
    "customer": "requester",
    "from": "requester",
    "tags": "tag",
    "sev": "severity",
    "priority": "severity",
    "agent": "assignee",
    "assigned": "assignee",
    "state": "status",
}
_KEYED = re.compile(r"field\.[a-z0-9_-]{1,64}")
_TOKEN = re.compile(r'(?P<not>-?)(?:(?P<key>[^\W\d][\w.-]{0,79}):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_NUMBER = re.compile(r"#?(\d{1,15})")


@dataclass(frozen=True)
class Term:
    """Words that stand one after the other. `begins`: of the last one only its beginning was typed."""

    words: tuple[str, ...]
    raw: str
    negated: bool = False
    begins: bool = False


@dataclass(frozen=True)
class Filter:
    """`key:value`, as it was typed in `raw`; `values` are those between commas."""

    key: str
    values: tuple[str, ...]
    raw: str
    negated: bool = False


@dataclass(frozen=True)
class Query:
    """All that was asked for. `number`: one was typed, alone or after a #. `cut`: there was more than is read."""

    text: str
    terms: tuple[Term, ...] = ()
    filters: tuple[Filter, ...] = ()
    unknown: tuple[Filter, ...] = ()
    number: int | None = None
    cut: bool = False

    @property
    def wanted(self) -> list[Term]:
        """The words that must be there."""
        return [term for term in self.terms if not term.negated]

    def __bool__(self) -> bool:
        return bool(self.terms or self.filters or self.number is not None)


def read(text: str) -> Query:
    """What was typed."""
    clean = "".join(letter if letter.isprintable() else " " for letter in text[: MOST_LETTERS + 1])
    terms: list[Term] = []
    filters: list[Filter] = []
    unknown: list[Filter] = []
    number = None
    tokens = list(_TOKEN.finditer(clean[:MOST_LETTERS]))
    unfinished = tokens[-1] if tokens and clean[-1] != " " and tokens[-1]["plain"] is not None else None
    for token in tokens:
        raw, one = token[0].strip(), _filter(token)
        if one is not None and (one.key in KEYS or _KEYED.fullmatch(one.key)):
            filters.append(one)
            continue
        if one is not None and not one.values[0].startswith("//"):
            unknown.append(one)
        found = _NUMBER.fullmatch(raw)
        if found and (raw.startswith("#") or len(tokens) == 1):
            number = int(found[1])
        if found is None or not raw.startswith("#"):
            terms += _terms(token, raw, begins=token is unfinished)
    return Query(
        text=" ".join(clean.split()),
        terms=tuple(terms[:MOST_TERMS]),
        filters=tuple(filters[:MOST_FILTERS]),
        unknown=tuple(unknown[:3]),
        number=number,
        cut=len(text) > MOST_LETTERS or len(terms) > MOST_TERMS or len(filters) > MOST_FILTERS,
    )


def _filter(token: re.Match[str]) -> Filter | None:
    if not token["key"]:
        return None
    key = token["key"].lower()
    value = token["quoted"] if token["quoted"] is not None else token["plain"]
    values = (value,) if token["quoted"] is not None else tuple(one for one in value.split(",") if one)
    return Filter(ALIASES.get(key, key), values or (value,), token[0].strip(), bool(token["not"]))


def _terms(token: re.Match[str], raw: str, *, begins: bool) -> list[Term]:
    said = token["quoted"] if token["quoted"] is not None else token["plain"]
    if token["key"]:
        said = f"{token['key']} {said}"
    words = tuple(words_of(said)[:MOST_TERMS])
    return [Term(words, raw, bool(token["not"]), begins)] if words else []


def without(query: Query, raw: str) -> str:
    """The text without one of its parts."""
    parts = [one for one in _parts(query) if one != raw]
    return " ".join([*parts, *([f"#{query.number}"] if query.number is not None and not query.terms else [])])


def instead(query: Query, raw: str, other: str) -> str:
    """The text with one of its parts changed."""
    return " ".join(other if one == raw else one for one in _parts(query))


def _parts(query: Query) -> list[str]:
    return list(dict.fromkeys([*(one.raw for one in query.terms), *(one.raw for one in query.filters)]))


def tsquery(terms: Iterable[Term], weights: str = "") -> str:
    """For to_tsquery('simple', …): all of the terms, in entries of these weights only ("": in any). Words are letters
    and digits, so that nothing needs quoting."""
    return " & ".join(_one(term, weights) for term in terms)


def _one(term: Term, weights: str) -> str:
    marks = [f"{'*' if term.begins and n == len(term.words) - 1 else ''}{weights}" for n in range(len(term.words))]
    said = " <-> ".join(f"{word}:{mark}" if mark else word for word, mark in zip(term.words, marks, strict=True))
    return f"!({said})" if term.negated else f"({said})"


def finished(query: Query) -> Query:
    """The same where the last word is whole."""
    return replace(query, terms=tuple(replace(term, begins=False) for term in query.terms))
