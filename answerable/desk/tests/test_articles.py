"""Articles at the desk: found by what they are, written by two at once, published now or later, and arranged."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from answerable.knowledge.access import ANYBODY
from answerable.knowledge.actions import Place, Text, arrange, begin, publish, save, translate
from answerable.knowledge.article_files import ArticleFile
from answerable.knowledge.asking import Searched
from answerable.knowledge.asking_actions import Who
from answerable.knowledge.desk_queries import CAP, PAGE, STATES, Wanted, counts, listed, states_of
from answerable.knowledge.models import Article, ArticleOrganization, Audience, Revision, Section, Translation
from answerable.knowledge.queries import article
from answerable.knowledge.reading_actions import Answer, say_helpful, viewed
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.lib import clock
from answerable.people.models import Person
from tests.cast import NOW, Cast, a_ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def section(cast: Cast) -> Section:
    return make_section(cast.lead, SectionText("Exports"), NOW)


@pytest.fixture
def row(cast: Cast, section: Section) -> Translation:
    return begin(cast.agent, Place(section.pk, owner=cast.agent.pk), Text("Exporting", "Ten thousand rows."), NOW)


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def post(person: Person, name: str, data: dict[str, Any], **keys: object) -> Any:
    return client_of(person).post(reverse(f"desk:{name}", kwargs=keys), data)


def get(person: Person, address: str) -> str:
    answer = client_of(person).get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def written(text: str, seen: int = 1, **more: str) -> dict[str, str]:
    return {"title": "Exporting", "text": text, "seen": str(seen), "locale": "en", **more}


@pytest.mark.behaviour("B-482")
def test_the_list_counts_each_state_as_it_shows_it(cast: Cast, section: Section, row: Translation) -> None:
    texts = [begin(cast.lead, Place(section.pk), Text(f"Other {number}", "Words."), NOW) for number in range(6)]
    publish(cast.lead, texts[0].pk, NOW)
    publish(cast.lead, texts[1].pk, NOW)
    save(cast.agent, texts[1].pk, Text("Other 1", "Newer words."), 1, NOW)
    post(cast.agent, "article_act", {}, pk=texts[2].article_id, what="review")
    at = (clock.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    answer = post(cast.lead, "article_save", written("Words.", then="schedule", publish_at=at), pk=texts[3].article_id)
    assert answer.status_code == 302
    post(cast.lead, "article_act", {}, pk=texts[4].article_id, what="archive")
    german = translate(cast.agent, texts[0].article, "de", Text("Anderes", "Worte."), NOW)
    counted = counts()
    found = {state: listed(Wanted(state=state), None).rows for state in ("", *STATES, "archived")}
    assert {state: str(len(rows)) for state, rows in found.items()} == counted
    for state, rows in found.items():
        for one in rows:
            assert not state or state in {*states_of(one), *(["published"] if "newer" in states_of(one) else [])}
    assert german in listed(Wanted(locale="de"), None).rows
    assert [one.pk for one in listed(Wanted(q="export"), None).rows] == [texts[3].pk, row.pk]
    assert [one.pk for one in listed(Wanted(owner=cast.agent.pk), None).rows] == [row.pk]
    page = get(cast.agent, reverse("desk:articles") + "?state=newer")
    assert "Published, with a newer draft" in page
    assert "Exporting" not in page
    assert "No article is like that" in get(cast.agent, reverse("desk:articles") + "?q=nowhere")


@pytest.mark.behaviour("B-482")
def test_the_list_is_paged_by_key_and_its_counts_are_capped(cast: Cast, row: Translation) -> None:
    for number in range(CAP + 4):
        Translation.objects.create(article=row.article, locale=f"x{number}", title=f"Text {number}", edited_at=NOW)
    seen: list[int] = []
    cursor = None
    while True:
        page = listed(Wanted(), cursor)
        seen += [one.pk for one in page.rows]
        cursor = page.next
        if cursor is None:
            break
        assert len(page.rows) == PAGE
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == CAP + 5
    assert counts()[""] == f"{CAP}+"


@pytest.mark.behaviour("B-483")
def test_who_saves_second_keeps_their_words_and_sees_the_difference(cast: Cast, row: Translation) -> None:
    assert post(cast.lead, "article_save", written("The lead's words."), pk=row.article_id).status_code == 302
    answer = post(cast.agent, "article_save", written("The agent's words.", then="review"), pk=row.article_id)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "The agent&#39;s words.</textarea>" in page
    assert 'class="line-text">The lead&#39;s words.' in page
    assert "Priya Nair saved another text meanwhile" in page
    assert 'name="seen" value="2"' in page
    assert Translation.objects.get(pk=row.pk).review_asked_at is None
    assert post(cast.agent, "article_save", written("The agent's words.", 2), pk=row.article_id).status_code == 302
    assert list(Revision.objects.filter(translation=row).order_by("number").values_list("body", flat=True)) == [
        "Ten thousand rows.",
        "The lead's words.",
        "The agent's words.",
    ]


@pytest.mark.behaviour("B-484")
def test_what_is_published_or_scheduled_is_what_stood_in_the_editor(cast: Cast, row: Translation) -> None:
    Article.objects.filter(pk=row.article_id).update(audience=Audience.PUBLIC)
    answer = post(cast.lead, "article_save", written("Seen by all.", then="publish"), pk=row.article_id)
    assert answer.status_code == 302
    shown = article(ANYBODY, row.article_id, "en")
    assert shown is not None
    assert shown.text == "Seen by all."
    past = written("Too late.", 2, then="schedule", publish_at="2001-01-01T09:00")
    answer = post(cast.lead, "article_save", past, pk=row.article_id)
    assert answer.status_code == 422
    assert "The time must lie ahead." in answer.content.decode()
    assert "Too late.</textarea>" in answer.content.decode()
    assert Translation.objects.get(pk=row.pk).revision == 2
    assert post(cast.agent, "article_save", written("Mine.", 2, then="publish"), pk=row.article_id).status_code == 403
    assert Translation.objects.get(pk=row.pk).revision == 2


@pytest.mark.behaviour("B-485")
def test_a_revision_is_compared_and_restored(cast: Cast, row: Translation) -> None:
    save(cast.lead, row.pk, Text("Exporting", "Twenty thousand rows.", "More of them"), 1, NOW)
    path = reverse("desk:article_revisions", kwargs={"pk": row.article_id})
    page = get(cast.agent, path)
    assert "How revision 2 differs from 1" in page
    assert '<span class="visually-hidden">added</span></td>' in page
    assert "More of them" in page
    assert "How revision 1 differs from 2" in get(cast.agent, f"{path}?old=2&new=1")
    post(cast.agent, "article_act", {"number": "1"}, pk=row.article_id, what="restore")
    assert Translation.objects.get(pk=row.pk).body == "Ten thousand rows."
    page = get(cast.agent, reverse("desk:article", kwargs={"pk": row.article_id}))
    assert "began it" in page


@pytest.mark.behaviour("B-576")
def test_its_page_says_whether_readers_found_it_and_what_they_missed(cast: Cast, row: Translation) -> None:
    assert "Nobody opened it in the last 90 days." in get(cast.agent, f"/desk/articles/{row.article_id}")
    arrange(cast.lead, row.article_id, Place(row.article.section_id, Audience.PUBLIC), 1, NOW)
    publish(cast.lead, row.pk, NOW)
    viewed(row.pk, clock.now())
    say_helpful(ANYBODY, row.pk, Who(None, "somebody"), Answer(False, "<b>Columns?"), NOW)
    page = get(cast.agent, f"/desk/articles/{row.article_id}")
    assert "Opened in the last 90 days: 1 time." in page
    assert "did not help 1." in page
    assert "&lt;b&gt;Columns?" in page


@pytest.mark.behaviour("B-486")
def test_who_reads_it_is_said_plainly_and_changed_by_who_may(cast: Cast, section: Section, row: Translation) -> None:
    path = reverse("desk:article", kwargs={"pk": row.article_id})
    assert "Only your team can read it. No customer sees that it exists." in get(cast.agent, path)
    place = {"section": section.pk, "position": 0, "audience": "organizations", "labels": "s3, csv", "version": 1}
    assert post(cast.lead, "article_place", place, pk=row.article_id).status_code == 422
    named = place | {"organization": [str(cast.org.pk)], "owner": cast.lead.pk, "review_on": "2026-12-24"}
    assert post(cast.agent, "article_place", named, pk=row.article_id).status_code == 302
    assert Article.objects.get().audience == Audience.STAFF
    assert post(cast.lead, "article_place", named, pk=row.article_id).status_code == 409
    assert post(cast.lead, "article_place", named | {"version": 2}, pk=row.article_id).status_code == 302
    assert [one.organization for one in ArticleOrganization.objects.all()] == [cast.org]
    page = get(cast.agent, path)
    assert "Members of Norrland Energi can read it once they are signed in" in page
    assert "changed who reads it: Your team → Some organizations" in page
    later = {"section": section.pk, "position": 3, "labels": "", "version": 3, "organization": str(cast.org.pk)}
    assert post(cast.agent, "article_place", later, pk=row.article_id).status_code == 302
    assert ArticleOrganization.objects.count() == 1
    found = get(cast.agent, reverse("desk:article_organizations") + f"?find=kivu&organization={cast.org.pk}")
    assert f'value="{cast.org.pk}" checked' in found
    assert "Kivu Bank" in found


def test_a_new_article_is_a_draft_for_the_team_and_gets_languages(cast: Cast, section: Section) -> None:
    assert "No articles yet" in get(cast.agent, reverse("desk:articles"))
    assert 'value="how to export"' in get(cast.agent, reverse("desk:article_new") + "?title=how+to+export")
    new = {"title": "Exporting", "text": "Words.", "section": section.pk, "locale": "en"}
    assert post(cast.agent, "article_make", new | {"title": " "}).status_code == 422
    assert post(cast.agent, "article_make", new).status_code == 302
    row = Translation.objects.get()
    assert (row.article.audience, row.article.owner) == (Audience.STAFF, cast.agent)
    path = reverse("desk:article", kwargs={"pk": row.article_id}) + "?locale=de"
    assert "In German it is not there yet." in get(cast.agent, path)
    assert "Words.</textarea>" in get(cast.agent, f"{path}&copy=yes")
    german = {"title": "Exportieren", "text": "Worte.", "locale": "de", "seen": "0", "then": "review"}
    assert post(cast.agent, "article_save", german, pk=row.article_id).status_code == 302
    assert Translation.objects.get(locale="de").review_asked_by == cast.agent
    post(cast.lead, "article_act", {"locale": "de", "why": "Say how many."}, pk=row.article_id, what="send-back")
    assert "sent it back (German): Say how many." in get(cast.agent, path)
    assert "readonly" in get(cast.csm, path)


def test_files_come_along_and_are_shown_in_the_preview(
    cast: Cast, row: Translation, settings: LazySettings, tmp_path: object
) -> None:
    settings.FILES = str(tmp_path)
    picture = SimpleUploadedFile("a b.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 32)
    kept = post(cast.agent, "article_attach", {"files": picture}, pk=row.article_id).content.decode()
    assert 'data-call="![a-b](file:a-b.png)"' in kept
    number = ArticleFile.objects.get().pk
    look = post(cast.agent, "article_look", {"text": "![](file:a-b.png) <script>", "article": row.article_id})
    assert f'<img src="/help/articles/{row.article_id}/files/{number}/a-b.png"' in look.content.decode()
    assert "&lt;script&gt;" in look.content.decode()
    post(cast.agent, "article_detach", {}, pk=row.article_id, file=number)
    assert ArticleFile.objects.get().removed_at is not None


@pytest.mark.behaviour("B-487")
def test_sections_are_made_renamed_moved_and_put_away(cast: Cast, section: Section) -> None:
    post(cast.lead, "section_save", {"title": "First steps", "title:de": "Erste Schritte"})
    first = Section.objects.get(title="First steps")
    post(cast.lead, "section_act", {}, pk=first.pk, what="up")
    assert list(Section.objects.order_by("position").values_list("title", flat=True)) == ["First steps", "Exports"]
    change = {"section": section.pk, "title": "Exports", "parent": first.pk, "description": "Getting data out"}
    post(cast.lead, "section_save", change)
    section.refresh_from_db()
    assert (section.parent, section.position, first.titles) == (first, 2, {"de": "Erste Schritte"})
    refused = post(cast.lead, "section_save", {"section": first.pk, "title": "Steps", "parent": section.pk})
    assert refused.status_code == 422
    assert 'value="Steps"' in refused.content.decode()
    assert post(cast.lead, "section_act", {}, pk=first.pk, what="archive").status_code == 422
    post(cast.lead, "section_act", {}, pk=section.pk, what="archive")
    assert "Getting data out" not in get(cast.agent, reverse("desk:sections"))
    post(cast.lead, "section_act", {}, pk=section.pk, what="bring-back")
    section.refresh_from_db()
    assert (section.archived_at, section.parent) == (None, first)
    assert "Put away" not in get(cast.agent, reverse("desk:sections"))


@pytest.mark.behaviour("B-492")
def test_beside_a_request_no_link_is_offered_to_what_its_requester_cannot_read(cast: Cast, section: Section) -> None:
    ticket = a_ticket(cast)
    for audience in (Audience.PUBLIC, Audience.STAFF):
        row = begin(
            cast.lead, Place(section.pk, audience), Text(f"Sync for {audience}", "![x](file:y) Restart it."), NOW
        )
        publish(cast.lead, row.pk, NOW)
    beside = reverse("desk:ticket_articles", kwargs={"number": ticket.number})
    found = get(cast.agent, beside)
    public, staff = sorted(found.split("<li>")[1:], key=lambda one: "for <" not in one and "staff" in one)
    assert "(http://portal.vendor.test/help/articles/" in public
    assert "The requester cannot read it. Who can: your team." in staff
    assert "data-put-words" not in staff
    assert "No article has these words" in get(cast.agent, f"{beside}?q=invoices")
    words = reverse("desk:ticket_article_words", kwargs={"number": ticket.number, "pk": row.article_id})
    assert client_of(cast.agent).get(f"{words}?locale=en").json() == {"text": "Restart it."}
    assert client_of(cast.agent).get(f"{words}?locale=de").status_code == 404


@pytest.mark.behaviour("B-488")
def test_an_article_from_a_request_is_read_through_first(cast: Cast, section: Section) -> None:
    ticket = a_ticket(cast, subject="Elin's sync stopped")
    page = get(cast.agent, reverse("desk:article_from_ticket", kwargs={"number": ticket.number}))
    assert "Read it through before you save it." in page
    assert 'value="[customer] sync stopped"' in page
    new = {"title": "Sync stopped", "text": "Words.", "section": section.pk, "locale": "en", "ticket": ticket.number}
    assert post(cast.agent, "article_make", new).status_code == 302
    assert Article.objects.get().ticket_id == ticket.pk
    assert f"#{ticket.number}</a>" in get(cast.agent, reverse("desk:article", kwargs={"pk": Article.objects.get().pk}))
    history = get(cast.agent, reverse("desk:ticket", kwargs={"number": ticket.number}))
    assert "Tomas Kral began an article from it" in history


@pytest.mark.behaviour("B-493")
def test_what_was_searched_in_vain_is_a_list_of_articles_to_write(cast: Cast) -> None:
    at = clock.now() - timedelta(minutes=1)
    for locale in ("en", "de"):
        Searched.objects.create(at=at, text="two tax rates", locale=locale, found=0, source="help")
    page = get(cast.agent, reverse("desk:article_searches"))
    assert "two tax rates" in page
    assert "2 times" in page
    assert "?title=two%20tax%20rates" in page
    assert "2 searches" in page
