"""Answering a page by mail: the very reader's word acknowledges, a machine's or a stranger's does not (E-41)."""

from datetime import timedelta
from email.utils import parseaddr

import pytest

from answerable.casework import paging_actions as paging
from answerable.casework.letters import finished
from answerable.casework.tests.test_paging import page
from answerable.casework.tests.test_reception import arrives
from answerable.escalation import page_actions
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.mail import parse
from answerable.mail.queries import addresses
from answerable.notify.actions import note_failure
from answerable.notify.models import Delivery
from answerable.tickets.models import Event, Ticket
from tests.cast import NOW, Cast, a_ticket, inbox
from tests.running import mail

AUTHENTIC = "mx.vendor.test; spf=pass smtp.mailfrom={0}; dkim=pass header.d={1}; dmarc={2} header.from={1}"


@pytest.fixture
def address(cast: Cast) -> str:
    """Where the agent's page asks to be answered."""
    inbox(trusted_authserv=["mx.vendor.test"])
    addresses.forget()
    apply_paging([PagingSpec("night", Plan((Step((cast.agent.email,), 600),)), ("cloud",))], NOW)
    a_ticket(cast, severity="P0")
    page(NOW)
    sent = parse.read(finished(Delivery.objects.get(kind="page")))
    assert len(sent.reply_to) == 1
    return parseaddr(sent.reply_to[0])[1] or sent.reply_to[0]


def answer(cast: Cast, to: str, sender: str = "", verdict: str = "pass", **headers: str) -> bytes:
    sender = sender or cast.agent.email
    result = AUTHENTIC.format(sender, sender.partition("@")[2], verdict)
    return mail(sender, "Re: P0: request", "On it.", to, Authentication_Results=result, **headers)


@pytest.mark.behaviour("B-360")
def test_e41_the_reader_of_a_page_acknowledges_by_answering_it(cast: Cast, address: str) -> None:
    assert address.startswith("ack+")
    row = arrives(answer(cast, address), to=address, hours=0.1)
    alert = Alert.objects.get()
    assert (row.state, row.outcome, row.ticket_id) == ("done", "ack", alert.ticket_id)
    assert (alert.state, alert.acked_by) == ("acked", cast.agent)
    assert Event.objects.filter(kind="alert_acked").count() == 1
    # No request, no entry, no mail comes of it; and again it is as it was.
    assert Ticket.objects.count() == 1
    again = arrives(answer(cast, address, Message_ID="<two@vendor.test>"), to=address, hours=0.2)
    assert (again.outcome, again.reason) == ("ack", "seen")
    assert Event.objects.filter(kind="alert_acked").count() == 1


@pytest.mark.behaviour("B-360")
@pytest.mark.parametrize(
    ("headers", "verdict", "by", "outcome"),
    [
        ({"Auto_Submitted": "auto-replied"}, "pass", "agent", "auto"),
        ({"X_Autoreply": "yes"}, "pass", "agent", "auto"),
        ({}, "fail", "agent", "new"),
        ({}, "pass", "lead", "new"),
        ({}, "pass", "requester", "new"),
    ],
)
def test_e41_a_vacation_notice_a_forger_or_somebody_else_does_not(
    cast: Cast, address: str, headers: dict[str, str], verdict: str, by: str, outcome: str
) -> None:
    raw = answer(cast, address, getattr(cast, by).email, verdict, **headers)
    row = arrives(raw, to=address, hours=0.1)
    assert row.outcome == outcome
    assert Alert.objects.get(source__startswith="ticket").state == "open"
    page(NOW + timedelta(minutes=6))
    assert Delivery.objects.filter(kind="page").count() == 2


def test_e41_a_changed_token_means_nothing(cast: Cast, address: str) -> None:
    local, _, domain = address.partition("@")
    # Not its last letter, of which some bits say nothing.
    wrong = f"{local[:-9]}{'a' if local[-9] != 'a' else 'b'}{local[-8:]}@{domain}"
    assert arrives(answer(cast, wrong), to=wrong).outcome == "new"
    assert Alert.objects.get().state == "open"


def test_a_page_that_returns_has_failed_and_the_next_step_is_paged_at_once(cast: Cast, address: str) -> None:
    delivery = Delivery.objects.get(kind="page")
    note_failure(delivery, "5.1.1", "no such user", NOW)
    page_actions.note_mail(delivery, NOW)
    found = Page.objects.get()
    assert (found.state, found.result) == ("failed", "no such user")
    alert = Alert.objects.get()
    assert alert.due_at == NOW
    paging.page_due(NOW)
    kinds = [entry.kind for entry in AlertEntry.objects.filter(alert=alert).order_by("id")]
    assert kinds == ["raised", "paged", "unreached", "passed", "exhausted", "paged"]
