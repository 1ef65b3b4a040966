"""Articles in the widget: their pictures and files, whether they helped, and what is counted of all that."""

import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.conf import LazySettings
from django.test import Client

from answerable.knowledge.actions import Place, Text, begin, publish, unpublish
from answerable.knowledge.asking import ArticleDay, Asking, Feedback, Searched
from answerable.knowledge.file_actions import add_files
from answerable.knowledge.models import Audience, Translation
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.lib import clock
from answerable.lib.uploads import Received
from answerable.tickets.models import Ticket
from answerable.widget.models import Session
from answerable.widget.tests.stage import Host
from tests.cast import NOW, Cast

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 32
BODY = "![The button](file:the-button.png) and [the list](file:list.csv)."
ASKED = {"subject": "The loader hangs", "text": "Since noon.", "severity": "P1", "impact": ""}


def published(cast: Cast, audience: Audience) -> Translation:
    """An article about the loader, with a picture and a file."""
    section = make_section(cast.lead, SectionText("Loading"), NOW)
    theirs = frozenset([cast.org.pk] if audience == Audience.ORGANIZATIONS else [])
    row = begin(cast.lead, Place(section.pk, audience, theirs), Text("When the loader hangs", BODY), NOW)
    files = [Received("the button.png", "image/png", PNG), Received("list.csv", "text/csv", b"a;b")]
    add_files(cast.lead, row.article_id, files, NOW)
    return publish(cast.lead, row.pk, NOW)


def addresses(answer: Any) -> list[str]:
    """Of the picture and the file."""
    found: list[str] = re.findall(r'<(?:img src|a href)="([^"]+)"', answer.content.decode())
    return found


@pytest.mark.behaviour("B-528")
def test_an_articles_files_are_fetched_for_a_minute_by_who_may_read_it(
    host: Host, cast: Cast, settings: LazySettings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FILES = str(tmp_path)
    row, anyone, browser = published(cast, Audience.ORGANIZATIONS), Client(), host.sign_in()
    path = f"articles/{row.article_id}"
    picture, table = addresses(browser.get(path))
    assert picture.startswith(f"/widget/cloud/{path}/files/")
    got = anyone.get(picture)
    assert (got.status_code, got.headers["Content-Type"]) == (200, "image/png")
    assert "no-store" in got.headers["Cache-Control"]
    renewed = browser.get(table.removeprefix("/widget/cloud/").rpartition("/")[0]).json()["address"]
    assert anyone.get(renewed).headers["Content-Disposition"].startswith("attachment")
    # Of this file alone.
    swapped = picture.rpartition("/")[0] + "/" + table.rpartition("/")[2]
    assert anyone.get(swapped).status_code == 404
    for other in (host, host.sign_in(email="nora@norrland.test", name="Nora New")):
        assert other.get(path).status_code == 404
        assert other.get(table.removeprefix("/widget/cloud/").rpartition("/")[0]).status_code in {401, 404}
    with monkeypatch.context() as later:
        later.setattr("django.core.signing.time.time", lambda: clock.exact().timestamp() + 61)
        assert anyone.get(picture).status_code == 404
    cast.requester.memberships.all().delete()
    assert anyone.get(picture).status_code == 404
    cast.requester.memberships.create(organization=cast.org, source="staff", since=NOW)
    assert anyone.get(picture).status_code == 200
    unpublish(cast.lead, row.pk, NOW)
    assert anyone.get(picture).status_code == 404
    publish(cast.lead, row.pk, NOW)
    Session.objects.update(ended_at=clock.now())
    assert anyone.get(picture).status_code == 404


@pytest.mark.behaviour("B-528")
def test_a_public_articles_files_have_the_address_they_have_everywhere(
    host: Host, cast: Cast, settings: LazySettings, tmp_path: object
) -> None:
    settings.FILES = str(tmp_path)
    row = published(cast, Audience.PUBLIC)
    for browser in (host, host.sign_in()):
        picture, table = addresses(browser.get(f"articles/{row.article_id}"))
        assert picture.startswith(f"/help/articles/{row.article_id}/files/")
        assert [Client().get(one).status_code for one in (picture, table)] == [200, 200]


def via(page: str) -> str:
    """What the link to an article carries."""
    found = re.search(r"\?via=([^\"]+)", page)
    assert found
    return unquote(found[1])


@pytest.mark.behaviour("B-529")
def test_what_the_widget_suggests_finds_and_opens_is_counted_as_its_own(host: Host, cast: Cast) -> None:
    row, browser = published(cast, Audience.CUSTOMERS), host.sign_in()
    asking = re.findall(r'name="asking" value="([^"]+)"', browser.get("new").content.decode())[0]
    token = via(browser.post("suggestions", subject="loader hangs", asking=asking).content.decode())
    assert browser.get(f"articles/{row.article_id}", via=token).status_code == 200
    kept = Asking.objects.get()
    assert (kept.source, kept.person, kept.visitor) == ("widget", cast.requester, "")
    assert (kept.shown, kept.opened, kept.sent_at) == ([row.article_id], [row.article_id], None)
    # Sent all the same; what came back to be mended first was no request.
    assert asking in browser.post("new", **ASKED | {"subject": ""}, asking=asking).content.decode()
    browser.post("new", **ASKED, asking=asking)
    kept.refresh_from_db()
    assert kept.ticket_id == Ticket.objects.get().pk
    token = via(browser.get("search", q="When the loader hangs").content.decode())
    browser.get(f"articles/{row.article_id}", via=token)
    browser.get("search", q="zebra")
    searches = Searched.objects.order_by("pk").values_list("source", "text", "found", "opened", "ticket_id")
    assert list(searches) == [
        ("widget", "loader hangs", 1, row.article_id, kept.ticket_id),
        ("widget", "when the loader hangs", 1, row.article_id, None),
        ("widget", "zebra", 0, None, None),
    ]
    assert ArticleDay.objects.get().views == 2
    # A token that is none of ours loses a figure, and nothing else.
    assert browser.post("new", **ASKED, asking="made-up").status_code == 200
    assert Asking.objects.count() == 1


@pytest.mark.behaviour("B-530")
def test_a_reader_says_whether_an_article_helped_and_may_change_that(host: Host, cast: Cast) -> None:
    row = published(cast, Audience.PUBLIC)
    path = f"articles/{row.article_id}"
    assert "Was this helpful?" in host.get(path).content.decode()
    for browser, person in ((host, None), (host.sign_in(), cast.requester)):
        assert "It helped you" in browser.post(f"{path}/helpful", helpful="yes").content.decode()
        assert "What was missing" in browser.post(f"{path}/helpful", helpful="no").content.decode()
        told = browser.post(f"{path}/helpful", helpful="no", comment="Where is the button?").content.decode()
        assert "We read what you wrote" in told
        said = Feedback.objects.get(person=person)
        assert (said.helpful, said.comment) == (False, "Where is the button?")
        assert "We read what you wrote" in browser.get(path).content.decode()
    assert host.post(f"{path}/helpful", helpful="").status_code == 422
    hidden = published(cast, Audience.STAFF)
    assert host.sign_in().post(f"articles/{hidden.article_id}/helpful", helpful="yes").status_code == 404
