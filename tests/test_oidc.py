"""Single sign-on by OpenID Connect, against a provider that really runs; and whose word counts for whom."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp
from django.test import Client, RequestFactory
from oidc_provider_mock import run_server_in_thread

from answerable.audit.models import Record
from answerable.casework.person_actions import merge_people, suspend
from answerable.lib.errors import Refused
from answerable.people import sso_actions
from answerable.people.actions import contact
from answerable.people.models import Domain, Membership, Organization, Person, SignOnAttempt
from answerable.people.organization_actions import add_by_address
from answerable.people.queries import by_email
from answerable.people.sso_actions import OIDC, loosen, set_up
from answerable.portal.adapter import AccountAdapter
from answerable.portal.social import SocialAdapter
from tests.cast import NOW, PASSWORD, Cast
from tests.test_second_step import code_of

# What allauth says of a log-in besides.
HOW = {"email_verification": "none", "signal_kwargs": None, "email": None, "signup": False, "redirect_url": None}
NIA = "nia@norrland.test"


@pytest.fixture(scope="module")
def idp() -> Iterator[str]:
    """An identity provider that says of everybody what it is told to say."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def sso(cast: Cast, idp: str, organization: Organization | None, **more: bool) -> None:
    trusts = more.pop("trusts_addresses", False)
    set_up(
        cast.admin, organization, OIDC(idp, f"client-{organization}", "secret", trusts_addresses=trusts), NOW, **more
    )


def comes(
    idp: str, key: str, claims: dict[str, object], client: Client | None = None, sub: str = "s1"
) -> tuple[Client, str]:
    """A whole log-in by a browser; where it leads, or the code and words of the refusal."""
    client = client or Client(headers={"Host": "portal.vendor.test"})
    httpx.put(f"{idp}/users/{sub}", json=claims).raise_for_status()
    start = client.get(f"/accounts/oidc/{key}/login/")
    assert start.status_code == 302
    back = httpx.post(start.headers["Location"], data={"sub": sub}, follow_redirects=False)
    parts = urlsplit(back.headers["Location"])
    assert parts.path == f"/accounts/oidc/{key}/login/callback/"
    answer = client.get(f"{parts.path}?{parts.query}")
    return client, answer.headers.get("Location") or f"{answer.status_code} {answer.content.decode()}"


def verified(email: str, name: str = "Nia New") -> dict[str, object]:
    return {"email": email, "email_verified": True, "name": name}


def last() -> str:
    return SignOnAttempt.objects.latest("id").outcome


