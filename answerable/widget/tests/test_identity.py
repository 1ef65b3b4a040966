"""Who gets a session: the host's user, named by a token that is signed, young, ours, used once, and about a customer."""

from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.test import Client

from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.people.models import Membership, Organization, Person, Vendor
from answerable.people.sso_actions import OIDC, set_up
from answerable.widget import actions
from answerable.widget.models import Session, SpentToken
from answerable.widget.tests.stage import AUDIENCE, OLDER, ORIGIN, Host, policy
from tests.cast import NOW, Cast


def refused(answer: Any, reason: str, words: str = "") -> None:
    assert (answer.status_code, answer.json().get("reason")) == (403, reason), answer.content
    assert words in answer.json()["message"]
    assert Session.objects.count() == 0


@pytest.mark.behaviour("B-515")
def test_a_token_is_exchanged_once_for_a_session_of_15_minutes(host: Host) -> None:
    token = host.token()
    answer = host.exchange(token)
    assert answer.status_code == 200
    assert answer.json()["seconds"] == 900
    assert "Set-Cookie" not in answer.headers
    row = Session.objects.get()
    assert (row.person.email, row.origin, row.product, row.subject) == ("elin@norrland.test", ORIGIN, "cloud", "u-17")
    # What proves it is nowhere in the database.
    assert answer.json()["token"] not in str(Session.objects.values())
    again = host.exchange(token)
    assert (again.status_code, again.json()["reason"]) == (403, "used")
    assert Session.objects.count() == 1


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"key": "f" * 40}, "not signed with a key"),
    ({"key": "f" * 40, "headers": {"kid": "new"}}, "not signed with a key"),
    ({"headers": {"kid": "gone"}}, "kid names no key"),
    ({"exp": clock.now() - timedelta(minutes=2), "iat": clock.now() - timedelta(minutes=7)}, "expired"),
    ({"iat": clock.now() + timedelta(hours=1), "exp": clock.now() + timedelta(hours=1, minutes=5)}, "not yet valid"),
    ({"exp": clock.now() + timedelta(minutes=30)}, "at most 10 minutes"),
    ({"aud": "http://portal.vendor.test/widget/other"}, f"aud must be {AUDIENCE}"),
    ({"aud": "cloud"}, f"aud must be {AUDIENCE}"),
    ({"aud": [AUDIENCE, "https://elsewhere.test"]}, f"aud must be {AUDIENCE}"),
    ({"email_verified": False}, "email_verified must be true"),
    ({"email_verified": "true"}, "email_verified must be true"),
    ({"email": "no address"}, "must be an e-mail address"),
    ({"name": " "}, "its name must be"),
    ({"jti": "x" * 65}, "its jti must be"),
    *(
        ({one: None}, f'"{one}" claim')
        for one in ("aud", "exp", "iat", "jti", "sub", "email", "email_verified", "name")
    ),
]


@pytest.mark.behaviour("B-516")
def test_a_token_that_is_forged_old_of_elsewhere_or_incomplete_is_refused(host: Host) -> None:
    for more, words in WRONG:
        answer = host.exchange(host.token(**more))
        refused(answer, "token", words)
    unsigned = jwt.encode({"sub": "x", "email": "elin@norrland.test"}, "", algorithm="none")
    for token in ("", "no token", "a.b.c", "x" * 9000, unsigned):
        refused(host.exchange(token), "token")
    assert SpentToken.objects.count() == 0


def test_two_keys_count_while_they_change(host: Host) -> None:
    host.sign_in(key=OLDER)
    host.sign_in(key=OLDER, headers={"kid": "old"})
    refused_one = host.exchange(host.token(key=OLDER, headers={"kid": "new"}))
    assert refused_one.status_code == 403


