"""A night, by a frozen clock and through real channels: a mail server that takes mail, and a webhook over TLS."""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr

import pytest
from django.conf import LazySettings
from django.test import Client

from answerable.casework.reception import receive
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib.relay import MailRelay
from answerable.lib.tests.test_http import server
from answerable.mail.actions import Arrival, InboxSpec, apply_inboxes, store
from answerable.notify import channel_actions
from answerable.notify.tests.test_channels import receiver, took
from answerable.people.models import Team
from answerable.sla.models import Leg
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast
from tests.night import Night, link_of, pages
from tests.running import Sink, mail, sink

__all__ = ["receiver", "server"]

NIGHT = datetime(2026, 3, 3, 2, 11, tzinfo=UTC)
URGENT = "urgent@vendor.test"


@pytest.fixture
def mailed(settings: LazySettings) -> Iterator[Sink]:
    with sink() as (taken, port):
        settings.MAIL_RELAY = MailRelay("127.0.0.1", port, "", "", "none")
        yield taken


def policy(cast: Cast, receiver: str) -> None:
    """An engineer, a second one, the leads, ten minutes each; the second one is called by a bridge at once, and mailed
    after five minutes."""
    second = cast.csm
    cast.cloud.members.add(cast.lead)
    steps = (Step((cast.agent.email,), 600), Step((second.email,), 600), Step(("leads:cloud",), 600))
    apply_paging([PagingSpec("night", Plan(steps), ("cloud",))], NOW)
    spec = InboxSpec(key="urgent", address=URGENT, team="cloud", severity="P0")
    apply_inboxes([InboxSpec(key="support", address="support@vendor.test"), spec], "vendor.test", NOW)
    bridge, _secret = channel_actions.add_channel(second, "webhook", "phone bridge", receiver, NOW)
    rules = [channel_actions.Rule(bridge.pk, 0), channel_actions.Rule(None, 300)]
    channel_actions.set_rules(second, rules, NOW)


@pytest.mark.behaviour("B-365")
def test_p0_at_02_11_by_mail_first_second_lead_acknowledged(
    cast: Cast,
    mailed: Sink,
    receiver: str,
    monkeypatch: pytest.MonkeyPatch,
    run_jobs: Callable[[], int],
) -> None:
    second = cast.csm
    policy(cast, receiver)
    raw = mail(cast.requester.email, "Everything is down", "Nothing loads.", URGENT)
    raw_id = store(raw, Arrival(URGENT, "smtp", NIGHT, cast.requester.email, (URGENT,)), lambda _: None)
    receive(raw_id, NIGHT)
    ticket = Ticket.objects.get()
    assert (ticket.severity, ticket.team) == ("P0", Team.objects.get(key="cloud"))

    night = Night(NIGHT, monkeypatch, run_jobs)
    night.at(0.05)
    assert len(pages(mailed, cast.agent.email)) == 1
    assert took == []
    night.at(5.05)
    assert len(pages(mailed, cast.agent.email)) == 2

    night.at(10.05)
    assert len(pages(mailed, cast.agent.email)) == 2
    assert json.loads(took[0][1])["title"] == f"P0: request {ticket.number}, Norrland Energi (page 3)"
    assert "Everything is down" not in took[0][1].decode()
    assert pages(mailed, second.email) == []
    night.at(15.1)
    assert len(took) == 2
    assert len(pages(mailed, second.email)) == 1

    night.at(20.05)
    (to_lead,) = pages(mailed, cast.lead.email)
    assert to_lead["Auto-Submitted"] == "auto-generated"

    # The link in the page opens a page with one button; opening it changes nothing.
    link = link_of(to_lead)
    night.at(21)
    visitor = Client(enforce_csrf_checks=True)
    opened = visitor.get(link)
    assert opened.status_code == 200
    assert Alert.objects.get().state == "open"
    form = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value}
    assert "Nobody is paged any more" in visitor.post(link, form).content.decode()
    assert "Nobody is paged any more" not in visitor.post(link, {}).content.decode()
    alert = Alert.objects.get()
    assert (alert.state, alert.acked_by, alert.acked_at) == ("acked", cast.lead, NIGHT + timedelta(minutes=21))

    before = (len(mailed.mails), len(took))
    night.at(60)
    assert (len(pages(mailed, cast.lead.email)), len(took)) == (1, before[1])
    assert AlertEntry.objects.filter(kind="acked").count() == 1
    assert set(Page.objects.values_list("state", flat=True)) <= {"sent", "void"}

    # Its customer reads that somebody has it, and the promise goes on until somebody answers.
    customer = Client()
    customer.force_login(cast.requester)
    seen = customer.get(f"/requests/{ticket.number}").content.decode()
    assert "Priya Nair has seen this" in seen
    assert re.search(r"Priya Nair has seen this, \d\d:32", seen)
    assert Leg.objects.get(ticket=ticket, metric="first_response").fulfilled_at is None
    assert parseaddr(str(to_lead["To"]))[1] == cast.lead.email
