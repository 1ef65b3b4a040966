"""How good suggestions are: questions as customers type them, each with the articles that answer it.

Both stand in the repository: the articles are the demo's and those in `articles` beside this file, the questions
`questions.tsv`. What is searched may hold many more articles than these.
"""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from answerable.knowledge.bring.folder import read
from answerable.knowledge.bring.taking import take
from answerable.knowledge.models import Article, Audience
from answerable.ops.demo.articles_loaded import FOLDER
from answerable.people.models import Person

ARTICLES = Path(__file__).parent / "articles"
_QUESTIONS = Path(__file__).parent / "questions.tsv"
DEEP = 10


@dataclass(frozen=True)
class Question:
    """What somebody types, and the names of the articles that answer it."""

    text: str
    right: frozenset[str]


@dataclass(frozen=True)
class Quality:
    """`recall_3`: the share with a right article among the first 3; `mrr`: the mean of 1, 1/2, 1/3 … by its place."""

    questions: int
    recall_3: float
    mrr: float
    missed: tuple[str, ...]


def questions() -> list[Question]:
    """All of them."""
    with _QUESTIONS.open(newline="", encoding="utf-8") as lines:
        rows = csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [Question(text, frozenset(right.split(","))) for text, right in rows]


def fill(by: Person, now: datetime) -> dict[int, str]:
    """Take the articles in; their short names by number."""
    for folder in (FOLDER, ARTICLES):
        for _done in take(by, read(folder, Audience.PUBLIC), now):
            pass
    found = Article.objects.exclude(external_id="").values_list("pk", "external_id")
    return {pk: PurePosixPath(name).name for pk, name in found}


def judge(find: Callable[[str], Sequence[int]], names: dict[int, str]) -> Quality:
    """Ask each question; `find` gives the numbers of what it finds, best first."""
    ranks = []
    missed = []
    asked = questions()
    for question in asked:
        found = [names.get(pk, "") for pk in find(question.text)[:DEEP]]
        rank = next((place for place, name in enumerate(found, start=1) if name in question.right), 0)
        ranks.append(rank)
        if not 1 <= rank <= 3:
            right = ", ".join(sorted(question.right))
            missed.append(f"{question.text} → {', '.join(found[:3]) or 'nothing'} (right: {right})")
    recall = sum(1 <= rank <= 3 for rank in ranks) / len(ranks)
    return Quality(len(asked), recall, sum(1 / rank for rank in ranks if rank) / len(ranks), tuple(missed))
