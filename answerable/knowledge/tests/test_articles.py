"""From the first draft to what readers get, and back."""

from datetime import timedelta

import pytest

from answerable.audit.models import Record
from answerable.knowledge.access import ANYBODY, reader_of
from answerable.knowledge.actions import (
    Place,
    Text,
    archive,
    arrange,
    ask_review,
    begin,
    bring_back,
    publish,
    publish_due,
    restore,
    save,
    schedule,
    translate,
    unpublish,
)
from answerable.knowledge.models import Audience, Revision, Section
from answerable.knowledge.queries import article, latest, shelf, shelves
from answerable.knowledge.search import search, suggest
from answerable.knowledge.section_actions import SectionText, archive_section, make_section
from answerable.lib.errors import Refused
from tests.cast import HOUR, NOW, Cast

pytestmark = pytest.mark.django_db
TEXT = Text("Exporting a warehouse", "## Limits\n\nAn export holds 10,000 rows.\n\n## Schedules\n\nNightly.")


@pytest.fixture
def exports(cast: Cast) -> Section:
    return make_section(cast.lead, SectionText("Exports", "Getting data out"), NOW)


@pytest.mark.behaviour("B-445")
def test_a_draft_is_read_once_it_is_published_and_keeps_its_text_while_the_next_is_written(
    cast: Cast, exports: Section
) -> None:
    row = begin(cast.agent, Place(exports.pk), TEXT, NOW)
    row.article.refresh_from_db()
    arrange(cast.lead, row.article_id, Place(exports.pk, Audience.PUBLIC), 1, NOW)
    assert article(ANYBODY, row.article_id, "en") is None
    assert shelves(ANYBODY, "en") == []
    publish(cast.lead, row.pk, NOW)
    save(cast.agent, row.pk, Text("Exporting it all", "Later."), 1, NOW)
    shown = article(ANYBODY, row.article_id, "en")
    assert shown is not None
    assert shown.title == "Exporting a warehouse"
    assert [(one.anchor, one.title) for one in shown.headings] == [
        ("at-limits", "Limits"),
        ("at-schedules", "Schedules"),
    ]
    assert '<h2 id="at-limits">Limits</h2>' in shown.html
    assert shown.slug == "exporting-a-warehouse"
    assert [(one.title, len(one.articles)) for one in shelves(ANYBODY, "en")] == [("Exports", 1)]
    publish(cast.lead, row.pk, NOW)
    assert [one.title for one in latest(ANYBODY, "en", 5)] == ["Exporting it all"]
    unpublish(cast.lead, row.pk, NOW)
    assert article(reader_of(cast.agent), row.article_id, "en") is None
    assert suggest(ANYBODY, "exporting", "en") == ()


@pytest.mark.behaviour("B-446")
def test_two_writers_at_once_lose_nothing(cast: Cast, exports: Section) -> None:
    row = begin(cast.agent, Place(exports.pk), TEXT, NOW)
    save(cast.lead, row.pk, Text("Exporting", "The lead's words."), 1, NOW)
    with pytest.raises(Refused, match=r"Priya Nair saved another text meanwhile\.") as refused:
        save(cast.agent, row.pk, Text("Exporting", "The agent's words."), 1, NOW)
    assert refused.value.data == {"revision": 2}
    assert save(cast.agent, row.pk, Text("Exporting", "The agent's words."), 2, NOW).revision == 3
    assert save(cast.agent, row.pk, Text("Exporting", "The agent's words."), 1, NOW).revision == 3
    restored = restore(cast.agent, row.pk, 1, NOW)
    assert (restored.revision, restored.body) == (4, TEXT.body)
    assert [one.number for one in Revision.objects.filter(translation=row).order_by("number")] == [1, 2, 3, 4]


