"""The help center of the gallery."""

from collections.abc import Mapping
from datetime import timedelta
from types import SimpleNamespace

from answerable.knowledge.access import ANYBODY, Reader
from answerable.knowledge.body import render
from answerable.knowledge.queries import Above, Listed, Shelf, Shown
from answerable.knowledge.search import Found, Results
from answerable.lib.highlight import hits, marked, snippet
from answerable.portal.help_body import body
from answerable.portal.help_pages import Visit, language_name
from answerable.portal.help_schema import article_schema
from answerable.portal.public import head
from answerable.ui.tests.people import ELIN, NOBODY, NOW

TITLES = (
    "Exporting a warehouse",
    "Why a nightly export stops at 10,000 rows, and how to schedule larger ones",
    "Signing in with single sign-on",
    "What the loader writes into its log",
    "Changing the time zone of a schedule",
)
TEXT = """
An export writes the tables that you choose as files, once or every night. Files are kept for 30 days.

## What you need

You need the role *exporter* and a bucket that we may write to. **A bucket in another region costs transfer.**

1. Open *Warehouse*, then *Exports*.
2. Choose the tables.
3. Name the bucket, and try it.

## Limits

| plan | rows an export | exports a day |
|---|---|---|
| Standard | 10,000 | 4 |
| Premium | 10,000,000 | 96 |

### Larger exports

Divide the table by day, and set `partition` for each part:

    [export.orders]
    partition = "2026-11"
    format = "parquet"  # csv takes ten times the room, and says nothing of its types

## When it stops

> The export stands still while the warehouse is being moved.

It goes on by itself. Where it does not, send us the last lines of `loader.log`.

![The page of exports, with one that waits](https://example.com/elsewhere.png)
"""
GERMAN = ("de", "en", "sv")


def listed(place: int, locale: str = "en") -> Listed:
    """One of the articles."""
    at = NOW - timedelta(days=3 * place)
    return Listed(place + 1, f"article-{place + 1}", locale, TITLES[place % len(TITLES)], "public", 1, at)


def article(audience: str = "public", text: str = TEXT) -> Shown:
    """An article as its reader gets it."""
    made = render(text)
    at = NOW - timedelta(days=12)
    return Shown(
        1,
        1,
        "article-1",
        "en",
        GERMAN,
        TITLES[0],
        made.html,
        made.text,
        made.headings,
        audience,
        1,
        "Exports",
        at,
        at,
        (Above(2, "Warehouses", listed=False),),
    )


def found() -> tuple[Found, ...]:
    """What a search for "export rows" finds."""
    pattern, text = hits(["export"], ["row"]), article().text
    return tuple(Found(listed(place), marked(TITLES[place], pattern), snippet(text, pattern)) for place in range(4))


def _context(reader: Reader, **more: object) -> dict[str, object]:
    described = head("Help center", "Answers to questions about Acme Data Cloud.", "https://support.example.com/help")
    given = {
        "visit": Visit(reader, "en"),
        "language_name": language_name,
        "languages": [],
        "may_ask": True,
        **described,
    }
    return given | more


def _article(reader: Reader, shown: Shown, **more: object) -> dict[str, object]:
    places = [(locale, f"/help/articles/1-article?lang={locale}") for locale in GERMAN]
    given = {
        "shown": shown,
        "body": body(shown, {}),
        "languages": places,
        "alternates": places,
        "related": list(found()[1:]),
        "edit_url": "",
        "schema": article_schema(shown, "https://support.example.com/help/articles/1", "Acme Data"),
        "title": shown.title,
    }
    return _context(reader, **(given | more))


def front() -> dict[str, object]:
    """What the front page of support shows of it."""
    return {
        "visit": Visit(ANYBODY, "en"),
        "latest": [listed(place) for place in range(4)],
        "may_ask": True,
        "may_mail": True,
    }


def pages() -> Mapping[str, tuple[str, dict[str, object], SimpleNamespace]]:
    """By name."""
    names = ("Exports", "Signing in", "The loader", "Accounts and invoices", "Programming interfaces")
    about = "Getting data out, once or every night"
    shelves = [
        (
            Shelf(
                place,
                name,
                about if place % 2 == 0 else "",
                None,
                tuple(listed(one) for one in range(5 - place)),
                place < 2,
            ),
            "",
        )
        for place, name in enumerate(names)
    ]
    staff = Reader(signed_in=True, staff=True)
    nothing = {"q": "invoise lodaer", "words": ["invoise", "lodaer"], "results": Results((), 0, 1), "via": ""}
    results = Results(found(), 24, 1)
    searched = {"q": "export rows", "words": ["export", "rows"], "results": results, "via": ""}
    languages = [(one, f"/help?lang={one}") for one in GERMAN]
    answered = SimpleNamespace(helpful=False, comment="")
    return {
        "help": (
            "portal/help.html",
            _context(
                ANYBODY,
                shelves=shelves,
                latest=[listed(place) for place in range(5)],
                languages=languages,
                product="Acme Data Cloud",
            ),
            NOBODY,
        ),
        "help-empty": ("portal/help.html", _context(ANYBODY, shelves=[], latest=[], product="Acme Data Cloud"), ELIN),
        "help-section": ("portal/help_section.html", _context(ANYBODY, shelf=shelves[0][0], title="Exports"), NOBODY),
        "help-article": ("portal/help_article.html", _article(ANYBODY, article()), NOBODY),
        "help-article-staff": (
            "portal/help_article.html",
            _article(staff, article("staff", "Short."), edit_url="/desk/articles/1", schema=None, related=[]),
            ELIN,
        ),
        "help-search": ("portal/help_search.html", _context(ANYBODY, languages=languages, **searched), NOBODY),
        "help-none": ("portal/help_search.html", _context(ANYBODY, languages=languages, **nothing), NOBODY),
        "help-feedback": ("portal/help_feedback.html", _context(ANYBODY, shown=article(), answer=answered), NOBODY),
    }


def fragments() -> dict[str, tuple[str, dict[str, object]]]:
    """What its pages fetch."""
    visit = Visit(ANYBODY, "en")
    given = {"visit": visit, "found": found(), "via": "", "typed": "export rows"}
    return {
        "portal:help_suggestions": ("portal/_help_suggestions.html", given),
        "portal:help_feedback": ("portal/_help_feedback.html", {"visit": visit, "shown": article(), "answer": None}),
    }