@pytest.mark.behaviour("B-102")
def test_whom_their_organization_vouches_for_is_a_member_at_once(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    client, leads = comes(idp, "org-norrland", verified(NIA))
    assert leads == "/my/requests"
    assert client.get("/my/requests").status_code == 200
    person = by_email(NIA)
    assert person
    assert (person.name, person.has_usable_password()) == ("Nia New", False)
    assert person.email_verified_at
    assert [(m.organization, m.source) for m in person.memberships.all()] == [(cast.org, "sso")]
    assert comes(idp, "org-norrland", verified(NIA))[1] == "/my/requests"
    assert SocialAccount.objects.filter(user=person).count() == Person.objects.filter(email=NIA).count() == 1
    client.post("/accounts/logout/")
    assert client.get("/my/requests").status_code == 302


def test_an_account_that_there_was_is_the_same_afterwards(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    client, leads = comes(idp, "org-norrland", verified("Elin@Norrland.test"))
    assert leads == "/my/requests"
    assert client.get("/accounts/").context is None or client.session["_auth_user_id"] == str(cast.requester.pk)
    assert Client().post("/accounts/login/", {"login": cast.requester.email, "password": PASSWORD}).status_code == 302


@pytest.mark.behaviour("B-103")
def test_an_identity_provider_speaks_for_its_own_domains_alone(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.other_org, trusts_addresses=True)
    people = Person.objects.count()
    for email in (cast.requester.email, NIA, "someone@gmail.com", "x@sub.kivu.test", "mbeki@kivu.test.evil.test"):
        client, said = comes(idp, "org-kivu", verified(email))
        assert said.startswith("422"), email
        assert "not an address of the organization" in said
        assert last() == "sso_outside"
        assert client.get("/my/requests").status_code == 302
    assert Person.objects.count() == people
    assert not SocialAccount.objects.exists()
    assert Membership.objects.filter(person=cast.requester).count() == 1


@pytest.mark.parametrize("claim", [False, None, "false", ""])
@pytest.mark.behaviour("B-104")
def test_an_address_that_is_not_verified_takes_nothing_over(cast: Cast, idp: str, claim: object) -> None:
    sso(cast, idp, cast.org)
    claims = {"email": cast.requester.email} | ({} if claim is None else {"email_verified": claim})
    client, said = comes(idp, "org-norrland", claims)
    assert said.startswith("422")
    assert last() == "sso_unverified"
    assert client.get("/my/requests").status_code == 302
    assert not SocialAccount.objects.exists()


def test_a_provider_that_never_says_so_can_be_trusted_by_the_administrator(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org, trusts_addresses=True)
    assert comes(idp, "org-norrland", {"email": NIA})[1] == "/my/requests"


def test_who_gives_no_address_is_refused(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org, trusts_addresses=True)
    assert comes(idp, "org-norrland", {"name": "Nobody"})[1].startswith("422")
    assert last() == "sso_no_address"


def test_a_later_word_for_another_person_does_not_count(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    comes(idp, "org-norrland", verified(NIA))
    client, said = comes(idp, "org-norrland", verified(cast.requester.email))
    assert said.startswith("422")
    assert last() == "sso_other_person"
    assert client.get("/my/requests").status_code == 302


def test_the_same_subject_at_two_providers_is_two_people(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    sso(cast, idp, cast.other_org)
    comes(idp, "org-norrland", verified(NIA))
    assert comes(idp, "org-kivu", verified("new@kivu.test"))[1] == "/my/requests"
    assert SocialAccount.objects.values("user").distinct().count() == 2


@pytest.mark.parametrize("sso_only", [False, True])
@pytest.mark.behaviour("B-172")
def test_the_address_of_one_who_was_merged_lets_nobody_in(cast: Cast, idp: str, sso_only: bool) -> None:
    sso(cast, idp, cast.org, sso_only=sso_only)
    sso(cast, idp, cast.other_org)
    boss = contact("boss@norrland.test", "Boss", NOW)
    merge_people(cast.admin, boss, cast.stranger, NOW, across=True)
    client, said = comes(idp, "org-kivu", verified(cast.stranger.email))
    assert said.startswith("422")
    assert last() == "sso_other_person"
    assert client.get("/my/requests").status_code == 302
    boss.refresh_from_db()
    assert boss.email_verified_at is None
    assert list(boss.memberships.values_list("organization", flat=True)) == [cast.other_org.pk]


@pytest.mark.behaviour("B-175")
def test_an_address_that_is_given_to_somebody_else_there_opens_nothing(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    assert comes(idp, "org-norrland", verified(cast.requester.email), sub="boss")[1] == "/my/requests"
    client, said = comes(idp, "org-norrland", verified(cast.requester.email), sub="mallory")
    assert said.startswith("422")
    assert last() == "sso_other_person"
    assert client.get("/my/requests").status_code == 302
    assert comes(idp, "org-norrland", verified(cast.requester.email), sub="boss")[1] == "/my/requests"
    # Until an administrator says that it is the same person.
    with pytest.raises(Refused):
        loosen(cast.csm, cast.requester, NOW)
    loosen(cast.admin, cast.requester, NOW)
    assert Record.objects.get(verb="loosen_sso").subject_id == cast.requester.pk
    assert comes(idp, "org-norrland", verified(cast.requester.email), sub="mallory")[1] == "/my/requests"


@pytest.mark.behaviour("B-177")
def test_a_domain_on_staffs_word_opens_nobodys_account_who_belongs_elsewhere(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.other_org)
    bob = add_by_address(cast.admin, cast.org, "bob@holding.test", "Bob", NOW)
    holding = Domain.objects.create(
        organization=cast.other_org, name="holding.test", claimed_by=cast.admin, claimed_at=NOW
    )
    client, said = comes(idp, "org-kivu", verified(bob.email))
    assert said.startswith("422")
    assert last() == "sso_elsewhere"
    assert client.get("/my/requests").status_code == 302
    assert not Membership.objects.filter(person=bob, organization=cast.other_org).exists()
    Domain.objects.filter(pk=holding.pk).update(verified_at=NOW)
    assert comes(idp, "org-kivu", verified(bob.email))[1] == "/my/requests"


def test_who_is_suspended_while_they_come_stays_so(cast: Cast, idp: str, monkeypatch: pytest.MonkeyPatch) -> None:
    sso(cast, idp, cast.org)
    real = sso_actions.admit

    def admit(*given: Any) -> Person:
        person = real(*given)
        suspend(cast.admin, cast.requester, "left", NOW)
        return person

    monkeypatch.setattr("answerable.portal.social.admit", admit)
    client, _ = comes(idp, "org-norrland", verified(cast.requester.email))
    person = Person.objects.get(pk=cast.requester.pk)
    assert (person.is_active, person.session_epoch) == (False, 1)
    assert client.get("/my/requests").status_code == 302


def test_another_organizations_sign_on_is_not_the_one_that_is_wanted(cast: Cast, idp: str) -> None:
    sso(cast, idp, None)
    sso(cast, idp, cast.other_org, sso_only=True)
    Person.objects.filter(pk=cast.agent.pk).update(email="tomas@kivu.test")
    client, leads = comes(idp, "staff", verified("tomas@kivu.test"))
    assert leads == "/desk/"
    # Not staff any more: what holds is their organization's, and that was not asked.
    Person.objects.filter(pk=cast.agent.pk).update(role="customer")
    cast.agent.refresh_from_db()
    request = RequestFactory().get("/")
    request.session = client.session
    refused = AccountAdapter().pre_login(request, cast.agent, **HOW)
    assert refused
    assert refused.headers["Location"] == "/accounts/sso/"


def test_two_organizations_may_be_the_same_client_of_one_provider(cast: Cast, idp: str) -> None:
    for organization in (cast.org, cast.other_org):
        set_up(cast.admin, organization, OIDC(idp, "answerable", "secret"), NOW)
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    Authenticator.objects.create(user=cast.requester, type="totp", data={"secret": secret})
    client, leads = comes(idp, "org-norrland", verified(cast.requester.email))
    assert leads == "/accounts/2fa/authenticate/"
    assert client.get(leads).status_code == 200
    assert client.post(leads, {"code": code_of(secret)}).headers["Location"] == "/my/requests"
    # And the name of their kind is nobody's.
    assert Client().get("/accounts/oidc/openid_connect/login/").status_code == 404
    assert Client().get("/accounts/oidc/openid_connect/login/callback/").status_code == 404


def test_who_has_no_password_chooses_a_first_one_by_mail(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    client, _ = comes(idp, "org-norrland", verified(NIA))
    page = client.get("/accounts/password/change/", follow=True)
    assert page.status_code == 200
    assert page.redirect_chain[-1][0] == "/accounts/password/reset/"


def test_what_a_provider_says_of_itself_is_not_fetched_each_time_anybody_begins(
    cast: Cast, idp: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sso(cast, idp, cast.org)
    asked, real = [], SocialAdapter.get_requests_session

    def session(adapter: SocialAdapter) -> Any:
        asked.append(adapter)
        return real(adapter)

    monkeypatch.setattr(SocialAdapter, "get_requests_session", session)
    for _ in range(3):
        assert Client().get("/accounts/oidc/org-norrland/login/").status_code == 302
    assert len(asked) == 1
    assert comes(idp, "org-norrland", verified(NIA))[1] == "/my/requests"


def test_a_suspended_person_stays_out(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    Person.objects.filter(pk=cast.requester.pk).update(is_active=False)
    assert comes(idp, "org-norrland", verified(cast.requester.email))[1].startswith("422")
    assert last() == "sso_suspended"


@pytest.mark.behaviour("B-105")
def test_no_customers_provider_opens_an_account_of_staff_nor_the_other_way(cast: Cast, idp: str) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(email="tomas@norrland.test")
    sso(cast, idp, cast.org)
    sso(cast, idp, None)
    assert comes(idp, "org-norrland", verified("tomas@norrland.test"))[1].startswith("422")
    assert last() == "sso_staff"
    for email in (cast.requester.email, "new@vendor.test"):
        assert comes(idp, "staff", verified(email))[1].startswith("422")
        assert last() == "sso_not_staff"
    client, leads = comes(idp, "staff", verified(cast.admin.email), sub="s2")
    assert leads == "/desk/"
    assert client.get("/desk/").status_code == 200


def test_a_password_that_waited_in_an_unproven_account_is_gone(cast: Cast, idp: str) -> None:
    known = contact(NIA, "Nia", NOW)
    known.set_password("attackers own pick 9")
    known.save()
    sso(cast, idp, cast.org)
    assert comes(idp, "org-norrland", verified(NIA))[1] == "/my/requests"
    known.refresh_from_db()
    assert not known.has_usable_password()


@pytest.mark.behaviour("B-106")
def test_where_single_sign_on_is_the_only_way_no_password_is_taken(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org, sso_only=True)
    words = []
    for email, password in ((cast.requester.email, PASSWORD), (cast.requester.email, "x"), ("no@norrland.test", "x")):
        page = Client().post("/accounts/login/", {"login": email, "password": password})
        assert page.status_code == 200
        assert "Sign in with your organization" in page.content.decode()
        words.append(page.content.decode().count("Norrland Energi"))
    assert words == [1, 1, 1]
    assert comes(idp, "org-norrland", verified(cast.requester.email))[1] == "/my/requests"
    other = Client().post("/accounts/login/", {"login": cast.stranger.email, "password": PASSWORD})
    assert other.status_code == 302


def test_another_person_is_not_tied_to_the_session_that_is_there(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    client = Client(headers={"Host": "portal.vendor.test"})
    client.force_login(cast.requester)
    start = client.get("/accounts/oidc/org-norrland/login/?process=connect")
    httpx.put(f"{idp}/users/s9", json=verified(NIA)).raise_for_status()
    back = httpx.post(start.headers["Location"], data={"sub": "s9"}, follow_redirects=False)
    parts = urlsplit(back.headers["Location"])
    assert client.get(f"{parts.path}?{parts.query}").status_code == 422
    assert last() == "sso_connect"
    assert not SocialAccount.objects.exists()


def test_an_answer_that_nobody_asked_for_signs_nobody_in(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    client = Client(headers={"Host": "portal.vendor.test"})
    answer = client.get("/accounts/oidc/org-norrland/login/callback/?code=x&state=y")
    assert answer.status_code == 403
    assert client.get("/my/requests").status_code == 302
    assert client.get("/accounts/oidc/org-nobody/login/").status_code == 404


def test_the_way_is_found_by_the_domain_alone(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    client = Client()
    assert client.get("/accounts/sso/").status_code == 200
    pages = [client.post("/accounts/sso/", {"email": email}) for email in (cast.requester.email, "no@norrland.test")]
    assert all("/accounts/oidc/org-norrland/login/" in page.content.decode() for page in pages)
    assert "no single sign-on" in client.post("/accounts/sso/", {"email": "a@kivu.test"}).content.decode()
    assert client.get("/accounts/sso/cancelled/").status_code == 302


def test_it_is_set_up_by_administrators_over_https(cast: Cast) -> None:
    for by in (cast.csm, cast.lead, cast.requester):
        with pytest.raises(Refused):
            set_up(by, cast.org, OIDC("https://idp.test", "x", "y"), NOW)
    with pytest.raises(Refused):
        set_up(cast.admin, cast.org, OIDC("http://idp.test", "x", "y"), NOW)
    for _ in range(2):
        set_up(cast.admin, cast.org, OIDC("https://idp.test", "x", "y"), NOW)
        set_up(cast.admin, None, OIDC("https://idp.test", "x", "y"), NOW)
    assert SocialApp.objects.count() == 2


@pytest.mark.behaviour("B-107")
def test_the_administrator_sees_what_is_set_up_and_what_happened(cast: Cast, idp: str) -> None:
    sso(cast, idp, cast.org)
    comes(idp, "org-norrland", {"email": "nia@elsewhere.test", "email_verified": True})
    client = Client()
    client.force_login(cast.admin)
    page = client.get("/desk/sso/norrland/test").content.decode()
    assert "http://portal.vendor.test/accounts/oidc/org-norrland/login/callback/" in page
    assert "norrland.test" in page
    assert "nia@elsewhere.test" in page
    assert "not an address of the organization" in page
    assert "secret" not in page.replace("Client secret", "")
    assert client.get("/desk/sso/staff/test").status_code == 404
