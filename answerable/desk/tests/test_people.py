"""The pages of people: what they show, and what their forms do."""

import pytest
from allauth.socialaccount.models import SocialAccount
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.desk.tests.test_organizations import as_, text_of
from answerable.lib import clock
from answerable.people import actions as people
from answerable.people.models import Team
from tests.cast import Cast, a_ticket


def test_a_person_is_found_and_looked_at(cast: Cast) -> None:
    a_ticket(cast, clock.now())
    page = text_of(cast.agent, "/desk/people?q=elin")
    assert f'href="/desk/people/{cast.requester.pk}"' in page
    assert "A. Lund" not in page
    page = text_of(cast.agent, f"/desk/people/{cast.requester.pk}")
    for words in ("Elin Berg", "elin@norrland.test", "Norrland Energi", "Warehouse sync stopped", "never"):
        assert words in page
    assert "Suspend" not in page
    assert "Norrland Energi" in text_of(cast.agent, f"/desk/people/{cast.reader.pk}")
    assert "Nobody found" in text_of(cast.agent, "/desk/people?q=zebra")


def test_requests_of_other_teams_stay_hidden_on_a_persons_page(cast: Cast) -> None:
    a_ticket(cast, clock.now(), team=cast.product)
    Team.objects.filter(key="cloud").update(restricted=True)
    where = f"/desk/people/{cast.requester.pk}"
    assert "Warehouse sync stopped" in text_of(cast.lead, where)
    assert "Warehouse sync stopped" not in text_of(cast.agent, where)


def test_an_account_is_suspended_and_restored(cast: Cast) -> None:
    where = f"/desk/people/{cast.requester.pk}"
    admin = as_(cast.admin)
    assert admin.post(f"{where}/suspend", {"reason": ""}).status_code == 422
    assert admin.post(f"{where}/suspend", {"reason": "left the company"})["Location"] == where
    page = text_of(cast.admin, where)
    assert "Ada Lind suspended this account: left the company" in page
    assert "Restore this account" in page
    admin.post(f"{where}/restore")
    assert "Ada Lind restored this account" in text_of(cast.admin, where)


def test_a_merge_is_looked_at_and_done(cast: Cast) -> None:
    private = people.contact("elin@home.test", "Elin", clock.now())
    a_ticket(cast, clock.now(), requester=private, organization=None)
    where = f"/desk/people/{cast.requester.pk}"
    assert "These are the same account already" in text_of(cast.admin, f"{where}/merge?address={cast.requester.email}")
    assert "Only customers are merged" in text_of(cast.admin, f"{where}/merge?address={cast.agent.email}")
    assert "They are one person all the same" in text_of(cast.admin, f"{where}/merge?address={cast.stranger.email}")
    page = text_of(cast.admin, f"{where}/merge?address=elin@home.test")
    for words in ("1 of their own, 0 that they are CC&#39;d on", "This cannot be undone"):
        assert words in page
    as_(cast.admin).post(f"{where}/merge/now", {"person": private.pk})
    page = text_of(cast.admin, where)
    assert "Ada Lind merged elin@home.test into this account" in page
    assert "merged this account into that of Elin Berg" in text_of(cast.admin, f"/desk/people/{private.pk}")


@pytest.mark.parametrize(("path", "most"), [("/desk/people", 7), ("/desk/people?q=norrland", 7)])
def test_a_page_asks_no_more_for_more_people(cast: Cast, path: str, most: int) -> None:
    client = as_(cast.agent)
    client.get(path)
    for n in range(20):
        people.add_member(people.contact(f"p{n}@norrland.test", "", clock.now()), cast.org, "staff", clock.now())
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= most, [query["sql"][:120] for query in asked]


def test_an_account_of_an_identity_provider_is_forgotten(cast: Cast) -> None:
    where = f"/desk/people/{cast.requester.pk}"
    assert "Forget it" not in text_of(cast.admin, where)
    SocialAccount.objects.create(user=cast.requester, provider="org-norrland", uid="1")
    assert "Forget it" not in text_of(cast.lead, where)
    assert "Forget it" in text_of(cast.admin, where)
    assert as_(cast.admin).post(f"{where}/sign-in/loosen")["Location"] == where
    page = text_of(cast.admin, where)
    assert "Forget it" not in page
    assert "Ada Lind had their single sign-on forgotten" in page
