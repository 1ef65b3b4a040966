"""`answerable import-articles`, and the articles and questions that suggestions are judged by."""

from pathlib import Path

import pytest

from answerable.knowledge.access import ANYBODY
from answerable.knowledge.models import Article
from answerable.knowledge.search import suggest
from answerable.lib.errors import Refused
from answerable.ops.bench.questions import DEEP, fill, judge, questions
from answerable.ops.management.commands.import_articles import Command
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def run(path: Path, *, by: str | None = None, dry_run: bool = False) -> None:
    Command().handle(path=path, by=by, audience="staff", dry_run=dry_run)


@pytest.mark.behaviour("B-509")
def test_it_says_what_it_did_and_in_whose_name(cast: Cast, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.md").write_text("# A\n\nText.")
    (tmp_path / "b.md").write_bytes(b"\xff")
    run(tmp_path, dry_run=True)
    assert capsys.readouterr().out.splitlines() == [
        "b.md is not in UTF-8 (byte 0)",
        "new: a",
        "1 new, 0 changed, 0 same",
        "Nothing was changed.",
    ]
    assert not Article.objects.exists()
    run(tmp_path)
    assert Article.objects.get().created_by == cast.admin
    assert "1 new, 0 changed, 0 same" in capsys.readouterr().out
    for path, by in ((tmp_path, cast.agent.email), (tmp_path / "gone", None)):
        with pytest.raises(Refused):
            run(path, by=by)
    for name in ("a.md", "b.md"):
        (tmp_path / name).unlink()
    with pytest.raises(Refused, match="no articles as Zendesk Guide exports them"):
        run(tmp_path)


@pytest.mark.behaviour("B-510")
def test_questions_find_their_articles(cast: Cast) -> None:
    names = fill(cast.admin, NOW)
    asked = questions()
    assert len(asked) >= 100
    assert {name for question in asked for name in question.right} <= set(names.values())
    quality = judge(lambda text: [one.listed.article for one in suggest(ANYBODY, text, "en", DEEP)], names)
    assert quality.recall_3 >= 0.9, quality.missed
    assert quality.mrr >= 0.85
