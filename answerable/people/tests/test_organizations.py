"""Organizations: who may change what of them, whose a domain is, and how the list is found and paged."""

from datetime import timedelta

import pytest

from answerable.audit.models import Record
from answerable.casework.organization_actions import create_organization, edit_organization
from answerable.lib import domains
from answerable.lib.errors import Refused
from answerable.people import organization_actions as people
from answerable.people import organization_queries as queries
from answerable.people.domain_actions import claim_domain, release_domain
from answerable.people.models import Domain, Membership, Organization, Person
from answerable.sla.models import Replan
from tests.cast import NOW, Cast

SPEC = people.OrganizationSpec("Atelier Roche", None, "Europe/Paris")


def refusal(act: object, *given: object) -> str:
    assert callable(act)
    with pytest.raises(Refused) as refused:
        act(*given)
    return refused.value.code


@pytest.mark.behaviour("B-110")
def test_a_domain_in_use_is_refused_with_whose_it_is(cast: Cast) -> None:
    with pytest.raises(Refused, match=r"norrland\.test belongs to Norrland Energi"):
        claim_domain(cast.admin, cast.other_org, "Norrland.Test", NOW)
    claim_domain(cast.admin, cast.other_org, "@kivu-bank.test ", NOW)
    assert Domain.objects.get(name="kivu-bank.test").organization == cast.other_org


def test_claiming_twice_is_once_and_a_domain_waiting_for_its_proof_may_be_claimed(cast: Cast) -> None:
    Domain.objects.create(organization=cast.org, name="waits.test")
    for _ in range(2):
        row = claim_domain(cast.csm, cast.org, "waits.test", NOW)
    assert row.claimed_by == cast.csm
    assert Record.objects.filter(verb="claim_domain").count() == 1


@pytest.mark.parametrize(
    "text", ["", "nodot", "a b.test", "-x.test", "x..test", "ü" * 70 + ".test", "a" * 300 + ".test"]
)
def test_what_is_no_domain(text: str) -> None:
    assert domains.read(text) is None


def test_a_domain_is_stored_as_mail_writes_it() -> None:
    assert domains.read("info@Köln.example.") == "xn--kln-sna.example"


def test_what_everybody_has_is_nobodys(cast: Cast) -> None:
    assert refusal(claim_domain, cast.admin, cast.org, "gmail.com", NOW) == "free_mail"


def test_who_looks_after_it_changes_domains_and_members_and_nobody_else(cast: Cast) -> None:
    domain = Domain.objects.get(organization=cast.org)
    for person in (cast.agent, cast.lead, cast.other_csm, cast.requester):
        assert refusal(claim_domain, person, cast.org, "more.test", NOW) == "not_allowed"
        assert refusal(release_domain, person, cast.org, domain.pk, NOW) == "not_allowed"
        assert refusal(people.add_by_address, person, cast.org, "x@more.test", "", NOW) == "not_allowed"
        assert refusal(people.remove_member, person, cast.org, cast.no_grant, NOW) == "not_allowed"
    for person in (cast.csm, cast.admin):
        claim_domain(person, cast.org, "more.test", NOW)
        release_domain(person, cast.org, Domain.objects.get(name="more.test").pk, NOW)
        added = people.add_by_address(person, cast.org, "X@more.test", "X", NOW)
        people.remove_member(person, cast.org, added, NOW)
    assert not Person.objects.get(email="x@more.test").has_usable_password()
    assert not Membership.objects.filter(person__email="x@more.test").exists()


def test_staff_are_no_members(cast: Cast) -> None:
    assert refusal(people.add_by_address, cast.admin, cast.org, cast.agent.email, "", NOW) == "is_staff"


