"""Made-up articles at the desk: the list, one that is written, its revisions, the sections, what was searched in vain."""

from collections.abc import Mapping
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

from django.http import QueryDict

from answerable.desk.article_forms import PlaceForm
from answerable.desk.article_page import Clash, Written
from answerable.desk.article_words import audience_words, language_word, state_word, state_words, who_reads
from answerable.desk.suggested import Suggested
from answerable.knowledge.asking_queries import Comment, Missing, Opinion, Searches
from answerable.knowledge.body import render
from answerable.knowledge.deflection import Counts
from answerable.knowledge.desk_queries import Shelved, states_of
from answerable.knowledge.languages import LANGUAGES
from answerable.lib.html import safe
from answerable.lib.textdiff import hunks
from answerable.lib.uploads import CAPS
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL

BODY = """## Limits

An export holds **10,000 rows**. Larger ones are cut into parts:

| part | rows |
|---|---|
| first | 10,000 |
| second | the rest |

## Schedules

1. Open *Exports*.
2. Choose “every night”.

```
acmectl export --all --to s3://bucket
```
"""
TITLE = "Exporting a whole warehouse"
AUDIENCES = audience_words()
LOCALES = [(key, str(name)) for key, name in LANGUAGES.items()]
SECTIONS = [(1, "First steps"), (2, "Exports"), (3, "\u2003Large exports")]
OWNERS = [(2, "Tomas Kral"), (3, "Priya Nair")]
TOMAS = SimpleNamespace(pk=2, label="Tomas Kral")


def _article(**more: object) -> SimpleNamespace:
    given: dict[str, object] = {
        "pk": 12, "section": SimpleNamespace(pk=2, title="Exports"), "section_id": 2, "position": 3, "locale": "en",
        "audience": "organizations", "owner": TOMAS, "owner_id": 2, "review_on": date(2026, 3, 1), "labels": ["s3", "csv"],
        "archived_at": None, "version": 4, "ticket_id": None,
    }  # fmt: skip
    return SimpleNamespace(**given | more)


def _row(**more: object) -> SimpleNamespace:
    given: dict[str, object] = {
        "pk": 31, "article": _article(), "locale": "en", "title": TITLE, "revision": 7, "published": 6,
        "published_at": NOW - timedelta(days=9), "scheduled": None, "publish_at": None, "review_asked_at": None,
        "review_asked_by": None, "edited_at": NOW - timedelta(hours=3),
    }  # fmt: skip
    return SimpleNamespace(**given | more)


ROWS = [
    _row(),
    _row(pk=32, locale="de", title="Ein ganzes Lager exportieren", published=None, review_asked_at=NOW),
    _row(pk=33, title=f"Restart {LONG_WORD}", published=7, article=_article(audience="public", owner=None, review_on=None)),
    _row(pk=34, title="Prices from January on", published=None, publish_at=NOW, article=_article(audience="customers")),
    _row(pk=35, title="What to ask when nothing loads", published=None, article=_article(audience="staff")),
]  # fmt: skip


def _said(row: Any) -> list[tuple[str, str]]:
    return [(name, state_word(name)) for name in states_of(row)]


def listed(*, empty: bool = False, asked: str = "") -> dict[str, object]:
    """The list."""
    counts = dict(zip(["", *state_words()], ["100+", "12", "2", "1", "96", "3", "7"], strict=True))
    known = dict.fromkeys(("state", "q", "section", "audience", "locale", "owner", "due"), "") | {"q": asked}
    return {
        "view_title": "Articles",
        "rail": RAIL,
        "rows": [] if empty else [(row, _said(row)) for row in ROWS],
        "tabs": [(words, "/", key == "", counts[key]) for key, words in {"": "All", **state_words()}.items()],
        "known": known,
        "narrowed": bool(asked),
        "today": NOW.date(),
        "sections": SECTIONS,
        "audiences": list(AUDIENCES.items()),
        "audience_words": AUDIENCES,
        "language_word": language_word,
        "languages": LOCALES,
        "owners": OWNERS,
        "may_write": True,
        "first_url": "",
        "next_url": "" if empty else "/",
    }


