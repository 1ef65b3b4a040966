"""Single sign-on by SAML, against an identity provider of ours that signs, and that can lie."""

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.sessions.models import Session
from django.test import Client

from answerable.lib import clock
from answerable.people.models import SeenAssertion, SignOnAttempt
from answerable.people.queries import by_email
from answerable.people.sso_actions import SAML, set_up
from answerable.portal.views import sso
from tests.cast import NOW, Cast
from tests.saml_idp import HOST, Answer, Idp, keys, request_id
from tests.test_second_step import code_of

NIA = "nia@norrland.test"


@pytest.fixture(scope="module")
def idp() -> Idp:
    return Idp(*keys())


@pytest.fixture
def norrland(cast: Cast, idp: Idp) -> Cast:
    set_up(cast.admin, cast.org, SAML(idp.entity_id, "https://idp.norrland.test/sso", idp.certificate), NOW)
    return cast


def begins(client: Client, key: str = "org-norrland") -> str:
    answer = client.get(f"/accounts/saml/{key}/login/")
    assert answer.headers["Location"].startswith("https://idp.norrland.test/sso?SAMLRequest=")
    return request_id(answer.headers["Location"])


def posts(client: Client, response: str, key: str = "org-norrland") -> Any:
    """The browser brings the answer; what becomes of it."""
    first = client.post(f"/accounts/saml/{key}/acs/", {"SAMLResponse": response})
    assert first.status_code == 302
    return client.get(first.headers["Location"])


def browser(host: str = HOST) -> Client:
    return Client(headers={"Host": host})


def last() -> SignOnAttempt:
    return SignOnAttempt.objects.latest("id")


@pytest.mark.behaviour("B-108")
def test_a_signed_assertion_lets_in_whom_it_names(norrland: Cast, idp: Idp) -> None:
    client = browser()
    done = posts(client, idp.response(Answer(begins(client))))
    assert done.headers["Location"] == "/my/requests"
    assert client.get("/my/requests").status_code == 200
    person = by_email(NIA)
    assert person
    assert [(m.organization, m.source) for m in person.memberships.all()] == [(norrland.org, "sso")]
    assert last().outcome == "let_in"
    again = browser()
    assert posts(again, idp.response(Answer(begins(again)))).headers["Location"] == "/my/requests"


LIES: dict[str, tuple[Callable[[Answer], object], str]] = {
    "wrong audience": (lambda a: setattr(a, "audience", "https://other.test/metadata/"), "not a valid audience"),
    "expired": (lambda a: setattr(a, "issued", -timedelta(hours=2)), "expired"),
    "not yet": (lambda a: setattr(a, "issued", timedelta(hours=2)), "not yet valid"),
    "unsigned": (lambda a: setattr(a, "signed", ""), "The Assertion of the Response is not signed"),
    "only the envelope signed": (
        lambda a: setattr(a, "signed", "message"),
        "The Assertion of the Response is not signed",
    ),
    "for another service": (lambda a: setattr(a, "host", "other.test"), "received at"),
}


@pytest.mark.parametrize("name", LIES)
@pytest.mark.behaviour("B-109")
def test_an_assertion_that_is_not_right_lets_nobody_in(norrland: Cast, idp: Idp, name: str) -> None:
    client = browser()
    answer = Answer(begins(client))
    lie, why = LIES[name]
    lie(answer)
    page = posts(client, idp.response(answer))
    assert page.status_code == 403
    assert "Nobody was signed in" in page.content.decode()
    assert client.get("/my/requests").status_code == 302
    assert by_email(NIA) is None
    assert why.lower() in last().detail.lower(), last().detail


NOT_SAID = {
    "for whom": ("<saml:AudienceRestriction>.*?</saml:AudienceRestriction>", "sso_audience"),
    "which question": ('InResponseTo="[^"]*" ', "sso_question"),
    "to where": ('Recipient="[^"]*"', "sso_question"),
}


@pytest.mark.parametrize("name", NOT_SAID)
@pytest.mark.behaviour("B-173")
def test_what_an_assertion_does_not_say_itself_is_not_taken_for_granted(norrland: Cast, idp: Idp, name: str) -> None:
    client = browser()
    pattern, outcome = NOT_SAID[name]
    assert posts(client, idp.response(Answer(begins(client), without=pattern))).status_code == 422
    assert last().outcome == outcome
    assert client.get("/my/requests").status_code == 302
    assert by_email(NIA) is None
    assert not SeenAssertion.objects.exists()


