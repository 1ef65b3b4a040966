"""An export of Zendesk Guide becomes a help center: sections, languages, drafts, and who reads what."""

import json
from pathlib import Path
from typing import Any

import pytest

from answerable.knowledge.access import ANYBODY
from answerable.knowledge.article_files import ArticleFile
from answerable.knowledge.bring import zendesk
from answerable.knowledge.bring.taking import take
from answerable.knowledge.models import Article, Audience, Translation
from answerable.knowledge.queries import article
from answerable.knowledge.tests.test_bring_folder import PNG, lines, outcomes
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
PICTURE = "https://acme.zendesk.com/hc/article_attachments/77/button.png"
BODY = (
    '<h2 id="h_1">Limits</h2><p>Ten <b>thousand</b> rows.</p><pre><code>acme export</code></pre>'
    f'<script>alert(1)</script><p><img src="{PICTURE}" onerror="x()"><img src="https://else.test/x.png"></p>'
)


def an_article(pk: int, **more: Any) -> dict[str, Any]:
    plain = {
        "id": pk,
        "title": f"Article {pk}",
        "body": "<p>Text.</p>",
        "locale": "en-us",
        "source_locale": "en-us",
        "section_id": 20,
        "draft": False,
        "outdated": False,
        "position": 0,
        "label_names": [],
        "user_segment_id": None,
        "created_at": "2020-01-02T03:04:05Z",
    }
    return plain | more


def export(root: Path, articles: list[dict[str, Any]], **more: Any) -> Path:
    """As one would fetch it: a file for each address."""
    files: dict[str, Any] = {
        "categories.json": {"categories": [{"id": 10, "name": "Product", "locale": "en-us", "description": "All"}]},
        "sections.json": {
            "sections": [
                {"id": 20, "name": "Exports", "category_id": 10, "parent_section_id": None, "locale": "en-us"},
                {"id": 21, "name": "Below", "category_id": 10, "parent_section_id": 20},
                {"id": 22, "name": "Too deep", "category_id": 10, "parent_section_id": 21},
            ]
        },
        "articles.json": {"articles": articles, "count": len(articles), "next_page": None},
        "user_segments.json": {
            "user_segments": [
                {"id": 1, "name": "Signed-in users", "user_type": "signed_in_users", "built_in": True},
                {"id": 2, "name": "Agents", "user_type": "staff", "built_in": True},
                {"id": 3, "name": "Gold", "user_type": "signed_in_users", "tags": ["gold"], "built_in": False},
            ]
        },
        **more,
    }
    for name, said in files.items():
        (root / name).write_text(json.dumps(said))
    return root


@pytest.mark.behaviour("B-504")
def test_guides_articles_come_with_sections_languages_pictures_and_drafts(cast: Cast, tmp_path: Path) -> None:
    german = {"source_id": 100, "source_type": "Article", "locale": "de", "title": "Exporte", "body": "<p>Zeilen</p>"}
    root = export(
        tmp_path,
        [an_article(100, body=BODY, label_names=["csv"]), an_article(101, draft=True), an_article(102, section_id=22)],
        **{"translations.json": {"translations": [german | {"draft": False, "outdated": True}]}},
    )
    (root / "article_attachments" / "77").mkdir(parents=True)
    (root / "article_attachments" / "77" / "button.png").write_bytes(PNG)
    done = list(take(cast.admin, zendesk.read(root), NOW))
    assert outcomes(done) == {"zendesk:100": "new", "zendesk:101": "new", "zendesk:102": "new"}
    row = Article.objects.get(external_id="zendesk:100")
    assert (row.labels, row.review_on, row.created_at.year) == (["csv"], NOW.date(), 2020)
    text = Translation.objects.get(article=row, locale="en").body
    assert text.startswith("## Limits\n\nTen **thousand** rows.\n\n```\nacme export\n```")
    assert "![button.png](file:button.png)" in text
    assert "alert" not in text
    assert ArticleFile.objects.get(article=row).name == "button.png"
    shown = article(ANYBODY, row.pk, "de")
    assert shown is not None
    assert (shown.title, shown.section_title) == ("Exporte", "Exports")
    assert article(ANYBODY, Article.objects.get(external_id="zendesk:101").pk, "en") is None
    deepest = Article.objects.select_related("section__parent").get(external_id="zendesk:102").section
    assert deepest.parent is not None
    assert (deepest.title, deepest.parent.title) == ("Below", "Exports")
    said = [f"{one.where} {one.why}" for one in zendesk.read(root).left]
    assert "article 100 (Article 100) has a script in it, which is left out" in said
    assert "article 100 (Article 100) has a picture that isn't in the export (https://else.test/x.png)" in said
    assert "Too deep lies deeper than three sections: its articles stand in the third" in said
    assert set(outcomes(list(take(cast.admin, zendesk.read(root), NOW))).values()) == {"same"}


@pytest.mark.behaviour("B-505")
def test_only_what_says_everybody_is_public(cast: Cast, tmp_path: Path) -> None:
    nobody = an_article(7)
    del nobody["user_segment_id"]
    segments: list[dict[str, Any]] = [{"user_segment_id": one} for one in (None, 1, 2, 3, 99)]
    articles = [an_article(n, **said) for n, said in enumerate(segments, 1)]
    several = an_article(6, user_segment_ids=[1, 3])
    root = export(tmp_path, [*articles, several, nobody])
    done = list(take(cast.admin, zendesk.read(root), NOW))
    found = {one.external_id: one.audience for one in Article.objects.all()}
    wanted = [Audience.PUBLIC, Audience.CUSTOMERS, *[Audience.STAFF] * 5]
    assert found == {f"zendesk:{n}": audience for n, audience in enumerate(wanted, 1)}
    said = [f"{one.where} {one.why}" for one in zendesk.read(root).left]
    assert "article 4 (Article 4) is for a segment that we don't have (Gold): only your team reads it" in said
    assert "article 5 (Article 5) is for a segment that we don't have (99): only your team reads it" in said
    assert "article 7 (Article 7) says of nobody that they read it: only your team does" in said
    assert not [line for line in lines(tmp_path, done) if "is not taken" in line]


@pytest.mark.behaviour("B-503")
def test_an_export_that_is_no_export_brings_nothing_down(cast: Cast, tmp_path: Path) -> None:
    broken: list[Any] = [
        an_article(1, body="<div>" * 20_000 + "deep"),
        an_article(2, body="<img" * 50_000),
        an_article(3, title=None),
        an_article(4, section_id="../../x"),
        an_article(5, locale="tlh"),
        {"id": "../../etc/passwd", "title": "x"},
        "no article",
        an_article(
            6, position=-4, label_names="x", created_at="yesterday", body=f'<p>T<img src="{PICTURE}/../.."></p>'
        ),
    ]
    circle = [{"id": one, "name": f"Circle {one}", "parent_section_id": other} for one, other in ((31, 32), (32, 31))]
    root = export(tmp_path, broken, **{"more.json": {"articles": "all", "sections": circle}})
    (root / "bad.json").write_text("{" * 100_000)
    (root / "out.json").symlink_to("/etc/passwd")
    done = list(take(cast.admin, zendesk.read(root), NOW))
    assert outcomes(done)["zendesk:6"] == "new"
    said = [f"{one.where} {one.why}" for one in zendesk.read(root).left]
    assert "bad.json is no JSON that can be read" in said
    assert "out.json leads out of the folder" in said
    assert "article 4 (Article 4) is in a section that the export doesn't have" in said
    assert "article 5 (Article 5) is there in a language that we don't know (tlh)" in said
