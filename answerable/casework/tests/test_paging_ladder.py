"""Paging that nobody answered opens the ladder: over the job that runs each second, from a mail to the customer's page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from answerable.casework.paging_jobs import page_due
from answerable.casework.reception import receive
from answerable.escalation import ladder
from answerable.escalation.alerts import Alert
from answerable.escalation.episodes import log_of
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib import clock
from answerable.mail.actions import Arrival, InboxSpec, apply_inboxes, store
from answerable.notify.models import Delivery, Notice
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast
from tests.cast import ladder as the_policy
from tests.running import mail

URGENT = "urgent@vendor.test"


@pytest.mark.behaviour("B-369")
def test_a_p0_that_nobody_answers_is_with_level_1_and_both_sides_see_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    the_policy()
    apply_paging([PagingSpec("night", Plan((Step((cast.lead.email,), 600),)), ("cloud",))], NOW)
    spec = InboxSpec(key="urgent", address=URGENT, team="cloud", severity="P0")
    apply_inboxes([InboxSpec(key="support", address="support@vendor.test"), spec], "vendor.test", NOW)
    raw = mail(cast.requester.email, "Everything is down", "Nothing loads.", URGENT)
    receive(store(raw, Arrival(URGENT, "smtp", NOW, cast.requester.email, (URGENT,)), lambda _: None), NOW)
    ticket = Ticket.objects.get()

    def second(minutes: float) -> None:
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=minutes))
        page_due.func(0)
        run_jobs()

    second(0.05)
    second(9.9)
    assert log_of(ticket.pk) == []

    second(10.1)
    second(10.2)
    stands = ladder.state(log_of(ticket.pk))
    assert (stands.level, stands.waiting_for_ack) == (1, True)
    assert [row.cause for row in log_of(ticket.pk) if row.kind == "raised"] == ["paging"]
    assert Notice.objects.filter(person=cast.agent, kind="escalation", data__as="page").count() == 1
    # Paging goes on all the same: an open level is nobody's acknowledgement.
    assert Alert.objects.get().state == "open"

    customer = Client()
    customer.force_login(cast.requester)
    seen = customer.get(f"/requests/{ticket.number}").content.decode()
    assert "Nobody answered the page: it went to level 1, Technical Support Engineer" in seen
    (told,) = Delivery.objects.filter(kind="ladder", person=cast.requester)
    assert "Nobody answered the page" in told.text
