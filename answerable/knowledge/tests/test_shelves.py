"""What is listed: as much as fits, in order, and the same cost however much stands there."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.knowledge.access import ANYBODY
from answerable.knowledge.actions import Place, Text, begin, publish, translate
from answerable.knowledge.help_queries import summary
from answerable.knowledge.models import Audience, Section
from answerable.knowledge.queries import article, latest, shelf, shelves
from answerable.knowledge.search import search
from answerable.knowledge.section_actions import SectionText, archive_section, change_section, make_section
from answerable.knowledge.section_moves import bring_section_back
from answerable.lib.errors import Refused
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


def put(cast: Cast, section: Section, titles: str, audience: str = Audience.PUBLIC, position: int = 0) -> None:
    for title in titles:
        row = begin(cast.lead, Place(section.pk, audience, position=position), Text(title, "Words."), NOW)
        publish(cast.lead, row.pk, NOW)


@pytest.mark.behaviour("B-570")
def test_the_front_shows_the_first_of_each_section_and_reads_no_others(cast: Cast) -> None:
    one, other, empty = (make_section(cast.lead, SectionText(title), NOW) for title in ("One", "Other", "Empty"))
    put(cast, one, "x", audience=Audience.STAFF)
    put(cast, one, "dcba")
    put(cast, one, "f", position=0)
    put(cast, other, "z", position=2)
    put(cast, other, "y", position=1)
    begin(cast.lead, Place(empty.pk, Audience.PUBLIC), Text("Draft", "Words."), NOW)
    with CaptureQueriesContext(connection) as asked:
        found = shelves(ANYBODY, "en", 3)
    titles = [(shelf.title, "".join(row.title for row in shelf.articles), shelf.more) for shelf in found]
    assert titles == [("One", "dcb", True), ("Other", "yz", False)]
    assert len(asked) == 2
    whole = shelf(ANYBODY, one.pk, "en")
    assert whole
    assert "".join(row.title for row in whole.articles) == "dcbaf"


@pytest.mark.behaviour("B-570")
def test_the_latest_are_as_many_as_asked_for_also_where_each_is_there_in_many_languages(cast: Cast) -> None:
    section = make_section(cast.lead, SectionText("All"), NOW)
    put(cast, section, "abc")
    row = begin(cast.lead, Place(section.pk, Audience.PUBLIC), Text("d", "Words."), NOW)
    publish(cast.lead, row.pk, NOW)
    for locale in ("de", "fr", "es", "sv", "nl", "it"):
        publish(cast.lead, translate(cast.lead, row.article, locale, Text(locale, "Words."), NOW).pk, NOW)
    assert [one.title for one in latest(ANYBODY, "sv", 3)] == ["sv", "c", "b"]


@pytest.mark.behaviour("B-571")
def test_what_was_found_is_shown_in_a_line_in_which_headings_stand_apart(cast: Cast) -> None:
    section = make_section(cast.lead, SectionText("All"), NOW)
    body = "Do it here.\n\n## Limits\n\nNo more rows:\n\n- one\n- two\n\nLast."
    publish(cast.lead, begin(cast.lead, Place(section.pk, Audience.PUBLIC), Text("How to export", body), NOW).pk, NOW)
    found = search(ANYBODY, "exports", "en").found[0]
    assert found.title == [("How to ", False), ("export", True)]
    assert "".join(text for text, _hit in found.snippet) == "Do it here. Limits · No more rows: one · two · Last."
    assert summary("Limits\n\nNo more") == "Limits · No more"
    assert summary("") == ""


@pytest.mark.behaviour("B-572")
def test_a_section_takes_along_what_stands_in_it_at_most_three_deep(cast: Cast) -> None:
    top, middle, below = (make_section(cast.lead, SectionText(title), NOW) for title in ("Top", "Middle", "Below"))
    lowest = make_section(cast.lead, SectionText("Lowest", parent=below.pk), NOW)
    change_section(cast.lead, middle.pk, SectionText("Middle", parent=top.pk), NOW)
    with pytest.raises(Refused):
        change_section(cast.lead, below.pk, SectionText("Below", parent=middle.pk), NOW)
    change_section(cast.lead, below.pk, SectionText("Below", parent=top.pk), NOW)
    with pytest.raises(Refused):
        change_section(cast.lead, top.pk, SectionText("Top", parent=lowest.pk), NOW)
    archive_section(cast.lead, lowest.pk, NOW)
    change_section(cast.lead, below.pk, SectionText("Below", parent=middle.pk), NOW)
    assert bring_section_back(cast.lead, lowest.pk, NOW).parent_id is None


@pytest.mark.behaviour("B-577")
def test_an_article_says_in_which_sections_it_stands_and_which_of_them_its_reader_may_open(cast: Cast) -> None:
    top = make_section(cast.lead, SectionText("Top", titles={"de": "Oben"}), NOW)
    middle = make_section(cast.lead, SectionText("Middle", parent=top.pk), NOW)
    own = make_section(cast.lead, SectionText("Own", parent=middle.pk), NOW)
    put(cast, top, "a", audience=Audience.STAFF)
    put(cast, middle, "b")
    row = publish(cast.lead, begin(cast.lead, Place(own.pk, Audience.PUBLIC), Text("c", "Words."), NOW).pk, NOW)
    shown = article(ANYBODY, row.article_id, "de")
    assert shown
    assert [(one.title, one.listed) for one in shown.above] == [("Oben", False), ("Middle", True)]
