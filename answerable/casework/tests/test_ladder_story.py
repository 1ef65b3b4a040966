"""The customer's climb by mail, by a frozen clock and through real servers: mail out by SMTP, answers parsed in, and whoever
holds a level paged by the channels of their own."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime
from email.utils import parseaddr

import pytest
from django.conf import LazySettings
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework.reception import receive
from answerable.casework.tests.test_ladder import address_in, stands
from answerable.casework.tests.test_page_replies import AUTHENTIC
from answerable.escalation.alerts import Alert, Page
from answerable.escalation.episodes import log_of
from answerable.lib.relay import MailRelay
from answerable.lib.tests.test_http import server
from answerable.mail.actions import Arrival, store
from answerable.mail.models import RawMail
from answerable.mail.queries import addresses
from answerable.notify.channel_actions import Rule, add_channel, set_rules
from answerable.notify.tests.test_channels import receiver, took
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, inbox, says
from tests.cast import ladder as the_policy
from tests.night import Night, link_of, pages
from tests.running import Sink, mail, sink, text_of

__all__ = ["receiver", "server"]

SUPPORT = "support@vendor.test"


@pytest.fixture
def mailed(settings: LazySettings) -> Iterator[Sink]:
    with sink() as (taken, port):
        settings.MAIL_RELAY = MailRelay("127.0.0.1", port, "", "", "none")
        yield taken


def arrives(sender: str, words: str, to: str, at: datetime) -> RawMail:
    verdict = AUTHENTIC.format(sender, sender.partition("@")[2], "pass")
    named = f"<{words.replace(' ', '')}@client.test>"
    raw = mail(sender, words, f"{words}.", to, Authentication_Results=verdict, Message_ID=named)
    raw_id = store(raw, Arrival(SUPPORT, "smtp", at, sender, (to,)), lambda _: None)
    receive(raw_id, at)
    return RawMail.objects.get(pk=raw_id)


class Climb:
    """One request of Elin's, and the desks of who works on it."""

    def __init__(self, cast: Cast, mailed: Sink) -> None:
        self.cast, self.mailed = cast, mailed
        arrives(cast.requester.email, "The sync is slow", SUPPORT, NOW)
        self.ticket = Ticket.objects.get()
        casework.assign(cast.agent, self.ticket.pk, cast.agent, cast.cloud, NOW)
        casework.determine_severity(cast.agent, self.ticket.pk, "P1", "It stops the warehouse.", NOW)
        self.customer = Client()
        self.customer.force_login(cast.requester)

    def last(self) -> str:
        """What Elin's latest mail says."""
        return text_of(self.mailed.to(self.cast.requester.email)[-1])

    def page(self) -> str:
        """What she sees."""
        return self.customer.get(f"/requests/{self.ticket.number}").content.decode()

    def desk(self, who: str, verb: str, **form: str) -> None:
        client = Client()
        client.force_login(getattr(self.cast, who))
        assert client.post(f"/desk/tickets/{self.ticket.number}/{verb}", form).status_code == 302


@pytest.mark.behaviour("B-416")
def test_from_step_0_to_level_3_by_mail_with_one_level_lapsing(
    cast: Cast, mailed: Sink, receiver: str, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    the_policy()
    inbox(trusted_authserv=["mx.vendor.test"])
    addresses.forget()
    # The engineer's telephone rings at once; mail follows after five minutes.
    bridge, _secret = add_channel(cast.agent, "webhook", "phone bridge", receiver, NOW)
    set_rules(cast.agent, [Rule(bridge.pk, 0), Rule(None, 300)], NOW)
    night, climb, elin = Night(NOW, monkeypatch, run_jobs), Climb(cast, mailed), cast.requester.email
    ticket = climb.ticket

    # Step 0 pages nobody: the representative is asked in the list and by mail.
    night.at(5)
    climb.customer.post(f"/requests/{ticket.number}/escalate", {"stake": "the launch", "by_when": "Friday"})
    night.at(6)
    assert not Alert.objects.exists()
    climb.desk("agent", "ladder/confirm", understood="on", why="We work on it.")
    night.at(7)
    assert "Tomas Kral confirmed that impact and urgency are understood: We work on it." in climb.last()

    # An answer to that mail takes it to level 1, whose engineer is called, and mailed.
    assert arrives(elin, "Nothing moves", address_in(climb.last()), night.at(16)).outcome == "reply"
    night.at(16.1)
    title = f"P1 escalated to level 1, Technical Support Engineer: request {ticket.number}, Norrland Energi"
    assert json.loads(took[0][1])["title"] == title
    assert b"launch" not in took[0][1]
    assert pages(mailed, cast.agent.email) == []
    night.at(21.2)
    assert [" ".join(str(one["Subject"]).split()) for one in pages(mailed, cast.agent.email)] == [title]

    # Nobody of level 1 acknowledges for half an hour; the lead answers the page by mail.
    night.at(46.2)
    assert "Nobody acknowledged in time: it went to level 2, Director, Support" in climb.last()
    to = parseaddr(str(pages(mailed, cast.lead.email)[-1]["Reply-To"]))[1]
    assert arrives(cast.lead.email, "I have it", to, night.at(50)).outcome == "ack"
    assert (stands(ticket).stage, stands(ticket).acked_by) == ("taken", cast.lead.pk)
    night.at(50.1)
    assert "Priya Nair acknowledged, level 2, Director, Support" in climb.last()
    assert "acknowledged by Priya Nair" in climb.page()
    casework.add_reply(cast.lead, ticket.pk, says("I bring in people.", "desk"), night.at(52))

    # Four hours later that is not enough; whoever is on the top presses the button in the page.
    said = next(text for one in reversed(mailed.to(elin)) if "ladder+" in (text := text_of(one)))
    arrives(elin, "Too slow", address_in(said), night.at(300))
    night.at(300.1)
    (page,) = pages(mailed, cast.admin.email)
    visitor = Client(enforce_csrf_checks=True)
    assert visitor.get(link_of(page)).status_code == 200
    assert (stands(ticket).level, stands(ticket).stage) == (3, "waiting")
    form = {"csrfmiddlewaretoken": visitor.cookies["csrftoken"].value}
    assert "Nobody is paged any more" in visitor.post(link_of(page), form).content.decode()
    night.at(301)
    assert "Ada Lind acknowledged, level 3, Head of Customer Experience" in climb.last()
    assert "acknowledged by Ada Lind" in climb.page()
    assert_on_record(cast, ticket)


def assert_on_record(cast: Cast, ticket: Ticket) -> None:
    """Each try with its result, and who took what by which way."""
    acked = [(row.level, row.by_id, row.cause) for row in log_of(ticket.pk) if row.kind == "acked"]
    assert acked == [(2, cast.lead.pk, "mail"), (3, cast.admin.pk, "link")]
    alerts = Alert.objects.order_by("id").values_list("level", "state")
    assert list(alerts) == [(1, "resolved"), (2, "resolved"), (3, "acked")]
    rows = Page.objects.order_by("id").values_list("alert__level", "number", "person__email", "label", "result")
    relay = "the mail server took it"
    assert list(rows) == [
        (1, 0, cast.agent.email, "phone bridge", "taken (200)"),
        (1, 0, cast.agent.email, "mail", relay),
        (2, 0, cast.lead.email, "mail", relay),
        (3, 0, cast.admin.email, "mail", relay),
    ]