def test_a_key_that_is_missing_or_too_short_signs_nobody_in(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_NEW", "short")
    monkeypatch.delenv("CLOUD_OLD")
    refused(host.exchange(host.token()), "token", "no key")


@pytest.mark.behaviour("B-517")
def test_a_host_vouches_for_the_customers_that_the_policy_says_and_for_no_staff(host: Host, cast: Cast) -> None:
    refused(host.exchange(host.token(email="mbeki@kivu.test")), "address")
    policy(vouches_for=["*"])
    refused(host.exchange(host.token(email=cast.agent.email)), "address")
    # It names an organization; the domain is another one's.
    refused(host.exchange(host.token(email="mbeki@kivu.test", organization="norrland")), "address")
    Person.objects.filter(pk=cast.requester.pk).update(is_active=False)
    refused(host.exchange(host.token()), "address")
    agent = Person.objects.create(email="gone@norrland.test", role="agent", is_active=False, joined_at=NOW)
    Person.objects.filter(pk=cast.colleague.pk).update(merged_into=agent)
    refused(host.exchange(host.token(email=cast.colleague.email)), "address")
    host.sign_in(email="mbeki@kivu.test", organization="kivu")


@pytest.mark.behaviour("B-518")
def test_who_is_new_becomes_a_contact_who_is_a_member_of_nothing(host: Host) -> None:
    host.sign_in(email="New@Norrland.test", name="Nora New", organization="norrland")
    person = Person.objects.get(email="new@norrland.test")
    assert (person.name, person.role, person.email_verified_at) == ("Nora New", "customer", None)
    assert not person.has_usable_password()
    assert not Membership.objects.filter(person=person).exists()
    host.sign_in(email="new@norrland.test", name="Somebody Else")
    person.refresh_from_db()
    assert person.name == "Nora New"


def test_where_single_sign_on_is_the_only_way_the_domain_must_be_named(host: Host, cast: Cast) -> None:
    idp = OIDC("https://idp.norrland.test", "answerable", "secret")
    row = set_up(cast.admin, Organization.objects.get(slug="norrland"), idp, NOW)
    row.sso_only, row.off_at = True, None
    row.save()
    policy(vouches_for=["*"])
    refused(host.exchange(host.token()), "address")
    policy(vouches_for=["*", "norrland.test"])
    host.sign_in()


@pytest.mark.behaviour("B-519")
def test_only_pages_of_the_origins_in_the_policy_show_it_and_sign_in(host: Host) -> None:
    for origin in ("https://evil.test", "", "https://app.vendor.test.evil.test", "http://app.vendor.test", "null"):
        refused(host.exchange(host.token(), origin), "origin")
    page = Client().get("/widget/cloud")
    assert page.headers["Content-Security-Policy"].endswith(f"; frame-ancestors {ORIGIN}")
    assert "X-Frame-Options" not in page.headers
    assert page.cookies == {}
    for other in ("/", "/widget.js", "/widget/cloud/home", "/accounts/login/"):
        answer = Client().get(other)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], other
        assert answer.headers["X-Frame-Options"] == "DENY"
    cross = host.client.post(
        "/widget/cloud/session", {"token": host.token(), "origin": ORIGIN}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert cross.status_code == 403


@pytest.mark.behaviour("B-520")
def test_no_cookie_counts_and_a_session_ends_with_what_it_rests_on(host: Host, cast: Cast) -> None:
    # Logged in in the portal, and nobody here.
    portal = Client()
    portal.force_login(cast.requester)
    assert portal.get("/widget/cloud/requests").status_code == 401
    assert "Elin" not in portal.get("/widget/cloud/home").content.decode()
    assert portal.get("/widget/cloud/requests", headers={"Authorization": "Bearer made-up"}).status_code == 401

    def ends(change: Any) -> None:
        browser = host.sign_in()
        assert browser.get("requests").status_code == 200
        change(browser)
        assert browser.get("requests").status_code == 401

    def later(_browser: Host) -> None:
        Session.objects.update(expires_at=clock.now())

    ends(lambda browser: browser.post("session/end"))
    ends(later)
    ends(lambda _: Person.objects.filter(pk=cast.requester.pk).update(session_epoch=5))
    ends(lambda _: policy(origins=["https://other.vendor.test"]))
    policy()
    ends(lambda _: Person.objects.filter(pk=cast.requester.pk).update(is_active=False))


def test_used_tokens_and_sessions_are_let_go_of(host: Host) -> None:
    host.sign_in()
    actions.forget(clock.now())
    assert (Session.objects.count(), SpentToken.objects.count()) == (1, 1)
    actions.forget(clock.now() + timedelta(days=2))
    assert (Session.objects.count(), SpentToken.objects.count()) == (0, 0)


def test_a_closed_channel_and_an_unknown_product_are_not_there(host: Host) -> None:
    assert Client().get("/widget/other").status_code == 404
    assert Client().get("/demo-product").status_code == 404
    row = Vendor.objects.get()
    Vendor.objects.update(settings=row.settings | {"channels": {"widget": False}})
    forget_all()
    assert Client().get("/widget/cloud").status_code == 404
    answer = host.exchange(host.token())
    assert answer.status_code == 404
