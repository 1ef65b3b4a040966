"""Finding: what is typed against what is written, and whose words are known."""

import pytest

from answerable.knowledge.access import ANYBODY, Reader, reader_of
from answerable.knowledge.actions import Place, Text, archive, arrange, begin, bring_back, publish, unpublish
from answerable.knowledge.models import Audience, Section, Translation
from answerable.knowledge.postings import Known
from answerable.knowledge.search import search, suggest
from answerable.knowledge.section_actions import SectionText, make_section
from tests.cast import NOW, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def shelf(cast: Cast) -> Section:
    return make_section(cast.lead, SectionText("All"), NOW)


def written(cast: Cast, place: Place, title: str, body: str) -> Translation:
    return publish(cast.lead, begin(cast.lead, place, Text(title, body), NOW).pk, NOW)


def found(reader: Reader, text: str) -> list[str]:
    return ["".join(piece for piece, _hit in one.title) for one in suggest(reader, text, "en")]


@pytest.mark.behaviour("B-507")
def test_what_is_typed_need_not_be_what_is_written(cast: Cast, shelf: Section) -> None:
    place = Place(shelf.pk, Audience.PUBLIC, labels=("receipt",))
    written(cast, place, "Policies of your invoices", "Change a policy before you pay. Export them by mail.")
    written(cast, Place(shelf.pk, Audience.PUBLIC), "Login", "Use your password to change nothing.")
    first = "Policies of your invoices"
    for typed in ("invoce", "ivnoice", "recipt", "policy for invoicing", "export", "poli"):
        assert found(ANYBODY, typed) == [first]
    for typed in ("pasword", "i can't log in", "the login"):
        assert found(ANYBODY, typed)[0] == "Login"
    # The rare word decides, not the one that both have.
    assert found(ANYBODY, "change my password")[0] == "Login"
    assert found(ANYBODY, "the of a") == []
    assert suggest(ANYBODY, "x" * 5000, "en") == ()
    one = search(ANYBODY, "policy", "en").found[0]
    assert ("Policies", True) in one.title
    assert ("policy", True) in one.snippet


@pytest.mark.behaviour("B-508")
def test_the_vocabulary_is_that_of_what_may_be_read(cast: Cast, shelf: Section) -> None:
    row = written(cast, Place(shelf.pk, Audience.PUBLIC), "Zeppelins", "Zeppelins fly.")
    counted = Known.objects.filter(documents__gt=0)
    assert counted.filter(audience="public", word="zeppelin").exists()
    for typed in ("zep", "zeppelim"):
        assert found(ANYBODY, typed) == ["Zeppelins"]
    arrange(cast.lead, row.article_id, Place(shelf.pk, Audience.STAFF), 1, NOW)
    for typed in ("zep", "zeppelim", "zeppelin"):
        assert found(ANYBODY, typed) == []
        assert found(reader_of(cast.agent), typed) == ["Zeppelins"]
    archive(cast.lead, row.article_id, NOW)
    assert not counted.exists()
    bring_back(cast.lead, row.article_id, NOW)
    assert found(reader_of(cast.agent), "zeppelin") == ["Zeppelins"]
    unpublish(cast.lead, row.pk, NOW)
    assert not counted.exists()
