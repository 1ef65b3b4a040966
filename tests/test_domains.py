"""A domain is proven by a TXT record, asked of a name server that really answers."""

from collections.abc import Mapping

import dns.rcode
import pytest

from answerable.audit.models import Record
from answerable.lib.dns import txt
from answerable.lib.errors import Refused
from answerable.people.actions import contact, make_person
from answerable.people.domain_actions import expected_record, verify_domain
from answerable.people.models import Domain, Person
from answerable.people.queries import organization_of_domain
from tests.cast import NOW, PASSWORD, Cast
from tests.name_server import name_server

NAME = "norrland-energi.test"


def wanted(cast: Cast, name: str = NAME) -> Domain:
    return Domain.objects.create(organization=cast.org, name=name)


def tries(by: Person, domain: Domain, records: Mapping[str, list[str] | int]) -> str:
    """Look once; "" or the code of the refusal."""
    with name_server(records) as resolver:
        try:
            verify_domain(by, domain, NOW, lambda name: txt(name, resolver))
        except Refused as refused:
            return refused.code
    return ""


def quoted(domain: Domain) -> str:
    return f'"{expected_record(domain)}"'


def test_the_record_makes_it_the_organizations_and_its_people_members(cast: Cast) -> None:
    domain = wanted(cast)
    proven = make_person(f"a@{NAME}", "A", "customer", PASSWORD, NOW)
    make_person(f"staff@{NAME}", "S", "agent", PASSWORD, NOW)
    make_person(f"b@sub.{NAME}", "B", "customer", PASSWORD, NOW)
    contact(f"c@{NAME}", "C", NOW)
    assert tries(cast.csm, domain, {NAME: ['"v=spf1 -all"', quoted(domain)]}) == ""
    assert domain.verified_at == NOW
    assert organization_of_domain(NAME) == cast.org
    assert set(cast.org.memberships.filter(source="verified").values_list("person", flat=True)) == {proven.pk}
    assert tries(cast.csm, domain, {}) == ""
    assert Record.objects.filter(verb="verify_domain").count() == 1


def test_a_long_record_comes_in_parts(cast: Cast) -> None:
    domain = wanted(cast)
    text = expected_record(domain)
    assert tries(cast.admin, domain, {NAME: [f'"{text[:20]}" "{text[20:]}"']}) == ""


@pytest.mark.parametrize(
    ("records", "code"),
    [
        ({}, "no_record"),
        ({NAME: []}, "no_record"),
        ({NAME: ['"answerable-verification=0000"']}, "no_record"),
        ({NAME: int(dns.rcode.SERVFAIL)}, "no_answer"),
        ({NAME: int(dns.rcode.REFUSED)}, "no_answer"),
    ],
)
def test_without_the_record_nothing_changes(cast: Cast, records: dict[str, list[str] | int], code: str) -> None:
    domain = wanted(cast)
    assert tries(cast.admin, domain, records) == code
    domain.refresh_from_db()
    assert domain.verified_at is None
    assert organization_of_domain(NAME) is None


def test_the_record_of_another_organization_or_name_proves_nothing(cast: Cast) -> None:
    domain = wanted(cast)
    others = Domain(organization=cast.other_org, name=NAME), Domain(organization=cast.org, name=f"sub.{NAME}")
    for other in others:
        assert expected_record(other) != expected_record(domain)
        assert tries(cast.admin, domain, {NAME: [quoted(other)], f"sub.{NAME}": [quoted(domain)]}) == "no_record"


def test_free_mail_is_nobodys_and_only_its_own_people_ask(cast: Cast) -> None:
    free, domain = wanted(cast, "gmail.com"), wanted(cast)
    assert tries(cast.admin, free, {"gmail.com": [quoted(free)]}) == "free_mail"
    for by in (cast.agent, cast.lead, cast.other_csm, cast.requester):
        assert tries(by, domain, {NAME: [quoted(domain)]}) == "not_allowed"
