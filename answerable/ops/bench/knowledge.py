"""Measures the help center with 20,000 articles: suggestions at each key of real questions, the search page, and how
often either finds the right article.

Pages count what one network asks for in a minute: the turns here stay below that, and an answer without any article
would be told from one with some.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

from answerable.knowledge.access import ANYBODY
from answerable.knowledge.models import Article
from answerable.knowledge.search import search, suggest
from answerable.lib import clock
from answerable.ops.bench.multiply import settle
from answerable.ops.bench.pages import FLOOR, Page, Sample, sample
from answerable.ops.bench.questions import DEEP, Quality, fill, judge, questions
from answerable.ops.bench.shelves import crowd
from answerable.people.models import Person, Role

ARTICLES = 20_000
ROUNDS = 5
# As many letters as the form waits for before it asks.
_FEWEST = 3
_SECRET = "c" * 32
_HEAD = "Host: localhost\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64) Firefox/145.0\r\nAccept-Language: en\r\n"


def furnish(say: Callable[[str], None]) -> dict[str, dict[str, float]]:
    """Fill it, and say how good suggestions are before and after that."""
    by = Person.objects.filter(role=Role.ADMIN).order_by("pk")[0]
    now = clock.now()
    names = fill(by, now)
    alone = _judged(names)
    say(f"loading {ARTICLES:,} articles")
    crowd(by, ARTICLES, now, say)
    settle()
    return {"articles": {"alone": len(names), "all": Article.objects.count()}, "alone": alone, "all": _judged(names)}


def _judged(names: dict[int, str]) -> dict[str, float]:
    suggested = judge(lambda text: [one.listed.article for one in suggest(ANYBODY, text, "en", DEEP)], names)
    found = judge(lambda text: [one.listed.article for one in search(ANYBODY, text, "en").found], names)
    return {
        "questions": suggested.questions,
        **{f"suggest_{name}": value for name, value in _figures(suggested).items()},
        **{f"search_{name}": value for name, value in _figures(found).items()},
    }


def _figures(quality: Quality) -> dict[str, float]:
    return {"recall_3": round(quality.recall_3, 3), "mrr": round(quality.mrr, 3)}


def pages() -> list[Page]:
    """Suggestions by key, and the page of what was found."""
    texts = [question.text for question in questions()]
    keys = [text[:end] for text in texts[::4] for end in range(_FEWEST, min(len(text), 60) + 1)]
    return [
        Page("suggestions", [[_suggest(typed)] for typed in _mixed(keys)], count=80),
        Page("help_search", [[_search(text)] for text in _mixed(texts)], count=16),
    ]


def _mixed(texts: Sequence[str]) -> list[str]:
    """In an order in which each round has some of all kinds."""
    return [text for start in range(11) for text in texts[start::11]]


def _suggest(typed: str) -> str:
    body = urlencode({"csrfmiddlewaretoken": _SECRET, "subject": typed, "asking": ""})
    return (
        f"POST /help/suggestions HTTP/1.1\r\n{_HEAD}Cookie: csrftoken={_SECRET}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )


def _search(text: str) -> str:
    return f"GET /help/search?q={quote(text)} HTTP/1.1\r\n{_HEAD}\r\n"


def measure(say: Callable[[str], None]) -> dict[str, Any]:
    """Each page in turn with the floor, in milliseconds and in multiples of it."""
    floor: list[Sample] = []
    taken: dict[str, list[Sample]] = {}
    found = pages()
    for page in (FLOOR, *found):
        sample(replace(page, turns=page.turns[-page.count // 4 :]), page.count // 4)
    for number in range(ROUNDS):
        for page in found:
            say(f"knowledge: {page.name}, round {number + 1} of {ROUNDS}")
            floor.append(sample(FLOOR, FLOOR.count))
            mine = replace(page, turns=page.turns[number * page.count : (number + 1) * page.count])
            taken.setdefault(page.name, []).append(sample(mine, page.count))
    floor_ms = statistics.median(statistics.median(one.ms) for one in floor)
    return {"floor_ms": round(floor_ms, 3), "pages": {name: _of(samples, floor_ms) for name, samples in taken.items()}}


def _of(samples: Sequence[Sample], floor_ms: float) -> dict[str, float]:
    every = sorted(ms for one in samples for ms in one.ms)
    median = statistics.median(statistics.median(one.ms) for one in samples)
    return {
        "median_ms": round(median, 2),
        "p95_ms": round(every[int(len(every) * 0.95)], 2),
        "queries": statistics.median_low([count for one in samples for count in one.queries]),
        "x_floor": round(median / floor_ms, 2),
    }
