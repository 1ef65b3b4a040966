"""A folder of Markdown becomes a help center, again and again, whatever lies in it."""

import os
from pathlib import Path

import pytest

from answerable.knowledge.access import ANYBODY, reader_of
from answerable.knowledge.actions import Place, Text, arrange, save, unpublish
from answerable.knowledge.article_files import ArticleFile
from answerable.knowledge.bring.folder import read
from answerable.knowledge.bring.front import headed
from answerable.knowledge.bring.taking import take
from answerable.knowledge.bring.terms import Done
from answerable.knowledge.models import Article, Audience, Revision, Section, Translation
from answerable.knowledge.queries import article, shelves
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x06\x00\x00\x00\x1f\x15\xc4\x89"
EXPORTS = """---
title: Exports
audience: public
labels: [csv, download]
owner: agent@vendor.test
---
Ten thousand rows. ![the button](../img/button.png "here")
"""


def write(root: Path, files: dict[str, str | bytes]) -> None:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def bring(cast: Cast, root: Path, audience: str = Audience.STAFF, *, keep: bool = True) -> list[Done]:
    return list(take(cast.admin, read(root, audience), NOW, keep=keep))


def outcomes(done: list[Done]) -> dict[str, str]:
    return {one.name: one.outcome for one in done}


def lines(root: Path, done: list[Done]) -> list[str]:
    return [f"{one.where} {one.why}" for one in (*read(root).left, *(left for one in done for left in one.left))]


@pytest.mark.behaviour("B-500")
def test_folders_are_sections_and_files_are_articles_in_their_languages(cast: Cast, tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "1-data/_index.md": "---\ntitle.de: Daten\n---\n# Data\n\nIn and out.",
            "1-data/files/exports.md": EXPORTS,
            "1-data/files/exports.de.md": "# Exporte\n\nZehntausend Zeilen.",
            "1-data/img/button.png": PNG,
            "notes.md": "# For us\n\nNobody else.",
            "draft.md": "---\nstate: draft\naudience: organization norrland, nobody\n---\n# Norrland\n\nText.",
        },
    )
    done = bring(cast, tmp_path)
    assert set(outcomes(done).values()) == {"new"}
    shown = article(ANYBODY, Article.objects.get(external_id="1-data/files/exports").pk, "en")
    assert shown is not None
    assert (shown.title, shown.section_title, shown.locales) == ("Exports", "Files", ("de", "en"))
    assert "data-attachment" in shown.html
    assert ArticleFile.objects.get().name == "button.png"
    assert [(one.title, one.parent is None) for one in shelves(ANYBODY, "de")] == [("Files", False)]
    data = Section.objects.get(external_id="1-data/")
    assert (data.title, data.titles, data.description) == ("Data", {"de": "Daten"}, "In and out.")
    row = Article.objects.get(external_id="1-data/files/exports")
    assert (row.labels, row.owner) == (["csv", "download"], cast.agent)
    assert Article.objects.get(external_id="notes").audience == Audience.STAFF
    named = Article.objects.get(external_id="draft")
    assert (named.audience, list(named.organizations.all())) == (Audience.ORGANIZATIONS, [cast.org])
    assert article(reader_of(cast.requester), named.pk, "en") is None
    assert "draft.md is for nobody, an organization that we don't know" in lines(tmp_path, done)


@pytest.mark.behaviour("B-501")
def test_the_second_time_brings_what_changed_and_writes_over_nothing(cast: Cast, tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "# A\n\nOne.", "b.md": "# B\n\nOne.", "c.md": "# C\n\nOne."})
    assert outcomes(bring(cast, tmp_path, keep=False)) == {"a": "new", "b": "new", "c": "new"}
    assert not Article.objects.exists()
    assert not Section.objects.exists()
    bring(cast, tmp_path)
    assert outcomes(bring(cast, tmp_path)) == {"a": "same", "b": "same", "c": "same"}
    mine = Translation.objects.get(article__external_id="b")
    save(cast.agent, mine.pk, Text("B", "Mine."), 1, NOW)
    write(tmp_path, {"a.md": "# A\n\nTwo.", "b.md": "# B\n\nTwo."})
    done = bring(cast, tmp_path)
    assert outcomes(done) == {"a": "changed", "b": "same", "c": "same"}
    assert [one.why for one in done[1].left] == [
        "changed there, and somebody wrote here since it was brought: it is left as it is here"
    ]
    assert Translation.objects.get(article__external_id="a").text == "Two."
    assert list(Revision.objects.filter(translation=mine).order_by("number").values_list("body", flat=True)) == [
        "One.",
        "Mine.",
    ]