HISTORY = [
    ("Priya Nair", "published revision 6 (English)", 9),
    ("Tomas Kral", "asked for a review (English)", 10),
    ("Priya Nair", "changed who reads it: Your team → Some organizations", 11),
    ("Tomas Kral", "began it", 12),
]
FILES = [
    (SimpleNamespace(pk=1, name="the-button.png", size=48_200), "![the-button](file:the-button.png)", "/a"),
    (SimpleNamespace(pk=2, name=f"{LONG_WORD}.csv", size=1_200_000), "[list](file:list.csv)", "/b"),
]


def one(**more: object) -> dict[str, object]:
    """The page on which one is written."""
    row = _row(publish_at=NOW + timedelta(days=3), scheduled=7)
    organizations = [(1, "Norrland Energi"), (2, "Kivu Bank")]
    form = PlaceForm(
        initial={"section": 2, "position": 3, "audience": "organizations", "owner": 2, "labels": "s3, csv"},
        sections=SECTIONS,
        owners=OWNERS,
        may_publish=True,
    )
    given: dict[str, object] = {
        "view_title": TITLE,
        "rail": RAIL,
        "article": _article(),
        "row": row,
        "original": None,
        "locale": "en",
        "language_name": "English",
        "tabs": [("en", "English", ["Published, with a newer draft", "Scheduled"]), ("de", "German", ["In review"])],
        "others": LOCALES[2:],
        "states": _said(row),
        "written": Written(TITLE, BODY, seen=7),
        "html": safe(render(BODY).html),
        "may_write": True,
        "may_publish": True,
        "may_bring_back": False,
        "form": form,
        "who_reads": who_reads("organizations", organizations),
        "organizations": organizations,
        "history": [
            (SimpleNamespace(actor_label=who, at=NOW - timedelta(days=days)), what) for who, what, days in HISTORY
        ],
        "public_url": "/help",
        "days": 90,
        "views": 214,
        "opinion": Opinion(31, 2),
        "comments": [Comment("Which role may do it?", NOW - timedelta(days=2), "Elin Berg", "en", 3)],
        "article_pk": 12,
        "files": FILES,
        "caps": CAPS.words,
        "source_number": 20418,
    }
    return given | more


def _clash() -> dict[str, object]:
    theirs = f"{TITLE}\n\n{BODY.replace('10,000 rows', '20,000 rows')}"
    clash = Clash("Priya Nair", 8, NOW - timedelta(minutes=4), hunks(theirs, f"{TITLE}\n\n{BODY}"))
    refused = "Priya Nair saved another text meanwhile. Yours is not saved yet; look at the difference first."
    return one(written=Written(TITLE, BODY, seen=8, refused=refused, clash=clash))


def _archived() -> dict[str, object]:
    article = _article(archived_at=NOW - timedelta(days=1))
    row = _row(article=article)
    may = {"may_write": False, "may_publish": False, "may_bring_back": True, "public_url": ""}
    return one(article=article, row=row, states=_said(row), **may)


def _agent() -> dict[str, object]:
    row = _row(published=None, review_asked_at=NOW - timedelta(hours=2), review_asked_by=TOMAS)
    return one(row=row, states=_said(row), may_publish=False, public_url="", place_refused="Choose who reads it.")


def _translating() -> dict[str, object]:
    more: dict[str, object] = {
        "row": None,
        "original": _row(),
        "locale": "fr",
        "language_name": "French",
        "states": [],
        "public_url": "",
    }
    return one(written=Written(), html="", **more)


def new(**more: object) -> dict[str, object]:
    """A new one."""
    given: dict[str, object] = {
        "view_title": "New article",
        "rail": RAIL,
        "written": Written(),
        "sections": SECTIONS,
        "chosen": "2",
        "languages": LOCALES,
        "locale": "en",
        "may_write": True,
        "may_arrange": True,
        "html": "",
        "article_pk": None,
        "files": [],
        "caps": CAPS.words,
        "source": None,
    }
    return given | more


