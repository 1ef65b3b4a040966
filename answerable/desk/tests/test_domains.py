"""The proof of a domain at the desk: what to set, what a look says, and how often one may look."""

from collections.abc import Mapping
from unittest.mock import patch

import pytest
from django.test import Client

from answerable.desk.views import domains as views
from answerable.lib import domains
from answerable.people.actions import make_person
from answerable.people.domain_actions import expected_record
from answerable.people.models import Domain
from answerable.people.queries import organization_of_domain
from tests.cast import NOW, PASSWORD, Cast
from tests.name_server import name_server

NAME = "norrland-energi.test"
HOME = "/desk/organizations/norrland"


@pytest.fixture
def csm(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.csm)
    return client


def asked(csm: Client) -> Domain:
    answer = csm.post(f"{HOME}/domains/prove", {"domain": NAME})
    row = Domain.objects.get(name=NAME)
    assert answer["Location"] == f"{HOME}/domains/{row.pk}/proof"
    return row


def look(csm: Client, row: Domain, records: Mapping[str, list[str] | int]) -> str:
    """What the page says after a look."""
    with name_server(records) as resolver, patch("answerable.lib.dns.Resolver", lambda: resolver):
        answer = csm.post(f"{HOME}/domains/{row.pk}/check", follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.behaviour("B-131")
def test_a_domain_counts_once_its_record_is_found(cast: Cast, csm: Client) -> None:
    make_person(f"a@{NAME}", "A", "customer", PASSWORD, NOW)
    row = asked(csm)
    page = csm.get(f"{HOME}/domains/{row.pk}/proof").content.decode()
    assert expected_record(row) in page
    assert "That is 1 person now." in page
    assert organization_of_domain(NAME) is None
    page = look(csm, row, {NAME: ['"v=spf1 &lt;-all"']})
    assert "does not have the TXT record yet" in page
    assert "v=spf1 &amp;lt;-all" in page
    assert "gave no answer" in look(csm, row, {NAME: 2})
    assert organization_of_domain(NAME) is None
    page = look(csm, row, {NAME: [f'"{expected_record(row)}"']})
    assert "Proven" in page
    assert organization_of_domain(NAME) == cast.org
    assert cast.org.memberships.filter(person__email=f"a@{NAME}").exists()
    history = csm.get(HOME).content.decode()
    assert f"asked for the proof of {NAME}" in history
    assert f"found the proof of {NAME}" in history


def test_one_may_look_so_often_within_an_hour(csm: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "MOST_LOOKS", 2)
    row = asked(csm)
    found = {NAME: [f'"{expected_record(row)}"']}
    for _ in range(2):
        look(csm, row, {})
    assert "It was looked for 2 times within the hour." in look(csm, row, found)
    assert organization_of_domain(NAME) is None


@pytest.mark.behaviour("B-132")
def test_who_proved_an_address_before_the_claim_is_a_member_by_it(cast: Cast, csm: Client) -> None:
    early = make_person(f"a@{NAME}", "A", "customer", PASSWORD, NOW)
    csm.post(f"{HOME}/domains", {"domain": NAME})
    assert [row.source for row in early.memberships.all()] == ["verified"]


@pytest.mark.parametrize("path", ["domains", "domains/prove"])
@pytest.mark.parametrize("name", ["gmail.com", "GMX.de", "hotmail.co.uk"])
def test_free_mail_is_nobodys_however_it_is_asked_for(cast: Cast, csm: Client, name: str, path: str) -> None:
    assert domains.is_free_mail(name)
    answer = csm.post(f"{HOME}/{path}", {"domain": name})
    assert answer.status_code == 422
    assert "Anybody can have an address at" in answer.content.decode()
    assert not Domain.objects.filter(name=name.lower()).exists()


def test_a_domain_of_another_organization_is_not_found(cast: Cast, csm: Client) -> None:
    other = Domain.objects.get(organization=cast.other_org)
    assert csm.get(f"{HOME}/domains/{other.pk}/proof").status_code == 404
    assert csm.post(f"{HOME}/domains/prove", {"domain": other.name}).status_code == 422
