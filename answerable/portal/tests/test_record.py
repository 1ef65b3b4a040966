"""Severity has two sides, and both of them, with every change, stand on the request for customer and staff alike."""

import pytest
from django.test import Client

from answerable.casework import actions as casework
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket


def pages(cast: Cast, ticket: Ticket) -> list[str]:
    """The request as its customer sees it, and as staff do."""
    found = []
    for person, path in (
        (cast.requester, f"/requests/{ticket.number}"),
        (cast.agent, f"/desk/tickets/{ticket.number}"),
    ):
        client = Client()
        client.force_login(person)
        found.append(client.get(path).content.decode())
    return found


@pytest.mark.behaviour("B-148")
def test_what_was_stated_and_determined_and_every_change_is_there_for_both_sides(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.requester)
    client.post("/requests/new", {"subject": "s", "text": "t", "severity": "P2", "impact": "Payroll at 18:00"})
    ticket = Ticket.objects.get()
    state = f"/requests/{ticket.number}/severity"
    client.post(state, {"severity": "P1", "impact": "Payroll at 17:00"})
    for page in pages(cast, ticket):
        assert "Payroll at 17:00" in page
    assert "P1, until the support team determines it" in pages(cast, ticket)[0]
    casework.determine_severity(cast.agent, ticket.pk, "P3", "one report only", NOW)
    client.post(state, {"severity": "P0", "impact": "Nobody is paid"})
    casework.determine_severity(cast.agent, ticket.pk, "P1", "we see it too", NOW)
    sentences = [
        "Opened in the portal · Elin Berg stated P2: Payroll at 18:00",
        "Elin Berg stated P1: Payroll at 17:00 (P2 until then)",
        "Tomas Kral determined P3: one report only (customer stated P1)",
        "Elin Berg stated P0: Nobody is paid (recorded; the support team had determined P3)",
        "Tomas Kral determined P1: we see it too (customer stated P0)",
    ]
    for page in pages(cast, ticket):
        events = page.split('id="conversation"')[1]
        places = [events.index(sentence) for sentence in sentences]
        assert places == sorted(places)
        assert page.count(sentences[-1]) == 2, "in the history, and where the severity stands"
        assert "Nobody is paid" in page.replace(sentences[3], "")


def test_who_says_only_what_is_at_stake_has_said_it(cast: Cast) -> None:
    ticket = a_ticket(cast, impact="The audit of Friday")
    for page in pages(cast, ticket):
        assert "Opened in the portal · Elin Berg said what is at stake: The audit of Friday" in page
        assert "The audit of Friday" in page.replace("at stake: The audit of Friday", "", 1)


def test_a_reader_sees_the_record_and_may_not_add_to_it(cast: Cast) -> None:
    ticket = a_ticket(cast, stated_severity="P2", impact="The audit")
    client = Client()
    client.force_login(cast.reader)
    page = client.get(f"/requests/{ticket.number}").content.decode()
    assert "<dd>The audit</dd>" in page
    assert "Send statement" not in page


def test_a_change_brings_the_record_along(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.determine_severity(cast.agent, ticket.pk, "P1", "it burns", NOW)
    client = Client()
    client.force_login(cast.requester)
    part = client.get(f"/requests/{ticket.number}", headers={"HX-Request": "true"}).content.decode()
    assert 'id="record" hx-swap-oob="true"' in part
    assert "Tomas Kral determined P1: it burns" in part.split('id="record"')[1]