@pytest.mark.behaviour("B-447")
def test_only_leads_and_administrators_decide_what_readers_get(cast: Cast, exports: Section) -> None:
    row = begin(cast.agent, Place(exports.pk), TEXT, NOW)
    for verb in (
        lambda: publish(cast.agent, row.pk, NOW),
        lambda: schedule(cast.agent, row.pk, NOW + timedelta(days=1), NOW),
        lambda: archive(cast.agent, row.article_id, NOW),
        lambda: arrange(cast.agent, row.article_id, Place(exports.pk, Audience.PUBLIC), 1, NOW),
        lambda: begin(cast.agent, Place(exports.pk, Audience.PUBLIC), TEXT, NOW),
        lambda: begin(cast.csm, Place(exports.pk), TEXT, NOW),
        lambda: save(cast.requester, row.pk, Text("Mine", "now"), 1, NOW),
    ):
        with pytest.raises(Refused) as refused:
            verb()
        assert refused.value.code == "not_allowed"
    assert ask_review(cast.agent, row.pk, NOW).review_asked_by == cast.agent
    assert publish(cast.lead, row.pk, NOW).review_asked_at is None
    assert list(Record.objects.filter(subject_kind="article").order_by("pk").values_list("verb", flat=True)) == [
        "begin_article",
        "ask_article_review",
        "publish_article",
    ]


@pytest.mark.behaviour("B-448")
def test_what_is_scheduled_is_published_as_it_was_then(cast: Cast, exports: Section) -> None:
    row = begin(cast.lead, Place(exports.pk, Audience.PUBLIC), TEXT, NOW)
    with pytest.raises(Refused, match="ahead"):
        schedule(cast.lead, row.pk, NOW, NOW)
    schedule(cast.lead, row.pk, NOW + timedelta(seconds=HOUR), NOW)
    save(cast.agent, row.pk, Text("Not yet", "A later draft."), 1, NOW)
    assert publish_due(NOW) == 0
    assert publish_due(NOW + timedelta(seconds=HOUR)) == 1
    assert publish_due(NOW + timedelta(seconds=HOUR)) == 0
    shown = article(ANYBODY, row.article_id, "en")
    assert shown is not None
    assert shown.title == TEXT.title


@pytest.mark.behaviour("B-449")
def test_each_reader_gets_their_language_where_it_is_there(cast: Cast, exports: Section) -> None:
    row = begin(cast.lead, Place(exports.pk, Audience.PUBLIC), TEXT, NOW)
    german = translate(cast.lead, row.article, "de", Text("Ein Lager exportieren", "10.000 Zeilen."), NOW)
    publish(cast.lead, row.pk, NOW)
    for locale in ("en", "de", "fr"):
        assert [one.locale for one in latest(ANYBODY, locale, 5)] == ["en"]
    publish(cast.lead, german.pk, NOW)
    assert [one.title for one in latest(ANYBODY, "de", 5)] == ["Ein Lager exportieren"]
    assert [one.title for one in latest(ANYBODY, "fr", 5)] == [TEXT.title]
    shown = article(ANYBODY, row.article_id, "de")
    assert shown is not None
    assert (shown.locale, shown.locales) == ("de", ("de", "en"))
    unpublish(cast.lead, row.pk, NOW)
    assert [one.locale for one in latest(ANYBODY, "fr", 5)] == ["de"]


@pytest.mark.behaviour("B-450")
def test_an_archived_article_is_nobodys_and_comes_back_whole(cast: Cast, exports: Section) -> None:
    row = begin(cast.lead, Place(exports.pk, Audience.PUBLIC), TEXT, NOW)
    publish(cast.lead, row.pk, NOW)
    with pytest.raises(Refused, match="move or archive it first"):
        archive_section(cast.lead, exports.pk, NOW)
    archive(cast.lead, row.article_id, NOW)
    for reader in (ANYBODY, reader_of(cast.agent)):
        assert article(reader, row.article_id, "en") is None
        assert shelf(reader, exports.pk, "en") is None
        assert search(reader, "export", "en").total == 0
    bring_back(cast.lead, row.article_id, NOW)
    assert article(ANYBODY, row.article_id, "en") is not None


@pytest.mark.behaviour("B-451")
def test_words_are_found_by_their_stems_and_while_they_are_typed(cast: Cast, exports: Section) -> None:
    row = begin(cast.lead, Place(exports.pk, Audience.PUBLIC), TEXT, NOW)
    publish(cast.lead, row.pk, NOW)
    assert [one.listed.article for one in suggest(ANYBODY, "my ware", "en")] == [row.article_id]
    assert search(ANYBODY, "exports of warehouses", "en").total == 1
    found = search(ANYBODY, "export limits", "en").found[0]
    assert "".join(text for text, _hit in found.title) == TEXT.title
    assert search(ANYBODY, "invoices", "en").total == 0
    assert search(ANYBODY, "' | !& :*", "en").total == 0
