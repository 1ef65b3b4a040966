"""A request's page says why its reader may see it."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from answerable.casework import grant_actions, standing_actions
from answerable.lib import clock
from answerable.people.actions import GrantTerms
from answerable.people.models import Grant, Person
from answerable.tickets import access
from answerable.tickets.models import Participant, Ticket
from answerable.tickets.reason_queries import Reason, reason
from tests.cast import NOW, Cast, a_ticket

WEEK = timedelta(days=7)


def why(person: Person, ticket: Ticket) -> Reason:
    return reason(ticket, access.standing(person, ticket, NOW), NOW)


def sentence(person: Person, ticket: Ticket) -> str:
    client = Client()
    client.force_login(person)
    page = client.get(f"/requests/{ticket.number}").content.decode()
    found = re.search(r'<p class="quiet small reason">(.*?)</p>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", "", found[1]).replace("&#39;", "'").split()) if found else ""


@pytest.mark.behaviour("B-157")
def test_each_reader_is_told_why(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    standing_actions.set_standing(cast.csm, cast.no_grant, cast.org, NOW + WEEK, NOW, open_too=False)
    ticket = a_ticket(cast)
    Participant.objects.filter(person=cast.colleague).update(added_by=cast.requester)
    Grant.objects.filter(person=cast.reader).update(expires_at=NOW + WEEK)
    said = {person.label: sentence(person, Ticket.objects.get()) for person in customers(cast)}
    assert said == {
        "Elin Berg": "You opened this request.",
        "A. Lund": "You are CC'd, added by Elin Berg, 09:00.",
        "J. Holm": "You may read every request of Norrland Energi, granted by Maria Costa until 9 Mar, 09:00: read only.",
        "Nils Ek": "You are CC'd on every request of Norrland Energi, set up by Maria Costa until 9 Mar, 09:00.",
    }
    assert sentence(cast.agent, ticket) == ""


def customers(cast: Cast) -> list[Person]:
    return [cast.requester, cast.colleague, cast.reader, cast.no_grant]


def test_what_is_not_known_is_not_said(cast: Cast) -> None:
    ticket = a_ticket(cast)
    for added_by in (None, cast.colleague):
        Participant.objects.filter(person=cast.colleague).update(added_by=added_by)
        assert why(cast.colleague, Ticket.objects.get()) == Reason("cc", since=NOW)
    grant_actions.revoke(cast.csm, Grant.objects.get(person=cast.reader), NOW)
    assert why(cast.reader, ticket) == Reason("")


def test_of_two_grants_the_longer_one_is_named(cast: Cast) -> None:
    ticket = a_ticket(cast)
    Grant.objects.filter(person=cast.reader).update(expires_at=NOW + WEEK)
    grant_actions.grant(cast.csm, cast.no_grant, cast.org, GrantTerms("a while"), NOW)
    Grant.objects.filter(person=cast.no_grant).update(person=cast.reader, granted_by=cast.admin)
    assert why(cast.reader, ticket).by == "Ada Lind"
    assert why(cast.reader, ticket).until is None
