"""What is kept of looking for an answer, and for how long."""

from datetime import timedelta

import pytest

from answerable.knowledge.access import ANYBODY, reader_of
from answerable.knowledge.actions import Place, Text, begin, publish
from answerable.knowledge.asking import ArticleDay, Asking, Feedback, Searched
from answerable.knowledge.asking_actions import KEEP, Search, Who, began, forget, opened, searched, sent, shown
from answerable.knowledge.asking_queries import (
    Opinion,
    Searches,
    comments,
    opinions,
    searches,
    views,
    views_by_day,
    without_result,
)
from answerable.knowledge.models import Audience, Translation
from answerable.knowledge.reading_actions import Answer, answer_of, say_helpful, viewed
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.lib.errors import Refused
from answerable.lib.visitors import looks, visitor
from answerable.lib.zones import zone
from answerable.reports.deflection import deflection
from tests.cast import NOW, Cast, a_ticket

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
SOMEBODY = Who(visitor="v")


@pytest.fixture
def row(cast: Cast) -> Translation:
    section = make_section(cast.lead, SectionText("Exports"), NOW)
    row = begin(cast.lead, Place(section.pk, Audience.PUBLIC), Text("Exporting", "Nightly."), NOW)
    return publish(cast.lead, row.pk, NOW)


@pytest.mark.behaviour("B-467")
def test_a_visit_is_one_row_from_the_first_suggestion_on(cast: Cast, row: Translation) -> None:
    token = began("form", NOW)
    assert not Asking.objects.exists()
    shown(token, [], SOMEBODY, NOW)
    assert not Asking.objects.exists()
    shown(token, [row.article_id, row.article_id + 1], SOMEBODY, NOW)
    shown(token, [row.article_id], SOMEBODY, NOW)
    opened(token, row.article_id, SOMEBODY, NOW + SECOND)
    opened(token, row.article_id, SOMEBODY, NOW + 2 * SECOND)
    sent(token, 12, SOMEBODY, NOW + 3 * SECOND)
    kept = Asking.objects.get()
    assert (kept.source, kept.begun_at, kept.visitor) == ("form", NOW, "v")
    assert (sorted(kept.shown), kept.opened) == ([row.article_id, row.article_id + 1], [row.article_id])
    assert (kept.opened_at, kept.sent_at, kept.ticket_id) == (NOW + SECOND, NOW + 3 * SECOND, 12)
    for forged in ("", "x", token[:-1], began("form", NOW - 8 * DAY)):
        shown(forged, [1], SOMEBODY, NOW)
        opened(forged, 1, SOMEBODY, NOW)
        sent(forged, 1, SOMEBODY, NOW)
    assert Asking.objects.count() == 1


@pytest.mark.behaviour("B-469")
def test_a_search_typed_letter_by_letter_is_one(cast: Cast, row: Translation) -> None:
    token = began("form", NOW)
    via = token
    for place, text in enumerate(["Ex", "exp", "Expo", "export ", "export L", "export", "exp", "expense"]):
        via = searched(Search("help", "en", text, 0 if place < 7 else 1), NOW + place * SECOND, token)
    assert list(Searched.objects.order_by("pk").values_list("text", "found", "source")) == [
        ("export l", 0, "form"),
        ("expense", 1, "form"),
    ]
    opened(via, row.article_id, SOMEBODY, NOW)
    assert Searched.objects.get(text="expense").opened_id == row.article_id
    assert Asking.objects.get().opened == [row.article_id]
    sent(token, 7, SOMEBODY, NOW)
    assert set(Searched.objects.values_list("ticket_id", flat=True)) == {7}
    for trail in ("one", "two", "", ""):
        searched(Search("help", "de", "Warehouse", 0, trail), NOW)
    assert Searched.objects.filter(text="warehouse").count() == 4
    missing = without_result(NOW)
    assert [(one.text, one.times, one.locales) for one in missing] == [
        ("warehouse", 4, ("de",)),
        ("export l", 1, ("en",)),
    ]
    assert searches(NOW, NOW + DAY) == Searches(all=6, in_vain=5, unopened=0)


@pytest.mark.behaviour("B-469")
def test_what_was_typed_goes_after_90_days_and_addresses_are_never_kept(cast: Cast) -> None:
    searched(Search("help", "en", "reset anna.berg@norrland.test", 0), NOW)
    assert Searched.objects.get().text == "reset …"
    searched(Search("help", "en", "anna@norrland.test", 0), NOW)
    assert Searched.objects.count() == 1
    shown(began("portal", NOW), [1], Who(cast.requester), NOW)
    assert forget(NOW + KEEP) == 0
    assert Asking.objects.get().person == cast.requester
    assert forget(NOW + KEEP + SECOND) == 1
    assert not Searched.objects.exists()
    assert Asking.objects.get().person is None


@pytest.mark.behaviour("B-468")
def test_a_request_by_mail_counts_against_the_visit_before_it(cast: Cast, row: Translation) -> None:
    for person in (cast.requester, cast.colleague):
        token = began("portal", NOW)
        shown(token, [row.article_id], Who(person), NOW)
        opened(token, row.article_id, Who(person), NOW)
    assert deflection(NOW - DAY, NOW + DAY, NOW + 3 * DAY, zone())[NOW.date()].deflected == 2
    a_ticket(cast, NOW + timedelta(hours=2), channel="mail")
    counts = deflection(NOW - DAY, NOW + DAY, NOW + 3 * DAY, zone())
    assert (counts[NOW.date()].sent, counts[NOW.date()].deflected) == (1, 1)
    assert deflection(NOW - 3 * DAY, NOW - DAY, NOW + 3 * DAY, zone()) == {}


@pytest.mark.behaviour("B-464")
def test_each_has_one_answer_that_may_change(cast: Cast, row: Translation) -> None:
    asked = [(Who(cast.requester), False), (SOMEBODY, False), (Who(visitor="w"), True), (SOMEBODY, True)]
    for who, helpful in asked:
        say_helpful(ANYBODY, row.pk, who, Answer(helpful, " Which columns? "), NOW)
    assert opinions([row.article_id]) == {row.article_id: Opinion(helpful=2, not_helpful=1)}
    assert [(one.text, one.by) for one in comments(row.article_id)] == [("Which columns?", "Elin Berg")]
    assert answer_of(row.pk, Who(visitor="x")) is None
    Translation.objects.filter(pk=row.pk).update(published=None)
    with pytest.raises(Refused):
        say_helpful(reader_of(cast.agent), row.pk, SOMEBODY, Answer(True), NOW)
    assert Feedback.objects.count() == 3


@pytest.mark.behaviour("B-465")
def test_views_are_counted_by_day_and_of_people_alone(cast: Cast, row: Translation) -> None:
    for days in (0, 0, 1):
        viewed(row.pk, NOW + days * DAY)
    assert ArticleDay.objects.count() == 2
    assert views([row.article_id, 0], NOW.date()) == {row.article_id: 3}
    assert views_by_day(row.article_id, NOW.date() + DAY) == [(NOW.date() + DAY, 1)]
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    assert looks({"User-Agent": firefox})
    for headers in (
        {},
        {"User-Agent": firefox, "Sec-Purpose": "prefetch;prerender"},
        {"User-Agent": firefox, "Purpose": "prefetch"},
        {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"},
        {"User-Agent": "curl/8.5.0"},
    ):
        assert not looks(headers)
    assert visitor("10.0.0.1", firefox) != visitor("10.0.0.2", firefox)
    assert len(visitor("2001:db8::1", firefox)) == 32