def revisions() -> dict[str, object]:
    """What a text was."""
    rows = [
        SimpleNamespace(
            number=number, title=TITLE, body=BODY, note="Limits are higher now" if number == 7 else "",
            by_label="Tomas Kral", at=NOW - timedelta(days=9 - number),
        )
        for number in range(7, 0, -1)
    ]  # fmt: skip
    return {
        "view_title": f"Revisions of “{TITLE}”",
        "rail": RAIL,
        "article": _article(),
        "row": _row(),
        "language_name": "English",
        "rows": rows,
        "old": rows[1],
        "new": rows[0],
        "hunks": hunks(f"{TITLE}\n\n{BODY}", f"{TITLE}\n\n{BODY.replace('every night', 'every hour')}"),
        "may_write": True,
        "first_url": "",
        "next_url": "",
    }


def _section(pk: int, title: str, description: str = "", parent: int | None = None) -> Any:
    return SimpleNamespace(
        pk=pk,
        title=title,
        description=description,
        parent_id=parent,
        titles={"de": "Erste Schritte"} if pk == 1 else {},
    )


def sections(*, empty: bool = False) -> dict[str, object]:
    """The shelves."""
    shelved = [
        Shelved(_section(1, "First steps", "From the sign-up to the first export"), 0, 12, first=True, last=False),
        Shelved(_section(2, "Exports"), 0, 31, first=False, last=True),
        Shelved(_section(3, f"Large {LONG_WORD}", parent=2), 1, 1, first=True, last=True),
    ]
    put_away = SimpleNamespace(pk=9, title="Old products", archived_at=NOW - timedelta(days=40))
    return {
        "view_title": "Sections",
        "rail": RAIL,
        "rows": [] if empty else [(one, SECTIONS[:2]) for one in shelved],
        "parents": [] if empty else SECTIONS,
        "archived": [] if empty else [put_away],
        "languages": LOCALES,
        "may_arrange": not empty,
        "refused": "",
        "open_pk": None,
        "posted": QueryDict(),
    }


def searches(*, empty: bool = False) -> dict[str, object]:
    """What was searched in vain."""
    rows = [
        Missing("invoice with two tax rates", 41, NOW - timedelta(hours=2), ("en",)),
        Missing("rechnung", 12, NOW - timedelta(days=3), ("de", "en")),
        Missing(LONG_WORD, 1, NOW - timedelta(days=20), ("en",)),
    ]
    return {
        "view_title": "Articles to write",
        "rail": RAIL,
        "rows": [] if empty else [(row, [language_word(one) for one in row.locales]) for row in rows],
        "days": 30,
        "tabs": [(7, False), (30, True), (90, False)],
        "searches": Searches(0, 0, 0) if empty else Searches(912, 54, 120),
        "spared": Counts() if empty else Counts(340, 120, 70, 44, 6),
        "may_write": True,
    }


def pages() -> Mapping[str, tuple[str, dict[str, object]]]:
    """By name."""
    return {
        "articles": ("desk/articles.html", listed()),
        "articles-none": ("desk/articles.html", listed(empty=True)),
        "articles-not-found": ("desk/articles.html", listed(empty=True, asked="invoices")),
        "article": ("desk/article.html", one()),
        "article-clash": ("desk/article.html", _clash()),
        "article-archived": ("desk/article.html", _archived()),
        "article-agent": ("desk/article.html", _agent()),
        "article-translating": ("desk/article.html", _translating()),
        "article-new": ("desk/article_new.html", new()),
        "article-from-ticket": ("desk/article_new.html", new(written=Written(TITLE, BODY), source={"number": 20418})),
        "article-new-none": ("desk/article_new.html", new(sections=[])),
        "article-revisions": ("desk/article_revisions.html", revisions()),
        "sections": ("desk/sections.html", sections()),
        "sections-none": ("desk/sections.html", sections(empty=True)),
        "article-searches": ("desk/article_searches.html", searches()),
        "article-searches-none": ("desk/article_searches.html", searches(empty=True)),
    }


def suggested() -> dict[str, object]:
    """Beside a request."""
    pieces = [("Exporting a whole ", False), ("warehouse", True)]
    rows = [
        Suggested(
            12, "en", pieces, [("An export of a warehouse holds 10,000 rows.", False)], "public", True, "/", "[x](/x)"
        ),
        Suggested(
            13, "en", [(f"Restart {LONG_WORD}", False)], [("Only with us.", False)], "staff", False, "/", "[y](/y)"
        ),
    ]
    return {"rows": rows, "q": "", "number": 20418, "audience_words": AUDIENCES, "may_reply": True}
