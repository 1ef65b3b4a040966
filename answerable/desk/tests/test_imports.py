"""Import at the desk: the dry run, the one button, and what both never do."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from answerable.audit.models import Record
from answerable.casework.organization_actions import create_organization
from answerable.lib import clock
from answerable.people import actions as people
from answerable.people import import_actions
from answerable.people.models import Domain, Import, Membership, Organization, Person
from answerable.people.organization_actions import OrganizationSpec
from answerable.people.person_actions import absorb
from answerable.sla.models import Replan
from tests.cast import NOW, PASSWORD, Cast

ORGANIZATIONS = """name;domains;plan;csm;zone
Atelier Roche;"roche.test; atelier-roche.test";Standard;csm@vendor.test;Europe/Paris
norrland energi;norrland.test;standard;;
Kivu Holding;kivu.test;;;Africa/Kigali
"""
PEOPLE = """email,name,organization,zone,locale
Marie@Roche.test,Marie Roche,Atelier Roche,,fr
elin@norrland.test,Elin B. Berg,Norrland Energi,,
mbeki@kivu.test,,kivu holding,,
"""


@pytest.fixture
def admin(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.admin)
    return client


def upload(admin: Client, organizations: str | bytes | None, people: str | bytes | None = None) -> Any:
    given = {"organizations": organizations, "people": people}
    files = {
        name: SimpleUploadedFile(f"{name}.csv", text if isinstance(text, bytes) else text.encode())
        for name, text in given.items()
        if text is not None
    }
    return admin.post("/desk/organizations/import/check", files)


def looked_at(admin: Client, organizations: str | bytes | None, people: str | bytes | None = None) -> tuple[str, str]:
    """(where the dry run is, what it says)."""
    answer = upload(admin, organizations, people)
    assert answer.status_code == 302
    return answer["Location"], text_of(admin, answer["Location"])


def text_of(admin: Client, where: str) -> str:
    return str(admin.get(where).content.decode())


def digest_in(page: str) -> str:
    return str(re.findall(r'name="digest" value="([0-9a-f]{64})"', page)[0])


def press(admin: Client, where: str, page: str) -> Any:
    return admin.post(f"{where}/apply", {"digest": digest_in(page)})


def counted() -> tuple[int, ...]:
    return tuple(kind.objects.count() for kind in (Organization, Domain, Person, Membership, Record))


@pytest.mark.behaviour("B-133")
def test_the_dry_run_says_what_each_row_does_and_does_nothing(cast: Cast, admin: Client) -> None:
    people.make_person("early@roche.test", "Early", "customer", PASSWORD, NOW)
    before = counted()
    where, page = looked_at(admin, ORGANIZATIONS, PEOPLE)
    for words in (
        "domains: roche.test (1 person with a proven address there is a member then)",
        "csm: Maria Costa",
        "name: Norrland Energi → norrland energi",
        "name: Kivu Bank → Kivu Holding",
        "name: Elin Berg → Elin B. Berg",
        "marie@roche.test",
        "Import exactly this",
    ):
        assert words in page
    report = admin.get(f"{where}/report.csv").getvalue().decode("utf-8-sig")
    assert "organizations,4,change,Kivu Holding,name,Kivu Bank,Kivu Holding,," in report
    assert "people,4,same,mbeki@kivu.test,,,,," in report
    assert counted() == before


@pytest.mark.behaviour("B-134")
def test_the_button_does_what_was_shown_and_nothing_if_the_world_changed(cast: Cast, admin: Client) -> None:
    early = people.make_person("early@roche.test", "Early", "customer", PASSWORD, NOW)
    where, page = looked_at(admin, ORGANIZATIONS, PEOPLE)
    Person.objects.filter(pk=cast.requester.pk).update(name="E. Berg")
    refused = press(admin, where, page)
    assert refused.status_code == 409
    assert "Something changed since this was shown" in refused.content.decode()
    assert not Organization.objects.filter(name="Atelier Roche").exists()
    page = text_of(admin, where)
    assert "name: E. Berg → Elin B. Berg" in page
    assert press(admin, where, page)["Location"] == where
    assert "It is done" in text_of(admin, where)
    roche = Organization.objects.get(slug="atelier-roche")
    assert (roche.name, roche.plan, roche.csm, roche.zone) == ("Atelier Roche", "standard", cast.csm, "Europe/Paris")
    domains = {row.name: (row.claimed_by, row.is_trusted) for row in roche.domains.all()}
    assert domains == dict.fromkeys(("roche.test", "atelier-roche.test"), (cast.admin, True))
    members = {row.person.email: row.source for row in roche.memberships.select_related("person")}
    assert members == {"marie@roche.test": "staff", early.email: "verified"}
    kivu = Organization.objects.get(slug="kivu")
    assert (kivu.name, kivu.zone) == ("Kivu Holding", "Africa/Kigali")
    cast.requester.refresh_from_db()
    assert cast.requester.name == "Elin B. Berg"
    norrland = Organization.objects.get(slug="norrland")
    assert (norrland.plan, norrland.csm, norrland.zone) == ("standard", cast.csm, "Europe/Stockholm")
    assert [(row.kind, row.key) for row in Replan.objects.all()] == [("plan", str(norrland.pk))]
    verbs = set(Record.objects.filter(actor_id=cast.admin.pk).values_list("verb", flat=True))
    assert verbs >= {
        "create_organization", "edit_organization", "set_plan", "claim_domain", "add_member", "import_person",
        "edit_person", "import",
    }  # fmt: skip
    kept = Import.objects.get()
    assert (kept.organizations, kept.people, kept.applied_at is None) == (None, None, False)
    assert press(admin, where, page).status_code == 409
    history = text_of(admin, "/desk/organizations/kivu")
    assert "Ada Lind changed name: Kivu Bank, now Kivu Holding; time zone:" in history
    assert "Ada Lind changed name: E. Berg, now Elin B. Berg" in text_of(admin, f"/desk/people/{cast.requester.pk}")


@pytest.mark.behaviour("B-135")
def test_a_second_import_finds_everything_there(cast: Cast, admin: Client) -> None:
    where, page = looked_at(admin, ORGANIZATIONS, PEOPLE)
    press(admin, where, page)
    before = counted()
    where, page = looked_at(admin, ORGANIZATIONS, PEOPLE)
    assert "All of this is here already: there is nothing to do." in page
    assert "digest" not in page
    assert counted() == before


WRONG = {
    "name": (",x.test", "a name", "nothing"),
    "domains": ("X,nodot", "e-mail domains such as example.com, with ; between them", "nodot"),
    "domains free": ("X,gmail.com", "a domain that is the organization&#39;s alone", "gmail.com"),
    "domains taken": ("X,kivu.test;norrland.test", "a domain of no other organization", "kivu.test (Kivu Bank)"),
    "plan": ("X,,gold", "a plan of the policy (standard)", "gold"),
    "csm": ("X,,,elin@norrland.test", "the e-mail address of somebody on your team", "elin@norrland.test"),
    "zone": ("X,,,,Berlin", "a time zone such as Europe/Berlin", "Berlin"),
    "name again": ("good ONE,", "each once in the file", "good ONE, as in row 2"),
    "domains again": ("X,good.test", "each once in the file", "good.test, as in row 2"),
    "name long": ("X" * 201, "at most 200 letters", "201"),
}


@pytest.mark.parametrize("name", WRONG)
@pytest.mark.behaviour("B-136")
def test_a_mistake_is_named_with_its_place_and_nothing_is_imported(cast: Cast, admin: Client, name: str) -> None:
    row, expected, got = WRONG[name]
    where, page = looked_at(admin, f"name,domains,plan,csm,zone\nGood one,good.test\n{row}\n")
    assert "Organizations, row 3" in page
    assert f"<code>{name.split(maxsplit=1)[0]}</code>" in page
    assert f"expected {expected}, got {got}" in page
    assert "Import exactly this" not in page
    assert admin.post(f"{where}/apply", {"digest": "0" * 64}).status_code == 422
    assert not Organization.objects.filter(name="Good one").exists()


WRONG_PEOPLE = {
    "email": ("nobody", "an e-mail address", "nobody"),
    "email staff": ("AGENT@vendor.test", "a customer&#39;s address; accounts of your team", "agent@vendor.test"),
    "organization": ("x@y.test,X,Nowhere", "an organization that there is, or that is in the other file", "Nowhere"),
    "zone": ("x@y.test,X,,Nowhere", "a time zone such as Europe/Berlin", "Nowhere"),
    "locale": ("x@y.test,X,,,english", "a language such as de or pt-BR", "english"),
    "email again": ("Good@one.test", "each once in the file", "good@one.test, as in row 2"),
}


@pytest.mark.parametrize("name", WRONG_PEOPLE)
def test_so_is_a_mistake_about_people(cast: Cast, admin: Client, name: str) -> None:
    row, expected, got = WRONG_PEOPLE[name]
    _where, page = looked_at(admin, None, f"email,name,organization,zone,locale\ngood@one.test\n{row}\n")
    assert "People, row 3" in page
    assert f"<code>{name.split(maxsplit=1)[0]}</code>" in page
    assert f"expected {expected}" in page
    assert f"got {got}" in page
    assert not Person.objects.filter(email="good@one.test").exists()


@pytest.mark.behaviour("B-137")
def test_imported_people_get_in_as_anybody_does_and_staff_are_left_alone(cast: Cast, admin: Client) -> None:
    where, page = looked_at(admin, None, "email,name,organization\nnia@norrland.test,Nia,norrland\n")
    press(admin, where, page)
    nia = Person.objects.get(email="nia@norrland.test")
    assert (nia.has_usable_password(), nia.email_verified_at, nia.role) == (False, None, "customer")
    assert [(row.organization, row.source) for row in nia.memberships.all()] == [(cast.org, "staff")]
    before = list(Person.objects.exclude(role="customer").order_by("pk").values())
    Person.objects.filter(pk=cast.agent.pk).update(is_active=False)
    _where, page = looked_at(admin, None, "email,name\nagent@vendor.test,Somebody\n")
    assert "accounts of your team are never imported" in page
    Person.objects.filter(pk=cast.agent.pk).update(is_active=True)
    assert list(Person.objects.exclude(role="customer").order_by("pk").values()) == before


def test_who_was_merged_is_the_one_who_stayed(cast: Cast, admin: Client) -> None:
    absorb(cast.admin, cast.requester, cast.colleague, NOW)
    both = "email,organization\nlund@norrland.test,Kivu Bank\n"
    where, page = looked_at(admin, None, both)
    press(admin, where, page)
    assert set(cast.requester.memberships.values_list("organization", flat=True)) == {cast.org.pk, cast.other_org.pk}
    _where, page = looked_at(admin, None, f"{both}elin@norrland.test,\n")
    assert "got elin@norrland.test, as in row 2" in page


def test_who_writes_to_us_in_the_same_moment_stops_it(
    cast: Cast, admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = import_actions._make_people

    def late(*given: Any) -> Any:
        people.contact("marie@roche.test", "", NOW)
        return make(*given)

    where, page = looked_at(admin, ORGANIZATIONS, PEOPLE)
    before = counted()
    monkeypatch.setattr(import_actions, "_make_people", late)
    refused = press(admin, where, page)
    assert refused.status_code == 409
    assert "just now: nothing was imported" in refused.content.decode()
    assert counted() == before


def test_another_manager_of_the_same_name_is_another_one(cast: Cast, admin: Client) -> None:
    namesake = people.make_person("maria2@vendor.test", "Maria Costa", "csm", PASSWORD, NOW)
    where, page = looked_at(admin, "name,csm\nNorrland Energi,maria2@vendor.test\n")
    press(admin, where, page)
    cast.org.refresh_from_db()
    assert cast.org.csm == namesake


def test_a_domain_that_waits_for_its_proof_is_claimed(cast: Cast, admin: Client) -> None:
    row = Domain.objects.create(organization=cast.org, name="waits.test")
    where, page = looked_at(admin, "name,domains\nNorrland Energi,waits.test\n")
    assert "domains: waits.test" in page
    press(admin, where, page)
    row.refresh_from_db()
    assert row.is_trusted


def test_a_new_name_is_free_for_nobody_else(cast: Cast, admin: Client) -> None:
    _where, page = looked_at(admin, "name,domains\nKivu Holding,\nKivu Holding,kivu.test\n")
    assert "got Kivu Holding, as in row 2" in page
    create_organization(cast.admin, OrganizationSpec("Kivu Holding", None, "UTC"), "", NOW)
    _where, page = looked_at(admin, "name,domains\nKivu Holding,kivu.test\n")
    assert "got kivu.test (Kivu Bank)" in page


def test_what_is_no_file_or_too_large_is_said(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = upload(admin, None)
    assert answer.status_code == 422
    assert "Choose a file of organizations, of people, or both." in answer.content.decode()
    monkeypatch.setattr("answerable.desk.import_forms.MOST_BYTES", 10)
    answer = upload(admin, "name\n" + "x" * 100)
    assert answer.status_code == 422
    assert "at most can be imported at once" in answer.content.decode()


def test_files_are_forgotten_after_a_day(cast: Cast, admin: Client) -> None:
    where, _page = looked_at(admin, "name\nRoche\n")
    Import.objects.update(at=NOW)
    looked_at(admin, "name\nRoche\n")
    assert admin.get(where).status_code == 404
    assert Import.objects.filter(at=NOW, organizations=None).count() == 1


def test_the_examples_are_right_but_for_whom_they_name(admin: Client, cast: Cast) -> None:
    given = {}
    for name in ("organizations", "people"):
        answer = admin.get(f"/desk/organizations/import/example/{name}.csv")
        given[name] = answer.getvalue()
    Domain.objects.all().delete()
    Organization.objects.update(name="Another")
    _where, page = looked_at(admin, given["organizations"], given["people"])
    assert "Import exactly this" in page
    assert admin.get("/desk/organizations/import/example/secrets.csv").status_code == 404


def test_a_long_report_has_pages(admin: Client, cast: Cast) -> None:
    many = "name\n" + "".join(f"Many {n}\n" for n in range(150))
    where, page = looked_at(admin, many)
    assert "Many 99" in page
    assert "Many 100" not in page
    assert f"{where}?from=100" in page
    assert "Many 149" in text_of(admin, f"{where}?from=100")


def test_cells_of_the_report_stay_text(admin: Client, cast: Cast) -> None:
    where, _page = looked_at(admin, "name\n=1+1\n")
    report = admin.get(f"{where}/report.csv").getvalue().decode("utf-8-sig")
    assert "'=1+1" in report


def test_time_of_an_import_is_kept(admin: Client, cast: Cast) -> None:
    before = clock.now()
    where, page = looked_at(admin, "name\nRoche\n")
    press(admin, where, page)
    assert Organization.objects.get(name="Roche").created_at >= before
