"""The link in a mail: one request to read for seven days, listed, revocable, and never a way in."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework import cc_actions, link_actions
from answerable.casework.links import reading
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery
from answerable.people.models import Person, Vendor
from answerable.tickets.link_queries import openings
from answerable.tickets.models import Attachment, LinkOpening, Participant, Ticket
from tests.cast import NOW, Cast, a_file, a_ticket, says

WEEK = timedelta(days=7)


def path(ticket: Ticket, person: Person, made: Any = None) -> str:
    return reverse("portal:link", kwargs={"token": reading(ticket.pk, person.pk, made or clock.now())})


@pytest.mark.behaviour("B-165")
def test_a_mail_leads_to_its_request_without_logging_in(cast: Cast) -> None:
    ticket = a_ticket(cast, clock.now())
    casework.add_reply(cast.agent, ticket.pk, says("We look.", files=(a_file("log.txt", b"lines"),)), clock.now())
    letter = Delivery.objects.get(person=cast.requester, kind="reply")
    found = re.search(r"http://portal\.vendor\.test(/r/\S+)", letter.text)
    assert found is not None
    assert found[1] in letter.html
    client = Client()
    page = client.get(found[1], headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
    words = page.content.decode()
    assert page.status_code == 200
    for said in ("We look.", "a mail to Elin Berg", "reply to that mail or sign in"):
        assert said in words
    # Read, and nothing else.
    assert "<form" not in words.replace('<form class="menu', "")
    assert "data-live" not in words
    assert page["Referrer-Policy"] == "no-referrer"
    assert page["Cache-Control"] == "private, no-store"
    assert client.session.get("_auth_user_id") is None
    assert client.get(reverse("portal:request", kwargs={"number": ticket.number})).status_code == 302
    file = client.get(f"{found[1]}/files/{Attachment.objects.get().pk}")
    assert (file.status_code, file["Referrer-Policy"]) == (200, "no-referrer")
    assert client.post(found[1]).status_code == 405
    assert [(one.name, one.browser) for one in openings(ticket)] == [("Elin Berg", "Firefox, Linux")]
    client.force_login(cast.agent)
    listed = client.get(reverse("desk:links", kwargs={"number": ticket.number})).content.decode()
    assert "The link of Elin Berg" in listed


def test_a_scanner_that_only_looks_at_the_head_is_not_listed(cast: Cast) -> None:
    ticket = a_ticket(cast)
    assert Client().head(path(ticket, cast.requester)).status_code == 200
    assert not LinkOpening.objects.exists()


@pytest.mark.behaviour("B-166")
def test_it_opens_for_seven_days_that_request_alone_and_only_while_its_person_sees_it(cast: Cast) -> None:
    ticket, other = a_ticket(cast), a_ticket(cast)
    client, now = Client(), clock.now()
    soon = timedelta(minutes=1)
    assert client.get(path(ticket, cast.requester, now - WEEK + soon)).status_code == 200
    for gone in (
        path(ticket, cast.requester, now - WEEK - soon),
        path(ticket, cast.stranger),
        path(Ticket(pk=0), cast.requester),
        path(ticket, Person(pk=0)),
        path(ticket, cast.requester)[:-1] + "_",
        "/r/forged",
    ):
        assert client.get(gone).status_code == 404
    file = Attachment.objects.create(
        reply=casework.add_reply(cast.agent, other.pk, says("x", files=(a_file("a", b"a"),)), NOW),
        ticket=other,
        file=Attachment.objects.get().file,
        name="a",
        content_type="text/plain",
        position=1,
    )
    assert client.get(f"{path(ticket, cast.requester)}/files/{file.pk}").status_code == 404
    assert client.get(f"{path(other, cast.requester)}/files/{file.pk}").status_code == 200
    theirs = path(ticket, cast.colleague)
    assert client.get(theirs).status_code == 200
    row = Participant.objects.get(ticket=ticket, person=cast.colleague)
    cc_actions.remove_cc(cast.requester, ticket.pk, row.pk, now)
    assert client.get(theirs).status_code == 404
    Person.objects.filter(pk=cast.requester.pk).update(is_active=False)
    assert client.get(path(ticket, cast.requester)).status_code == 404


@pytest.mark.behaviour("B-167")
def test_links_are_ended_by_staff_or_by_whose_they_are(cast: Cast) -> None:
    ticket, now = a_ticket(cast), clock.now()
    old, theirs = path(ticket, cast.requester, now - timedelta(hours=1)), path(ticket, cast.colleague)
    client = Client()
    with pytest.raises(Refused):
        link_actions.end_links(cast.colleague, ticket.pk, cast.requester.pk, now)
    link_actions.end_links(cast.requester, ticket.pk, cast.requester.pk, now)
    assert client.get(old).status_code == 404
    assert client.get(theirs).status_code == 200
    later = path(ticket, cast.requester, now + timedelta(seconds=1))
    assert client.get(later).status_code == 200
    link_actions.end_links(cast.agent, ticket.pk, cast.requester.pk, now + timedelta(seconds=1))
    assert client.get(later).status_code == 404


def test_the_policy_may_ask_to_log_in_instead(cast: Cast) -> None:
    ticket = a_ticket(cast)
    before = path(ticket, cast.requester)
    Vendor.objects.update(settings={"mail_links": "log_in"})
    forget_all()
    casework.add_reply(cast.agent, ticket.pk, says("We look."), NOW)
    letter = Delivery.objects.get(person=cast.requester, kind="reply")
    assert f"http://portal.vendor.test/requests/{ticket.number}\n" in letter.text
    assert Client().get(before).status_code == 404


def test_who_is_logged_in_as_that_person_gets_the_page_itself(cast: Cast) -> None:
    ticket, client = a_ticket(cast), Client()
    client.force_login(cast.requester)
    assert client.get(path(ticket, cast.requester)).headers["Location"] == f"/requests/{ticket.number}"
    client.force_login(cast.stranger)
    assert "a mail to Elin Berg" in client.get(path(ticket, cast.requester)).content.decode()


def test_openings_are_limited(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_actions, "OPENED_AN_HOUR", 2)
    ticket = a_ticket(cast)
    got = [Client().get(path(ticket, cast.requester)).status_code for _ in range(3)]
    assert got == [200, 200, 422]
    assert LinkOpening.objects.count() == 2
