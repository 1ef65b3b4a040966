"""What became of our mail, as staff see it: on the request, in the list of mail sent, and on the person's page."""

from datetime import timedelta

import pytest
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework.notices import undelivered_notices
from answerable.desk.views import outbox
from answerable.notify.actions import tell
from answerable.notify.models import Delivery
from answerable.people.mail_stop_actions import stop_mail
from answerable.people.mail_stop_queries import stops_of
from answerable.people.models import Person
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket, says

HTMX = {"HX-Request": "true"}


@pytest.fixture
def ticket(cast: Cast) -> Ticket:
    """With an answer that reached the colleague and not the requester."""
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("We look.", "desk"), NOW)
    rows = Delivery.objects.filter(kind="reply")
    rows.filter(address="lund@norrland.test").update(state="sent", sent_at=NOW)
    rows.filter(address="elin@norrland.test").update(state="bounced", last_error="550 5.1.1 <no such user>")
    return ticket


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def page(client: Client, path: str, **more: str) -> str:
    return client.get(path, more).content.decode()


@pytest.mark.behaviour("B-196")
def test_the_request_says_what_did_not_arrive_and_sends_it_again(cast: Cast, ticket: Ticket) -> None:
    row = Delivery.objects.get(state="bounced")
    path, again = f"/desk/tickets/{ticket.number}", f"/desk/tickets/{ticket.number}/mail/{row.pk}/again"
    shown = page(as_(cast.agent), path)
    assert '<span class="chip is-broken">came back</span> <strong class="breakable">elin@norrland.test' in shown
    assert "550 5.1.1 &lt;no such user&gt;" in shown
    assert "Mail to A. Lund: accepted" in shown
    assert again in shown
    # A customer success manager reads it, and is offered nothing.
    assert again not in page(as_(cast.csm), path)
    part = as_(cast.agent).post(again, headers=HTMX).content.decode()
    assert "Mail to 2 people: 1 accepted, 1 waiting" in part.replace("1 waiting, 1 accepted", "1 accepted, 1 waiting")
    assert "Tomas Kral sent the mail to elin@norrland.test again" in part
    assert "chip is-broken" not in part
    other = a_ticket(cast)
    assert as_(cast.agent).post(f"/desk/tickets/{other.number}/mail/{row.pk}/again").status_code == 404


def test_the_list_shows_what_waits_or_failed_page_by_page(
    cast: Cast, ticket: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = as_(cast.admin)
    ack = Delivery.objects.get(kind="ack")
    Delivery.objects.filter(pk=ack.pk).update(
        state="deferred", next_try_at=NOW + timedelta(minutes=5), last_error="451 later"
    )
    waiting, failed, everything = (page(admin, "/desk/outbox", show=show) for show in ("waiting", "failed", "nonsense"))
    assert [text.count("list-title") for text in (waiting, failed, everything)] == [1, 1, 3]
    assert "next try" in waiting
    assert "451 later" in waiting
    assert "came back" in failed
    monkeypatch.setattr(outbox, "PAGE", 1)
    Delivery.objects.filter(kind="reply").update(state="failed")
    rows = list(Delivery.objects.filter(state="failed").order_by("-id"))
    first = page(admin, "/desk/outbox", show="failed")
    following = f"/desk/outbox?show=failed&amp;before={rows[0].pk}"
    assert following in first
    second = page(admin, "/desk/outbox", show="failed", before=str(rows[0].pk))
    assert f"/desk/outbox/{rows[1].pk}" in second
    assert "before=" not in second
    Delivery.objects.update(state="sent")
    assert "Nothing waits" in page(admin, "/desk/outbox", show="waiting")
    assert "Nothing failed" in page(admin, "/desk/outbox", show="failed")


def test_an_administrator_sends_it_again_from_the_list(cast: Cast, ticket: Ticket) -> None:
    row = Delivery.objects.get(state="bounced")
    admin = as_(cast.admin)
    assert "Send again" in page(admin, f"/desk/outbox/{row.pk}")
    answer = admin.post(f"/desk/outbox/{row.pk}/again")
    assert answer["Location"] == f"/desk/outbox/{row.pk}"
    assert "Send again" not in page(admin, f"/desk/outbox/{row.pk}")


@pytest.mark.behaviour("B-194")
def test_the_mark_is_shown_and_lifted(cast: Cast, ticket: Ticket) -> None:
    path, person = f"/desk/tickets/{ticket.number}", f"/desk/people/{cast.requester.pk}"
    assert "No automatic mail" not in page(as_(cast.agent), path)
    stop_mail(cast.requester, "undeliverable", "550 5.1.1 <gone>", NOW)
    stop_mail(cast.requester, "complained", "Re: Sync [#1]", NOW)
    assert f'href="{person}">No automatic mail' in page(as_(cast.agent), path)
    shown = page(as_(cast.agent), person)
    assert "elin@norrland.test was refused for good: 550 5.1.1 &lt;gone&gt;" in shown
    assert "They called a mail of ours spam: Re: Sync [#1]" in shown
    as_(cast.csm).post(f"{person}/mail/lift")
    assert stops_of(cast.requester) == []
    shown = page(as_(cast.agent), person)
    assert "Maria Costa has automatic mail sent to elin@norrland.test again" in shown
    assert "No automatic mail to elin@norrland.test any more: mail to it was refused for good" in shown


def test_the_assignee_reads_whom_it_did_not_reach(cast: Cast, ticket: Ticket) -> None:
    ticket.refresh_from_db()
    tell(undelivered_notices(ticket, Delivery.objects.get(state="bounced"), NOW))
    shown = page(as_(cast.agent), "/desk/notices")
    assert "Not delivered to elin@norrland.test: 550 5.1.1 &lt;no such user&gt;" in shown
    assert '<span class="chip is-broken">Not delivered</span>' in shown
