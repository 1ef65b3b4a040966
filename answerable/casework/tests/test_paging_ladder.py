"""Paging that nobody answered opens the ladder: by the tasks that workers run, from a mail to the page of level 1's holder."""

from collections.abc import Callable

import pytest
from django.test import Client

from answerable.casework.reception import receive
from answerable.casework.tests.test_ladder_story import mailed
from answerable.escalation import ladder
from answerable.escalation.alerts import Alert
from answerable.escalation.episodes import log_of
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.mail.actions import Arrival, InboxSpec, apply_inboxes, store
from answerable.notify.models import Notice
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast
from tests.cast import ladder as the_policy
from tests.night import Night, link_of, pages
from tests.running import Sink, mail, text_of

__all__ = ["mailed"]

URGENT = "urgent@vendor.test"


@pytest.mark.behaviour("B-369")
def test_a_p0_that_nobody_answers_is_with_level_1_and_both_sides_see_it(
    cast: Cast, mailed: Sink, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    the_policy()
    apply_paging([PagingSpec("night", Plan((Step((cast.lead.email,), 600),)), ("cloud",))], NOW)
    spec = InboxSpec(key="urgent", address=URGENT, team="cloud", severity="P0")
    apply_inboxes([InboxSpec(key="support", address="support@vendor.test"), spec], "vendor.test", NOW)
    raw = mail(cast.requester.email, "Everything is down", "Nothing loads.", URGENT)
    receive(store(raw, Arrival(URGENT, "smtp", NOW, cast.requester.email, (URGENT,)), lambda _: None), NOW)
    ticket, night = Ticket.objects.get(), Night(NOW, monkeypatch, run_jobs)

    night.at(0.05)
    night.at(9.9)
    assert log_of(ticket.pk) == []
    assert pages(mailed, cast.agent.email) == []

    night.at(10.1)
    night.at(10.2)
    stands = ladder.state(log_of(ticket.pk))
    assert (stands.level, stands.waiting_for_ack) == (1, True)
    assert [row.cause for row in log_of(ticket.pk) if row.kind == "raised"] == ["paging"]
    assert Notice.objects.filter(person=cast.agent, kind="escalation", data__as="page").count() == 1
    (page,) = pages(mailed, cast.agent.email)
    assert "escalated to level 1, Technical Support Engineer" in text_of(page)
    assert "Everything is down" not in text_of(page)

    customer = Client()
    customer.force_login(cast.requester)
    seen = customer.get(f"/requests/{ticket.number}").content.decode()
    assert "Nobody answered the page: it went to level 1, Technical Support Engineer" in seen
    assert "Nobody answered the page" in text_of(mailed.to(cast.requester.email)[-1])

    # Whoever holds it has it by the link; the P0's own alert pages on: that is nobody's acknowledgement of it.
    assert "Nobody is paged any more" in Client().post(link_of(page)).content.decode()
    assert ladder.state(log_of(ticket.pk)).acked_by == cast.agent.pk
    assert Alert.objects.get(level=None).state == "open"
    before = len(pages(mailed, cast.lead.email))
    night.at(15.2)
    assert len(pages(mailed, cast.lead.email)) == before + 1
    assert len(pages(mailed, cast.agent.email)) == 1