def test_an_assertion_for_another_service_does_not_count_in_an_envelope_of_ours(norrland: Cast, idp: Idp) -> None:
    """The Host header says where it was received, and the envelope, which is not signed, what it answers."""
    thief = browser("evil.test")
    ours, theirs = begins(thief), "_asked-by-evil"
    without = "|".join(pattern for name, (pattern, _) in NOT_SAID.items() if name != "to where")
    made = base64.b64decode(idp.response(Answer(theirs, host="evil.test", without=without))).decode()
    head, inside = made.split("<saml:Issuer>", 1)
    whole = f"{head.replace(theirs, ours)}<saml:Issuer>{inside}"
    assert posts(thief, base64.b64encode(whole.encode()).decode()).status_code == 422
    assert thief.get("/my/requests").status_code == 302


def test_another_key_does_not_sign_for_it(norrland: Cast) -> None:
    client = browser()
    false = Idp(*keys())
    assert posts(client, false.response(Answer(begins(client)))).status_code == 403
    assert by_email(NIA) is None


def test_what_was_changed_after_signing_does_not_count(norrland: Cast, idp: Idp) -> None:
    client = browser()
    signed = base64.b64decode(idp.response(Answer(begins(client)))).decode()
    forged = signed.replace(NIA, norrland.requester.email)
    assert posts(client, base64.b64encode(forged.encode()).decode()).status_code == 403
    assert client.get("/my/requests").status_code == 302


def test_an_assertion_is_good_once(norrland: Cast, idp: Idp) -> None:
    client = browser()
    asked = begins(client)
    response = idp.response(Answer(asked))
    assert posts(client, response).status_code == 302
    assert SeenAssertion.objects.count() == 1
    # Sent again by the same browser, by another one, and as another answer to a question that is still open.
    assert posts(client, response).status_code == 422
    thief = browser()
    assert posts(thief, response).status_code == 422
    assert last().outcome == "sso_replayed"
    assert thief.get("/my/requests").status_code == 302


def test_an_answer_to_a_question_of_another_browser_signs_nobody_in(norrland: Cast, idp: Idp) -> None:
    victim, thief = browser(), browser()
    response = idp.response(Answer(begins(victim)))
    assert posts(thief, response).status_code == 403
    assert thief.get("/my/requests").status_code == 302


def test_an_answer_that_nobody_asked_for_signs_nobody_in(norrland: Cast, idp: Idp) -> None:
    client = browser()
    response = idp.response(Answer(""))
    assert posts(client, response).status_code == 403
    assert client.get("/my/requests").status_code == 302
    assert browser().get("/accounts/saml/org-norrland/acs/finish/").status_code == 403


def test_the_host_header_does_not_choose_for_whom_an_assertion_is(norrland: Cast, idp: Idp) -> None:
    """One made for a service at evil.test must not let its owner in here as the person it names."""
    thief = browser("evil.test")
    answer = Answer(begins(thief), host="evil.test")
    assert posts(thief, idp.response(answer)).status_code == 403
    assert "audience" in last().detail


def test_a_name_that_is_another_one_each_time_ties_nobody(norrland: Cast, idp: Idp) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    for uid in ("_one", "_two"):
        client = browser()
        answer = Answer(begins(client), email=norrland.requester.email, uid=uid, format="transient")
        assert posts(client, idp.response(answer)).headers["Location"] == "/my/requests"
    assert not SocialAccount.objects.exists()
    Authenticator.objects.create(user=norrland.requester, type="totp", data={"secret": secret})
    client = browser()
    answer = Answer(begins(client), email=norrland.requester.email, uid="_three", format="transient")
    leads = posts(client, idp.response(answer)).headers["Location"]
    assert leads == "/accounts/2fa/authenticate/"
    assert client.post(leads, {"code": code_of(secret)}).headers["Location"] == "/my/requests"


