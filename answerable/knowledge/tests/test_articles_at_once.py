"""An article that is arranged and published at the same moment: both happen, and its readers are those of the end."""

import threading

import pytest
from django.db import DatabaseError, connection, transaction

from answerable.knowledge import actions
from answerable.knowledge.access import ANYBODY
from answerable.knowledge.actions import Place, Text
from answerable.knowledge.models import Article, Audience, Translation
from answerable.knowledge.postings import Posting
from answerable.knowledge.queries import article
from answerable.knowledge.section_actions import SectionText, make_section
from tests.cast import NOW, assemble


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_transactions")
@pytest.mark.behaviour("B-560")
def test_an_article_is_arranged_while_it_is_published() -> None:
    cast = assemble()
    section = make_section(cast.lead, SectionText("Exports"), NOW).pk
    row = actions.begin(cast.lead, Place(section, Audience.PUBLIC), Text("Rows", "Ten thousand."), NOW)
    actions.publish(cast.lead, row.pk, NOW)
    failed, has_it = list[DatabaseError](), threading.Event()

    def publish() -> None:
        has_it.wait(20)
        try:
            actions.publish(cast.lead, row.pk, NOW)
        except DatabaseError as error:
            failed.append(error)
        finally:
            connection.close()

    other = threading.Thread(target=publish)
    other.start()
    with transaction.atomic():
        version = Article.objects.select_for_update().get(pk=row.article_id).version
        has_it.set()
        other.join(0.3)
        actions.arrange(cast.lead, row.article_id, Place(section, Audience.STAFF), version, NOW)
    other.join(20)
    assert failed == []
    assert Translation.objects.get().published == 1
    assert set(Posting.objects.values_list("audience", flat=True)) == {"staff"}
    assert article(ANYBODY, row.article_id, "en") is None
