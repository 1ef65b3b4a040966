"""The search for the gallery: (template, context) by name."""

import re
from typing import Any

from answerable.desk.finding import Page, Result, Suggested, Way
from answerable.lib.highlight import hits, marked, snippet
from answerable.people.find_queries import Named
from answerable.tickets.internal_search import Found
from answerable.tickets.search_language import read
from answerable.ui.tests.people import LONG_ADDRESS, LONG_WORD, RAIL, ROWS

_PATTERN = hits(["sync", "warehouse"], ["stop"])
ALL_OF_IT = """Since 02:10 the warehouse sync has stopped for all of our tenants. The nightly board report is empty, and
what is worse, the connector says that everything is fine. We rotated no keys, and nothing else changed on our side."""
_PARTS = [
    ("", ALL_OF_IT),
    ("Note", "Same as on 3 November: the pool of eu-north lost its primary, and the sync does not notice. Ask cloud."),
    ("File", "warehouse-sync.log"),
    ("Tag", "outage sync"),
    ("Held mail", f"ops@elsewhere.example: the sync of {LONG_WORD} stopped, too"),
]  # fmt: skip
PEOPLE = [
    Named("person", "1", "Elin Berg", "elin@norrland.example · Norrland Energi"),
    Named("person", "2", LONG_ADDRESS, LONG_ADDRESS),
]
ORGANIZATIONS = [Named("org", "norrland", "Norrland Energi", "norrland.example, norrland.se")]


def _result(n: int, pattern: re.Pattern[str] | None = _PATTERN) -> Result:
    where, text = _PARTS[n] if n < len(_PARTS) else ("", ROWS[n].preview)
    row: Any = ROWS[n]
    return Result(row, marked(row.subject, pattern), where, snippet(text, pattern) if text else [], "/ticket")


def _shown(q: str, page: Page) -> tuple[str, dict[str, object]]:
    context = {
        "view_title": "Search", "rail": RAIL,
        "q": q, "sort": "", "sorts": [("Relevance", "/r"), ("Last change", "/c")], "page": page,
    }  # fmt: skip
    return "desk/search.html", context


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """What there is to see, by name."""
    q = "warehouse sync stop"
    found = Page(
        query=read(q), found=Found([], 412), results=[_result(n) for n in range(len(ROWS))], people=PEOPLE,
        organizations=ORGANIZATIONS, next_url="/next",
    )  # fmt: skip
    told = "There is no filter “severty:”, so it was searched as words."
    nothing = Page(
        query=read("warehous status:open severty:P1"), found=Found([]), wrong=[(told, Way("severity:P1", "/x"))],
        ways=[Way("In solved and closed requests, too · 12 requests", "/a"), Way("Did you mean “warehouse”? · 3 requests", "/b")],
    )  # fmt: skip
    bounded = Page(
        query=read("sync"), found=Found([], 1000), results=[_result(n) for n in range(3)], newest=1000, share_read=42,
        first_url="/first",
    )  # fmt: skip
    return {
        "search": _shown(q, found),
        "search-none": _shown("warehous status:open severty:P1", nothing),
        "search-help": _shown("", Page(query=read(""), found=Found([]))),
        "search-bounded": _shown("sync", bounded),
        "search-late": _shown("before:2020-01-01 the", Page(query=read("the"), found=Found([], late=True))),
    }


def palette() -> tuple[str, dict[str, object]]:
    """What it gets for some words."""
    results = [_result(n) for n in (0, 1, 8)]
    return "desk/_palette_found.html", {"found": Suggested("sync", results, PEOPLE, ORGANIZATIONS, "/all")}