@pytest.mark.behaviour("B-111")
def test_administrators_alone_make_and_rename_and_each_change_is_kept(cast: Cast) -> None:
    assert refusal(create_organization, cast.csm, SPEC, "", NOW) == "not_allowed"
    assert refusal(create_organization, cast.admin, SPEC, "gold", NOW) == "unknown_plan"
    row = create_organization(cast.admin, SPEC, "standard", NOW)
    assert refusal(edit_organization, cast.csm, row, SPEC, "", NOW) == "not_allowed"
    edit_organization(cast.admin, row, people.OrganizationSpec("Roche", cast.csm, "Europe/Paris"), "", NOW)
    row.refresh_from_db()
    assert (row.name, row.slug, row.csm, row.plan) == ("Roche", "atelier-roche", cast.csm, "")
    trail = Record.objects.filter(subject_kind="organization", subject_id=row.pk).order_by("id")
    assert list(trail.values_list("verb", flat=True)) == ["create_organization", "edit_organization", "set_plan"]
    assert Replan.objects.get().key == str(row.pk)
    edit_organization(cast.admin, row, people.OrganizationSpec("Roche", cast.csm, "Europe/Paris"), "", NOW)
    assert trail.count() == 3


def test_a_change_that_is_refused_half_way_leaves_nothing(cast: Cast) -> None:
    spec = people.OrganizationSpec("Norrland", None, "UTC")
    assert refusal(edit_organization, cast.admin, cast.org, spec, "gold", NOW) == "unknown_plan"
    cast.org.refresh_from_db()
    assert cast.org.name == "Norrland Energi"
    assert not Record.objects.filter(verb="edit_organization").exists()


@pytest.mark.parametrize(
    ("spec", "code"),
    [
        (people.OrganizationSpec(" ", None, "UTC"), "invalid"),
        (people.OrganizationSpec("kivu BANK", None, "UTC"), "exists"),
        (people.OrganizationSpec("X", None, "Mars/Olympus"), "invalid"),
    ],
)
def test_what_an_organization_cannot_be(cast: Cast, spec: people.OrganizationSpec, code: str) -> None:
    assert refusal(create_organization, cast.admin, spec, "", NOW) == code
    assert refusal(edit_organization, cast.admin, cast.org, spec, "", NOW) == code


def test_a_customer_looks_after_nothing(cast: Cast) -> None:
    spec = people.OrganizationSpec("X", cast.requester, "UTC")
    assert refusal(create_organization, cast.admin, spec, "", NOW) == "not_staff"


def test_addresses_of_pages_are_no_slugs_and_each_is_given_once(cast: Cast) -> None:
    slugs = [
        create_organization(cast.admin, people.OrganizationSpec(name, None, "UTC"), "", NOW).slug
        for name in ("New", "Kivu!", "株式会社", "Kivu?")
    ]
    assert slugs == ["new-2", "kivu-2", "organization", "kivu-3"]


def test_the_list_is_found_by_name_and_domain_and_pages_without_gaps(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [row.slug for row in queries.search("energi", None).rows] == ["norrland"]
    assert [row.slug for row in queries.search("KIVU.test", None).rows] == ["kivu"]
    assert queries.search("zebra", None).rows == []
    assert [row.slug for row in queries.search("", None, csm=cast.csm).rows] == ["norrland"]
    monkeypatch.setattr(queries, "PAGE", 2)
    for n in range(5):
        Organization.objects.create(name=["same", "Same"][n % 2], slug=f"s{n}", created_at=NOW)
    shown, after = [], None
    for _ in range(10):
        page = queries.search("", after)
        shown += [row.slug for row in page.rows]
        after = page.next
        if after is None:
            break
    assert shown == ["kivu", "norrland", "s0", "s1", "s2", "s3", "s4"]


def test_grants_are_in_force_or_past(cast: Cast) -> None:
    now_on, past = queries.grants_of(cast.org, NOW)
    assert ([row.person for row in now_on], past) == ([cast.reader], [])
    later = NOW + timedelta(days=3650)
    assert [len(rows) for rows in queries.grants_of(cast.org, later)] == [0, 1]
    assert queries.ending([cast.org.pk], NOW, later)[0].person == cast.reader
    assert queries.ending([cast.org.pk], NOW, later - timedelta(seconds=1)) == []
