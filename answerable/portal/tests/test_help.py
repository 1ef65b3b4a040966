"""The help center: who reads what at which address, in which language, and what is noted of it."""

import re
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from answerable.knowledge.actions import Place, Text, archive, begin, publish, save, translate
from answerable.knowledge.asking import ArticleDay, Asking, Feedback, Searched
from answerable.knowledge.models import Audience, Section, Translation
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.people.models import Person
from answerable.portal.help_pages import accepted
from answerable.portal.tests.filled import filled
from answerable.portal.views import help_search
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BODY = "An export holds 10,000 rows.\n\n## Limits\n\nNo more.\n\n## Schedules\n\nNightly.\n\n## Files\n\n    csv\n"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


@pytest.fixture
def exports(cast: Cast) -> Section:
    return make_section(cast.lead, SectionText("Exports", "Getting data out"), NOW)


def an_article(cast: Cast, section: Section, title: str, audience: str = Audience.PUBLIC, **more: Any) -> Translation:
    row = begin(cast.lead, Place(section.pk, audience, **more), Text(title, BODY), NOW)
    return publish(cast.lead, row.pk, NOW)


def browser(person: Person | None = None, /, **headers: str) -> Client:
    client = Client(headers={"User-Agent": FIREFOX} | headers)
    if person is not None:
        client.force_login(person)
    return client


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.mark.behaviour("B-460")
def test_an_article_has_one_address_and_whoever_may_not_read_it_learns_nothing(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Exporting a warehouse")
    for old in ("", "-exporting", "-Ärger", "-%2e%2e"):
        answer = browser().get(f"/help/articles/{row.article_id}{old}")
        assert (answer.status_code, answer["Location"]) == (
            301,
            f"/help/articles/{row.article_id}-exporting-a-warehouse",
        )
    page = text_of(browser().get(answer["Location"]))
    assert '<h2 id="at-limits">Limits <a class="help-anchor" href="#at-limits"' in page
    assert page.count('href="#at-schedules"') == 3  # the heading's own, and both tables of contents
    assert "/help/sections/" in page
    assert '"@type": "TechArticle"' in page
    save(cast.lead, row.pk, Text("Exporting it all", BODY), 1, NOW)
    publish(cast.lead, row.pk, NOW)
    assert browser().get(answer["Location"])["Location"].endswith("-exporting-it-all")
    hidden = an_article(cast, exports, "For Norrland", Audience.ORGANIZATIONS, organizations=frozenset({cast.org.pk}))
    path = f"/help/articles/{hidden.article_id}"
    no_such = browser().get("/help/articles/999999999999999999999999")
    for reader, status in ((None, 404), (cast.stranger, 404), (cast.requester, 301), (cast.csm, 301)):
        answer = browser(reader).get(f"{path}-wrong")
        assert answer.status_code == status
        if status == 404 and reader is None:
            assert text_of(answer) == text_of(no_such)
    assert "noindex" in browser(cast.requester).get(f"{path}-for-norrland")["X-Robots-Tag"]
    archive(cast.lead, row.article_id, NOW)
    assert browser(cast.admin).get(f"/help/articles/{row.article_id}").status_code == 404


@pytest.mark.behaviour("B-461")
def test_the_language_is_what_the_address_asks_for_then_the_persons_then_the_browsers(
    cast: Cast, exports: Section
) -> None:
    row = an_article(cast, exports, "Exporting")
    german = translate(cast.lead, row.article, "de", Text("Ausgabe", "Zehntausend Zeilen."), NOW)
    publish(cast.lead, german.pk, NOW)
    at = f"/help/articles/{row.article_id}"
    swiss = browser(**{"Accept-Language": "gsw, de-CH;q=0.8, en;q=0.5"})
    assert swiss.get(at)["Location"] == f"{at}-ausgabe"
    assert "An export holds" in text_of(swiss.get(f"{at}-exporting"))
    assert swiss.get(f"{at}?lang=en")["Location"] == f"{at}-exporting?lang=en"
    assert browser().get(f"{at}?lang=fr")["Location"] == f"{at}-exporting?lang=fr"
    cast.requester.locale = "de"
    cast.requester.save()
    page = text_of(browser(cast.requester, **{"Accept-Language": "en"}).get(f"{at}-ausgabe"))
    assert "Zehntausend" in page
    assert f'hreflang="en" href="http://portal.vendor.test{at}-exporting?lang=en"' in page
    assert f'rel="canonical" href="http://portal.vendor.test{at}-ausgabe?lang=de"' in page
    assert "Deutsch</a>" in page
    assert (accepted("fr;q=0, de;q=x, *"), accepted("nl-BE,en;q=0.9"), accepted("")) == ("", "nl", "")


@pytest.mark.behaviour("B-462")
def test_only_what_everybody_gets_alike_may_be_kept_and_is_asked_for_again(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Exporting")
    path = f"/help/articles/{row.article_id}-exporting"
    for one in ("/help", path, "/help/latest.atom", "/sitemap.xml"):
        answer = browser().get(one)
        assert answer["Cache-Control"] == "public, no-cache"
        assert "Cookie" in answer["Vary"]
        assert not answer.cookies
        assert browser(**{"If-None-Match": answer["ETag"]}).get(one).status_code == 304
    other = browser()
    other.cookies["messages"] = "x"
    for client in (browser(cast.requester), browser(cast.agent), other):
        for one in ("/help", path):
            assert "private" in client.get(one)["Cache-Control"]
    assert browser().get("/help/search?q=export")["Cache-Control"] == "private, no-store"


@pytest.mark.behaviour("B-463")
def test_feed_and_map_hold_what_is_public_whoever_asks(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Fish & <chips>")
    german = translate(cast.lead, row.article, "de", Text("Fisch", "Fritten."), NOW)
    publish(cast.lead, german.pk, NOW)
    hidden = an_article(cast, exports, "Canary", Audience.CUSTOMERS)
    for client in (browser(), browser(cast.admin)):
        feed = ElementTree.fromstring(text_of(client.get("/help/latest.atom")))
        assert [one.text for one in feed.findall("a:entry/a:title", ATOM)] == ["Fish & <chips>"]
        sitemap = ElementTree.fromstring(text_of(client.get("/sitemap.xml")))
        found = [one.text or "" for one in sitemap.findall("s:url/s:loc", MAP)]
        assert f"http://portal.vendor.test/help/articles/{row.article_id}-fisch?lang=de" in found
        assert not any(f"/{hidden.article_id}" in one for one in found)
        assert len(sitemap.findall("s:url/x:link", MAP)) == 4
        assert len(sitemap.findall("s:url/s:lastmod", MAP)) == 2
    assert client.get("/sitemap.xml?after=7").status_code == 404
    assert "Fisch" in text_of(browser().get("/help/latest.atom?lang=de"))


@pytest.mark.behaviour("B-465")
def test_opening_is_counted_of_people_who_are_not_of_the_team(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Exporting")
    path = f"/help/articles/{row.article_id}-exporting"
    browser().get(path)
    browser(cast.requester).get(path)
    browser(cast.agent).get(path)
    browser(**{"Sec-Purpose": "prefetch"}).get(path)
    browser(**{"User-Agent": "Googlebot/2.1"}).get(path)
    browser().head(path)
    assert ArticleDay.objects.get().views == 2


@pytest.mark.behaviour("B-464")
def test_was_this_helpful_is_asked_without_a_script_too_and_may_be_changed(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Exporting")
    path = f"/help/articles/{row.article_id}/feedback?lang=en"
    client, checked = browser(), Client(enforce_csrf_checks=True)
    assert checked.post(path, {"helpful": "yes"}).status_code == 403
    assert "Yes</button>" in text_of(client.get(path))
    for said in ({"helpful": "no"}, {"helpful": "no", "comment": "Columns?"}):
        page = client.post(path, said)
    assert "<!doctype html>" in text_of(page)
    assert "Columns?</textarea>" in text_of(page)
    part = text_of(browser(cast.requester, **{"HX-Request": "true"}).post(path, {"helpful": "yes"}))
    assert part.strip().startswith("<section")
    assert list(Feedback.objects.order_by("pk").values_list("helpful", "comment")) == [(False, "Columns?"), (True, "")]
    client.post(path, {"helpful": "yes"})
    assert [one.helpful for one in Feedback.objects.order_by("pk")] == [True, True]
    assert client.post(path, {"helpful": "maybe"}).status_code == 422
    hidden = an_article(cast, exports, "Inside", Audience.STAFF)
    assert client.post(f"/help/articles/{hidden.article_id}/feedback", {"helpful": "yes"}).status_code == 404
    assert [client.post(path, {"helpful": "yes"}).status_code for _ in range(40)][-1] == 422


@pytest.mark.behaviour("B-466")
def test_a_search_says_what_it_found_or_what_to_loosen_and_takes_the_words_along(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Exporting a warehouse")
    client = browser()
    page = text_of(client.get("/help/search?q=export"))
    assert "<mark>Exporting</mark> a warehouse" in page
    link = re.search(r'href="(/help/articles/\d+-[^"]+via=[^"]+)"', page)
    assert link
    assert (
        client.get(link[1].replace("&amp;", "&"))["Location"]
        == f"/help/articles/{row.article_id}-exporting-a-warehouse"
    )
    assert Searched.objects.get().opened_id == row.article_id
    nothing = text_of(client.get("/help/search?q=invoice+<b>%00"))
    assert "Nothing found for “invoice &lt;b&gt;”" in nothing
    assert 'href="/requests/new?subject=invoice+%3Cb%3E"' in nothing
    assert 'value="invoice &lt;b&gt;"' in text_of(client.get("/requests/new?subject=invoice%20%3Cb%3E"))
    browser(cast.agent).get("/help/search?q=invoices")
    assert list(Searched.objects.order_by("pk").values_list("text", "found", "source")) == [
        ("export", 1, "help"),
        ("invoice <b>", 0, "help"),
    ]
    assert client.get("/help/search?q=export&page=999").status_code == 200
    assert client.get("/help/search").status_code == 200


def suggested(client: Client, subject: str, asking: str) -> str:
    return text_of(client.post("/help/suggestions", {"subject": subject, "asking": asking}))


@pytest.mark.behaviour("B-470")
def test_a_subject_is_answered_while_it_is_typed_and_what_becomes_of_it_is_noted(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Exporting a warehouse")
    an_article(cast, exports, "Exporting inside", Audience.STAFF)
    client = browser()
    asking = re.search(r'name="asking" value="([^"]+)"', text_of(client.get("/requests/new")))
    assert asking
    assert 'id="suggestions"' in text_of(client.get("/requests/new"))
    for typed in ("ex", "exp", "expor"):
        part = suggested(client, typed, asking[1])
    assert "1 article may answer this" in part
    assert "<mark>Exporting</mark> a warehouse" in part
    assert "inside" not in part
    link = re.search(r'href="([^"]+)"', part)
    assert link
    client.get(link[1].replace("&amp;", "&"))
    client.post("/requests/new", filled(subject="export", asking=asking[1]))
    kept = Asking.objects.get()
    assert (kept.source, kept.shown, kept.opened) == ("form", [row.article_id], [row.article_id])
    assert kept.ticket_id == Ticket.objects.get().pk
    assert Searched.objects.get().text == "expor"
    suggested(browser(cast.agent), "export", asking[1])
    assert Searched.objects.count() == 1
    assert suggested(client, "export", "forged").count("<li") == 1
    refused = client.post("/requests/new", filled(subject="", asking=asking[1]))
    assert asking[1] in text_of(refused)


def test_the_front_pages_lead_to_answers(cast: Cast, exports: Section) -> None:
    assert "No articles yet" in text_of(browser().get("/help"))
    an_article(cast, exports, "Exporting")
    front = text_of(browser().get("/"))
    assert ">Exporting</a>" in front
    assert 'action="/help/search"' in front
    section = re.search(r'href="(/help/sections/\d+)-exports"', text_of(browser().get("/help")))
    assert section
    assert browser().get(f"{section[1]}-x")["Location"] == f"{section[1]}-exports"
    assert "Getting data out" in text_of(browser().get(f"{section[1]}-exports"))
    assert browser().get("/help/sections/999-exports").status_code == 404


@pytest.mark.behaviour("B-561")
def test_whoever_asks_without_end_gets_answers_and_fills_no_table(
    cast: Cast, exports: Section, monkeypatch: pytest.MonkeyPatch
) -> None:
    an_article(cast, exports, "Exporting a warehouse")
    monkeypatch.setattr(help_search, "NOTED", 2)
    client = browser()
    for words in ("export", "warehouse", "rows"):
        assert "Exporting" in text_of(client.post("/help/suggestions", {"subject": words}))
    assert "Exporting" in text_of(client.get("/help/search", {"q": "nightly"}))
    assert Searched.objects.count() == 2


def test_a_cookie_that_is_none_of_ours_is_nobodys(cast: Cast, exports: Section) -> None:
    row = an_article(cast, exports, "Exporting a warehouse")
    client = browser(Cookie='reader="\\000forged"')
    path = f"/help/articles/{row.article_id}/feedback"
    assert client.get(path).status_code == 200
    client.post(path, {"helpful": "yes"})
    assert re.fullmatch("[A-Za-z0-9]{22}", Feedback.objects.get().visitor)