@pytest.mark.behaviour("B-502")
def test_nobody_reads_more_because_it_was_brought_again(cast: Cast, tmp_path: Path) -> None:
    write(
        tmp_path,
        {"a.md": "---\naudience: public\n---\n# A\n\nOne.", "b.md": "---\naudience: everyone\n---\n# B\n\nOne."},
    )
    bring(cast, tmp_path)
    row = Article.objects.get(external_id="a")
    assert row.audience == Audience.PUBLIC
    # An audience that we don't know is nobody's but the team's.
    assert Article.objects.get(external_id="b").audience == Audience.STAFF
    arrange(cast.lead, row.pk, Place(row.section_id, Audience.STAFF), row.version, NOW)
    done = bring(cast, tmp_path)
    assert Article.objects.get(external_id="a").audience == Audience.STAFF
    assert "who reads it stays as it is here" in done[0].left[0].why
    write(tmp_path, {"a.md": "---\naudience: public\n---\n# A\n\nTwo."})
    bring(cast, tmp_path)
    assert article(ANYBODY, row.pk, "en") is None


@pytest.mark.behaviour("B-556")
def test_what_was_taken_back_here_is_not_published_by_a_change_there(cast: Cast, tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "---\naudience: public\n---\n# A\n\nOne."})
    bring(cast, tmp_path)
    row = Translation.objects.get()
    unpublish(cast.lead, row.pk, NOW)
    write(tmp_path, {"a.md": "---\naudience: public\n---\n# A\n\nTwo."})
    done = bring(cast, tmp_path)
    assert article(ANYBODY, row.article_id, "en") is None
    assert Translation.objects.get().body == "Two."
    assert "stays a draft" in done[0].left[0].why


@pytest.mark.behaviour("B-557")
def test_hidden_files_are_no_pictures(cast: Cast, tmp_path: Path) -> None:
    write(
        tmp_path,
        {"docs/a.md": "# A\n\n![x](../.git/config) [y](.env)", ".git/config": "token", "docs/.env": "token"},
    )
    done = bring(cast, tmp_path)
    assert not ArticleFile.objects.exists()
    assert "docs/a.md refers to ../.git/config, which is hidden" in lines(tmp_path, done)


@pytest.mark.behaviour("B-555")
def test_a_hostile_heading_holds_nobody_up() -> None:
    assert headed("# a" + " " * 20_000 + "b\n\nText") == ("a" + " " * 20_000 + "b", "\nText")
    assert headed("\n# A ##  \nText") == ("A", "Text")
    assert headed("# A#\nText") == ("A", "Text")
    assert headed("#A\nText") == ("", "#A\nText")
    assert headed("# \nText") == ("", "# \nText")


@pytest.mark.behaviour("B-503")
def test_what_is_hostile_is_left_out_with_a_line_and_the_rest_comes(cast: Cast, tmp_path: Path) -> None:
    root = tmp_path / "docs"
    write(
        tmp_path,
        {
            "secret.md": "# Secret\n\nOutside.",
            "secret.png": PNG,
            "docs/good.md": "# Good\n\nText ![x](../secret.png) ![y](/etc/passwd) ![z](gone.png) [m](other.md)",
            "docs/latin.md": b"# Gr\xfc\xdfe\n\nText",
            "docs/huge.md": "# H\n\n" + "x" * 900_000,
            "docs/long.md": "# L\n\n" + "x" * 200_001,
            "docs/empty.md": "# Nothing\n",
            "docs/script.md": "# Script\n\n<script>alert(1)</script>\n\nText",
            "docs/a/b/c/d/deep.md": "# Deep\n\nText",
        },
    )
    (root / "link.md").symlink_to(tmp_path / "secret.md")
    (root / "loop.md").symlink_to(root / "loop.md")
    (root / "elsewhere").symlink_to(tmp_path)
    os.mkfifo(root / "pipe.md")
    done = bring(cast, root, Audience.PUBLIC)
    assert set(outcomes(done)) == {"good", "script", "a/b/c/d/deep"}
    said = lines(root, done)
    for line in (
        "link.md leads out of the folder",
        "loop.md leads nowhere",
        "elsewhere is a link to a folder, which is not followed",
        "pipe.md is no file",
        "latin.md is not in UTF-8 (byte 4)",
        "huge.md is longer than an article can be (200,000 letters)",
        "long.md is longer than an article can be (title 200, text 200,000 letters)",
        "empty.md has no text",
        "script.md has HTML in it, which is shown as text",
        "a/b/c/d/deep.md lies deeper than 3 sections: it stands in the third",
        "good.md refers to ../secret.png, which leads out of the folder",
        "good.md refers to /etc/passwd, which is not beside it",
        "good.md refers to gone.png, which leads nowhere",
        "good.md links to other.md: link to its address here once it is brought",
    ):
        assert line in said
    shown = article(ANYBODY, Article.objects.get(external_id="script").pk, "en")
    assert shown is not None
    assert "<script" not in shown.html
    assert not ArticleFile.objects.exists()
