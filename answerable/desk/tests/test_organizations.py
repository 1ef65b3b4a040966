"""Organization pages: what they show to whom, what each form does, and what a page costs."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework.jobs import follow_standing
from answerable.lib import clock
from answerable.people.models import Domain, Membership, Organization, Person, StandingCC, Team
from tests.cast import Cast, a_ticket


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(person: Person, path: str) -> str:
    answer = as_(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_all_that_belongs_to_it(cast: Cast) -> None:
    a_ticket(cast, clock.now())
    page = text_of(cast.agent, "/desk/organizations/norrland")
    for words in ("Norrland Energi", "Standard", "Maria Costa", "Europe/Stockholm", "norrland.test", "Nils Ek"):
        assert words in page
    assert "quarterly review" in page
    assert "Warehouse sync stopped" in page
    assert "Maria Costa let J. Holm read the requests: quarterly review" in page


@pytest.mark.behaviour("B-112")
def test_the_page_of_an_organization_shows_only_requests_that_its_reader_may_see(cast: Cast) -> None:
    a_ticket(cast, clock.now(), team=cast.product)
    Team.objects.filter(key="cloud").update(restricted=True)
    assert "Warehouse sync stopped" in text_of(cast.lead, "/desk/organizations/norrland")
    page = text_of(cast.agent, "/desk/organizations/norrland")
    assert "Warehouse sync stopped" not in page
    assert "No open request" in page


def test_forms_are_shown_to_those_who_may_send_them(cast: Cast) -> None:
    seen = {}
    for role in ("agent", "lead", "csm", "other_csm", "admin"):
        page = text_of(getattr(cast, role), "/desk/organizations/norrland")
        seen[role] = ("Add a domain" in page, "organization-plan" in page)
    may_not = (False, False)
    assert seen == {
        "agent": may_not, "lead": may_not, "csm": (True, False), "other_csm": may_not, "admin": (True, True)
    }  # fmt: skip


def test_each_form_does_what_it_says(cast: Cast) -> None:
    admin = as_(cast.admin)
    made = admin.post("/desk/organizations/create", {"name": "Roche", "plan": "", "csm": cast.csm.pk, "zone": "UTC"})
    assert made["Location"] == "/desk/organizations/roche"
    edited = {"name": "Atelier Roche", "plan": "standard", "csm": "", "zone": "Europe/Paris"}
    admin.post("/desk/organizations/roche/edit", edited)
    row = Organization.objects.get(slug="roche")
    assert (row.name, row.plan, row.csm, row.zone) == ("Atelier Roche", "standard", None, "Europe/Paris")
    admin.post("/desk/organizations/roche/domains", {"domain": "roche.test"})
    admin.post("/desk/organizations/roche/members", {"address": "m@roche.test", "name": "M. Roche"})
    belongs = Membership.objects.get(organization=row)
    assert (belongs.person.label, belongs.source) == ("M. Roche", "staff")
    page = text_of(cast.admin, "/desk/organizations/roche")
    for words in ("changed name: Roche, now Atelier Roche", "from Standard to Standard", "claimed roche.test"):
        assert words in page
    admin.post(f"/desk/organizations/roche/members/{belongs.person.pk}/remove")
    admin.post(f"/desk/organizations/roche/domains/{Domain.objects.get(name='roche.test').pk}/release")
    assert not row.memberships.exists()
    assert not row.domains.exists()


def test_a_refusal_leaves_the_form_where_it_is(cast: Cast) -> None:
    answer = as_(cast.admin).post(
        "/desk/organizations/kivu/domains", {"domain": "norrland.test"}, headers={"HX-Request": "true"}
    )
    assert (answer.status_code, answer["HX-Retarget"]) == (422, "#flashes")
    assert "norrland.test belongs to Norrland Energi." in answer.content.decode()
    done = as_(cast.admin).post(
        "/desk/organizations/kivu/domains", {"domain": "kivu2.test"}, headers={"HX-Request": "true"}
    )
    assert done["HX-Redirect"] == "/desk/organizations/kivu"


@pytest.mark.behaviour("B-113")
def test_a_manager_finds_what_is_open_late_and_ending_in_their_organizations(cast: Cast) -> None:
    now = clock.now()
    a_ticket(cast, now - timedelta(hours=3), severity="P1")
    a_ticket(cast, now - timedelta(minutes=90), severity="P1")
    a_ticket(cast, now)
    grant = cast.reader.grants.get()
    grant.expires_at = now + timedelta(days=29)
    grant.save()
    page = text_of(cast.csm, "/desk/my-organizations")
    for words in ("Norrland Energi", "3 open requests", "1 broken", "1 within the hour", "quarterly review"):
        assert words in page
    assert "Kivu Bank" not in page
    grant.expires_at = now + timedelta(days=31)
    grant.save()
    assert "quarterly review" not in text_of(cast.csm, "/desk/my-organizations")
    assert "You look after no organization" in text_of(cast.other_csm, "/desk/my-organizations")


def test_before_an_end_its_page_says_what_it_takes(cast: Cast) -> None:
    row = StandingCC.objects.create(person=cast.no_grant, organization=cast.org, since=clock.now(), set_by=cast.csm)
    for _ in range(2):
        a_ticket(cast, clock.now())
    readers = text_of(cast.csm, "/desk/organizations/norrland")
    for where, words in (
        (f"grants/{cast.reader.grants.get().pk}", "Revoke the grant of J. Holm"),
        (f"standing/{row.pk}", "End the CC of Nils Ek"),
    ):
        assert f'href="/desk/organizations/norrland/{where}"' in readers
        page = text_of(cast.csm, f"/desk/organizations/norrland/{where}")
        assert "<strong>2</strong> requests of Norrland Energi, and no new one" in page
        assert words in page
        [form] = re.findall(rf'action="(/desk/organizations/norrland/{where}/\w+)"', page)
        assert as_(cast.csm).post(form)["Location"] == "/desk/organizations/norrland"
        assert "<strong>0</strong>" in text_of(cast.csm, f"/desk/organizations/norrland/{where}")


def test_the_ticket_page_leads_to_the_organization(cast: Cast) -> None:
    ticket = a_ticket(cast, clock.now())
    assert 'href="/desk/organizations/norrland"' in text_of(cast.agent, f"/desk/tickets/{ticket.number}")


@pytest.mark.parametrize(
    ("path", "most"), [("/desk/organizations", 7), ("/desk/my-organizations", 9), ("/desk/organizations/norrland", 17)]
)
def test_a_page_asks_no_more_for_more_rows(cast: Cast, path: str, most: int) -> None:
    client = as_(cast.csm)
    client.get(path)
    for n in range(20):
        row = Organization.objects.create(name=f"More {n}", slug=f"more-{n}", csm=cast.csm, created_at=clock.now())
        Domain.objects.create(organization=row, name=f"more{n}.test", claimed_at=clock.now())
        a_ticket(cast, clock.now())
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= most, [query["sql"][:120] for query in asked]


def test_a_grant_is_looked_at_given_and_revoked(cast: Cast) -> None:
    a_ticket(cast, clock.now())
    csm, where = as_(cast.csm), "/desk/organizations/norrland"
    assert f"{where}/grants/new?person={cast.no_grant.pk}" in text_of(cast.csm, where)
    assert "Nobody here has this address" in text_of(cast.csm, f"{where}/grants/new?address=who@x.test")
    page = text_of(cast.csm, f"{where}/grants/new?address={cast.stranger.email}")
    for words in ("J. Mbeki", "Not a member of Norrland Energi, but of Kivu Bank.", "<strong>1</strong> more requests"):
        assert words in page
    last_day = (clock.now() + timedelta(days=3)).date()
    given = {"person": cast.stranger.pk, "reason": "runs their operations", "until": last_day.isoformat()}
    assert csm.post(f"{where}/grants", given)["Location"] == where
    grant = cast.stranger.grants.get()
    assert grant.expires_at is not None
    assert grant.expires_at.astimezone(ZoneInfo("Europe/Stockholm")).isoformat()[:16] == (
        f"{last_day + timedelta(days=1)}T00:00"
    )
    assert "runs their operations" in text_of(cast.csm, where)
    csm.post(f"{where}/grants/{grant.pk}/revoke")
    page = text_of(cast.csm, where)
    assert "revoked by Maria Costa" in page
    assert "Maria Costa revoked the grant of J. Mbeki" in page


def test_a_grant_of_another_organization_is_not_found(cast: Cast) -> None:
    grant = cast.reader.grants.get()
    assert as_(cast.admin).post(f"/desk/organizations/kivu/grants/{grant.pk}/revoke").status_code == 404


def test_somebody_is_made_a_standing_cc_and_ended(cast: Cast) -> None:
    ticket = a_ticket(cast, clock.now())
    csm, where = as_(cast.csm), "/desk/organizations/norrland"
    page = text_of(cast.csm, f"{where}/standing/new?person={cast.no_grant.pk}")
    assert "<strong>1</strong> that they are not on" in page
    csm.post(f"{where}/standing", {"person": cast.no_grant.pk, "open_too": "on"})
    row = cast.no_grant.standing_ccs.get()
    assert "being put on open requests" in text_of(cast.agent, where)
    follow_standing(0)
    assert "is CC&#39;d, as on every request of the organization" in text_of(
        cast.agent, f"/desk/tickets/{ticket.number}"
    )
    csm.post(f"{where}/standing/{row.pk}/end")
    follow_standing(0)
    assert "is no longer CC&#39;d on every request" in text_of(cast.agent, f"/desk/tickets/{ticket.number}")
    page = text_of(cast.csm, where)
    assert "Maria Costa ended it that Nils Ek is CC&#39;d on each new request" in page


def test_a_request_is_hidden_from_readers_and_shown_again(cast: Cast) -> None:
    ticket = a_ticket(cast, clock.now())
    where = f"/desk/tickets/{ticket.number}"
    assert "Hide from readers" in text_of(cast.agent, where)
    assert "Hide from readers" not in text_of(cast.other_csm, where)
    as_(cast.agent).post(f"{where}/sensitive", {"sensitive": "yes"})
    page = text_of(cast.agent, where)
    assert "Show to readers" in page
    assert "Tomas Kral hid it from the organization&#39;s readers" in page
    as_(cast.agent).post(f"{where}/sensitive", {"sensitive": "no"})
    ticket.refresh_from_db()
    assert not ticket.sensitive
