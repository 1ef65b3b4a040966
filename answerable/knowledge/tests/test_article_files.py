"""Pictures and attachments of articles: kept once, and for whoever may read the article alone."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from answerable.knowledge.access import ANYBODY, Reader
from answerable.knowledge.actions import Place, Text, archive, begin, publish, save, unpublish
from answerable.knowledge.article_files import ArticleFile
from answerable.knowledge.file_actions import add_files, remove_file
from answerable.knowledge.file_queries import addresses, file_for, files_of, path_of
from answerable.knowledge.models import Article, Audience, Translation
from answerable.knowledge.queries import article
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.lib.errors import Refused
from answerable.lib.html import with_images
from answerable.lib.uploads import Received
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
BODY = "![The button](file:the-button.png) and [the list](file:list.csv), [nothing](file:gone.csv)."


@pytest.fixture
def row(cast: Cast, settings: LazySettings, tmp_path: object) -> Translation:
    settings.FILES = str(tmp_path)
    section = make_section(cast.lead, SectionText("Exports"), NOW)
    place = Place(section.pk, Audience.ORGANIZATIONS, frozenset({cast.org.pk}))
    return begin(cast.lead, place, Text("Buttons", BODY), NOW)


def both(cast: Cast, row: Translation) -> list[ArticleFile]:
    files = [Received("the button.png", "image/png", PNG), Received("list.csv", "text/csv", b"a;b")]
    return add_files(cast.agent, row.article_id, files, NOW)


@pytest.mark.behaviour("B-480")
def test_a_text_shows_its_pictures_and_hands_out_its_files(cast: Cast, row: Translation) -> None:
    picture, table = both(cast, row)
    assert path_of(picture.sha256).read_bytes() == PNG
    assert path_of(picture.sha256).parts[-4] == "knowledge"
    publish(cast.lead, row.pk, NOW)
    shown = article(Reader(signed_in=True, organizations=frozenset({cast.org.pk})), row.article_id, "en")
    assert shown is not None
    html = with_images(shown.html, addresses(row.article_id))
    assert f'<img src="/help/articles/{row.article_id}/files/{picture.pk}/the-button.png"' in html
    assert f'<a href="/help/articles/{row.article_id}/files/{table.pk}/list.csv"' in html
    assert "nothing</a>" in html
    assert "gone.csv" not in html
    assert "files.invalid" not in html


@pytest.mark.behaviour("B-480")
def test_the_same_file_is_kept_once_and_another_of_its_name_gets_a_number(cast: Cast, row: Translation) -> None:
    first, _table = both(cast, row)
    assert both(cast, row)[0] == first
    other = add_files(cast.agent, row.article_id, [Received("the button.png", "image/png", PNG + b"x")], NOW)
    assert [one.name for one in other] == ["the-button-2.png"]
    assert len(files_of(row.article_id)) == 3
    with pytest.raises(Refused, match="write articles"):
        add_files(cast.csm, row.article_id, [], NOW)


@pytest.mark.behaviour("B-481")
def test_a_file_is_readable_exactly_while_its_article_is(cast: Cast, row: Translation) -> None:
    picture, table = both(cast, row)
    Article.objects.filter(pk=row.article_id).update(audience=Audience.ORGANIZATIONS)
    member = Reader(signed_in=True, organizations=frozenset({cast.org.pk}))
    others = (ANYBODY, Reader(signed_in=True), Reader(signed_in=True, organizations=frozenset({cast.other_org.pk})))
    for reader in (member, *others):
        assert file_for(reader, row.article_id, picture.pk) is None
    publish(cast.lead, row.pk, NOW)
    assert file_for(member, row.article_id, picture.pk) == picture
    assert [file_for(reader, row.article_id, picture.pk) for reader in others] == [None] * 3
    assert file_for(member, row.article_id + 1, picture.pk) is None

    def asked(client: Client, file: ArticleFile) -> Any:
        names = {"pk": row.article_id, "file": file.pk, "called": file.name}
        return client.get(reverse("portal:help_file", kwargs=names))

    client = Client()
    assert asked(client, picture).status_code == 404
    client.force_login(cast.requester)
    given = asked(client, picture)
    assert given["Content-Disposition"].startswith("inline")
    assert asked(client, table)["Content-Disposition"].startswith("attachment")
    unpublish(cast.lead, row.pk, NOW)
    assert asked(client, picture).status_code == 404
    archive(cast.lead, row.article_id, NOW)
    client.force_login(cast.agent)
    assert asked(client, picture).status_code == 200


@pytest.mark.behaviour("B-480")
def test_what_readers_see_is_not_taken_away(cast: Cast, row: Translation) -> None:
    picture, _table = both(cast, row)
    publish(cast.lead, row.pk, NOW)
    with pytest.raises(Refused, match="Take it out there first"):
        remove_file(cast.agent, row.article_id, picture.pk, NOW)
    save(cast.agent, row.pk, Text("Buttons", "Words alone."), 1, NOW)
    publish(cast.lead, row.pk, NOW)
    remove_file(cast.agent, row.article_id, picture.pk, NOW)
    assert [one.name for one in files_of(row.article_id)] == ["list.csv"]
    publish(cast.lead, row.pk, NOW, number=1)
    assert f'data-attachment="{picture.pk}"' in Translation.objects.get(pk=row.pk).html


@pytest.mark.behaviour("B-558")
def test_a_file_that_no_published_text_shows_is_nobodys_but_the_teams(cast: Cast, row: Translation) -> None:
    picture, _table = both(cast, row)
    member = Reader(signed_in=True, organizations=frozenset({cast.org.pk}))
    publish(cast.lead, row.pk, NOW)
    (draft,) = add_files(cast.agent, row.article_id, [Received("next.png", "image/png", PNG + b"1")], NOW)
    assert file_for(member, row.article_id, draft.pk) is None
    save(cast.agent, row.pk, Text("Buttons", "Words alone."), 1, NOW)
    assert file_for(member, row.article_id, picture.pk) == picture
    publish(cast.lead, row.pk, NOW)
    remove_file(cast.agent, row.article_id, picture.pk, NOW)
    assert file_for(member, row.article_id, picture.pk) is None
    assert file_for(Reader(signed_in=True, staff=True), row.article_id, picture.pk) == picture
    publish(cast.lead, row.pk, NOW, number=1)
    assert file_for(member, row.article_id, picture.pk) is not None