def test_its_word_counts_for_its_own_domains_alone(norrland: Cast, idp: Idp) -> None:
    for email in (norrland.stranger.email, norrland.admin.email, "someone@gmail.com"):
        client = browser()
        page = posts(client, idp.response(Answer(begins(client), email=email)))
        assert page.status_code == 422
        assert last().outcome == "sso_outside"
        assert client.get("/my/requests").status_code == 302


def test_metadata_names_us_by_the_policys_address(norrland: Cast) -> None:
    page = browser("other.test").get("/accounts/saml/org-norrland/metadata/")
    assert page.status_code == 200
    assert 'entityID="http://portal.vendor.test/accounts/saml/org-norrland/metadata/"' in page.content.decode()
    assert 'WantAssertionsSigned="true"' in page.content.decode()
    assert browser().get("/accounts/saml/org-nobody/metadata/").status_code == 404
    assert browser().get("/accounts/saml/org-norrland/sls/").headers["Location"] == "/accounts/logout/"


def test_no_setting_weakens_it(norrland: Cast, idp: Idp) -> None:
    app = norrland.org.sign_on.app
    app.settings["advanced"] = {"strict": False, "want_assertion_signed": False, "reject_idp_initiated_sso": False}
    app.settings["sp"] = {"entity_id": "https://other.test/metadata/"}
    app.save()
    for lie in (LIES["unsigned"][0], LIES["wrong audience"][0]):
        client = browser()
        answer = Answer(begins(client))
        lie(answer)
        assert posts(client, idp.response(answer)).status_code == 403


def test_the_administrator_sees_it_step_by_step(norrland: Cast) -> None:
    client = Client()
    client.force_login(norrland.admin)
    page = client.get("/desk/sso/norrland/test").content.decode()
    assert "http://portal.vendor.test/accounts/saml/org-norrland/acs/" in page
    assert "Nobody has signed in by it yet" in page


@pytest.mark.parametrize(("key", "bytes_", "status"), [("org-norrland", 250_000, 413), ("nobody-has-this", 99, 404)])
@pytest.mark.behaviour("B-171")
def test_nothing_is_kept_of_what_is_no_answer(norrland: Cast, key: str, bytes_: int, status: int) -> None:
    where = f"/accounts/saml/{key}/acs/"
    assert browser().post(where, {"SAMLResponse": "A" * bytes_}).status_code == status
    assert browser().get("/accounts/saml/org-norrland/acs/").status_code == 405
    assert not Session.objects.exists()
    assert browser().post("/accounts/saml/org-norrland/acs/", {"SAMLResponse": "A"}).status_code == 302
    assert Session.objects.get().expire_date < clock.exact() + timedelta(minutes=11)


@pytest.mark.behaviour("B-178")
def test_how_often_it_is_begun_and_answered_is_limited_by_network(
    norrland: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sso, "MOST_PAGES", 5)
    pages = ["saml/org-norrland/login/", "saml/org-norrland/acs/finish/", "oidc/x/login/", "oidc/x/login/callback/"]
    assert [browser().get(f"/accounts/{page}").status_code for page in pages] == [302, 403, 404, 404]
    assert browser().post("/accounts/saml/org-norrland/acs/", {"SAMLResponse": "A"}).status_code == 302
    assert [browser().get(f"/accounts/{page}").status_code for page in pages] == [422] * 4
    assert browser().post("/accounts/saml/org-norrland/acs/", {"SAMLResponse": "A"}).status_code == 422
    assert browser().get(f"/accounts/{pages[0]}", REMOTE_ADDR="192.0.2.1").status_code == 302


def test_who_has_an_address_of_ipv6_has_many(cast: Cast) -> None:
    def asks(address: str) -> int:
        return Client().post("/accounts/sso/", {"email": "a@kivu.test"}, REMOTE_ADDR=address).status_code

    assert [asks(f"2001:db8::{number:x}") for number in range(61)][-2:] == [200, 422]
    assert asks("2001:db8:0:1::1") == 200


def test_who_was_asked_nothing_leaves_no_try_behind(norrland: Cast) -> None:
    for _ in range(3):
        assert posts(browser(), "A").status_code == 403
        assert browser().get("/accounts/saml/org-norrland/acs/finish/").status_code == 403
    assert not SignOnAttempt.objects.exists()
    asked = browser()
    begins(asked)
    assert posts(asked, "A").status_code == 403
    assert last().outcome == "not_valid"
