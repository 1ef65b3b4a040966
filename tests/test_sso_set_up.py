"""Single sign-on set up at the desk: by whom, with what, and what becomes of sessions that began otherwise."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from oidc_provider_mock import run_server_in_thread

from answerable.audit.models import Record
from answerable.lib import clock, hosts
from answerable.lib.errors import Refused
from answerable.live import actions as live
from answerable.people import sign_on_actions
from answerable.people.actions import VendorSpec, apply_vendor
from answerable.people.models import Person, SignOn
from answerable.people.sso_actions import OIDC, set_up
from tests.cast import NOW, PASSWORD, Cast
from tests.saml_idp import Answer, Idp, keys
from tests.test_oidc import comes, verified
from tests.test_saml import begins, browser, posts

SECRET = "a-secret-that-nobody-reads"
GIVEN = {"server_url": "https://idp.norrland.test", "client_id": "answerable", "secret": SECRET}


@pytest.fixture(scope="module")
def idp() -> Iterator[str]:
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def with_password(person: Person) -> Client:
    client = Client()
    assert client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


def is_in(client: Client) -> bool:
    return client.get("/my/requests").status_code == 200


def page(person: Person, slug: str = "norrland") -> str:
    return as_(person).get(f"/desk/sso/{slug}").content.decode()


@pytest.mark.behaviour("B-126")
def test_an_administrator_sets_it_up_and_the_secret_is_shown_to_nobody(cast: Cast) -> None:
    admin = as_(cast.admin)
    assert "not set up" in page(cast.csm)
    assert "http://portal.vendor.test/accounts/oidc/org-norrland/login/callback/" in page(cast.csm)
    assert admin.post("/desk/sso/norrland/oidc", GIVEN)["Location"] == "/desk/sso/norrland"
    row = SignOn.objects.get()
    assert (row.organization, row.app.secret, row.app.settings["oauth_pkce_enabled"]) == (cast.org, SECRET, True)
    for shown in (page(cast.admin), page(cast.csm), admin.get("/desk/sso/norrland/test").content.decode()):
        assert SECRET not in shown
    assert "Save OpenID Connect" not in page(cast.csm)
    assert SECRET not in str(list(Record.objects.values()))
    # Without it the one that is set stays, and goes to the same provider alone.
    admin.post("/desk/sso/norrland/oidc", GIVEN | {"secret": "", "client_id": "other"})
    row.refresh_from_db()
    assert (row.app.client_id, row.app.secret) == ("other", SECRET)
    assert "Client secret <span" in page(cast.admin)
    answer = admin.post("/desk/sso/norrland/oidc", GIVEN | {"secret": "", "server_url": "https://evil.test"})
    assert answer.status_code == 422
    assert "Client secret: enter the one that this identity provider gave." in answer.content.decode()
    row.refresh_from_db()
    assert row.app.settings["server_url"] == "https://idp.norrland.test"
    assert "set up single sign-on by https://idp.norrland.test" in as_(cast.csm).get(
        "/desk/organizations/norrland"
    ).content.decode().replace("&#x2F;", "/")


@pytest.mark.parametrize(
    "address",
    [
        "http://idp.norrland.test",
        "https://127.0.0.1/",
        "https://localhost",
        "https://169.254.169.254",
        "https://2130706433",
        "https://0x7f.1",
        "https://[::1]/",
        "https://[::ffff:169.254.169.254]/",
        "https://printer.local",
        "https://db.internal:5432",
        "https://intranet",
        "https://user:pass@idp.norrland.test",
        "https://idp.norrland.test\t.evil.test",
        "https://idp.norrland.test:99999",
        "javascript:alert(1)",
        "//idp.norrland.test",
        "https://",
    ],
)
@pytest.mark.behaviour("B-127")
def test_nothing_inside_of_our_network_is_an_identity_provider(cast: Cast, address: str) -> None:
    served_by_https()
    answer = as_(cast.admin).post("/desk/sso/norrland/oidc", GIVEN | {"server_url": address})
    assert answer.status_code == 422
    assert "Issuer: it must begin with https:// and name a host" in answer.content.decode()
    assert not SignOn.objects.exists()


def served_by_https() -> None:
    apply_vendor(VendorSpec("Acme", "Acme", "s@vendor.test", "https://portal.vendor.test", "UTC", {}), 1)


def test_what_all_the_world_reaches_is_one() -> None:
    for address in ("https://login.example.com", "https://login.example.com:8443/realms/a?b=c", "https://köln.example"):
        assert hosts.is_outside(address) == address.isascii()


def test_this_machine_is_one_only_while_we_are_tried_out(cast: Cast) -> None:
    tried = OIDC("http://localhost:9000", "x", "y")
    set_up(cast.admin, cast.org, tried, NOW)
    served_by_https()
    with pytest.raises(Refused, match="https"):
        set_up(cast.admin, cast.org, tried, NOW)


METADATA = """<?xml version="1.0"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.norrland.test/metadata">
<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">%s
<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
Location="https://idp.norrland.test/sso"/></md:IDPSSODescriptor></md:EntityDescriptor>"""
KEY = (
    '<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data>'
    "<ds:X509Certificate>%s</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>"
)


def bare(certificate: str) -> str:
    return "".join(certificate.splitlines()[1:-1])


@pytest.fixture(scope="module")
def saml() -> Idp:
    return Idp(*keys())


def test_metadata_is_pasted_and_its_people_are_let_in(cast: Cast, saml: Idp) -> None:
    pasted = METADATA % (KEY % bare(saml.certificate))
    done = as_(cast.admin).post("/desk/sso/norrland/saml", {"metadata": pasted})
    assert done["Location"] == "/desk/sso/norrland"
    client = browser()
    assert posts(client, saml.response(Answer(begins(client)))).headers["Location"] == "/my/requests"
    shown = as_(cast.admin).get("/desk/sso/norrland/test").content.decode()
    assert "good until" in shown
    assert "let in" in shown


def test_of_several_certificates_one_must_be_named(cast: Cast, saml: Idp) -> None:
    other = Idp(*keys())
    admin, pasted = as_(cast.admin), METADATA % "".join(KEY % bare(one.certificate) for one in (other, saml))
    answer = admin.post("/desk/sso/norrland/saml", {"metadata": pasted})
    assert "Certificate: the metadata has 2 that sign." in answer.content.decode()
    admin.post("/desk/sso/norrland/saml", {"metadata": pasted, "certificate": bare(saml.certificate)})
    assert SignOn.objects.get().app.settings["idp"]["x509cert"] == saml.certificate


HOSTILE = """<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>"""
FIELDS = {"entity_id": "https://idp.norrland.test/metadata", "sso_url": "https://idp.norrland.test/sso"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "Paste the metadata above, or enter this."),
        ({"metadata": "not XML"}, "Metadata: this is no XML that can be read."),
        ({"metadata": HOSTILE + METADATA.split("?>")[1] % ""}, "Metadata: this is no XML that can be read."),
        ({"metadata": "<a/>"}, "Metadata: it names no identity provider"),
        ({"metadata": METADATA % ""}, "Certificate: This is no certificate."),
        ({"metadata": METADATA % (KEY % "")}, "Metadata: this is no XML that can be read."),
        (FIELDS | {"certificate": "MIIC nonsense"}, "Certificate: This is no certificate."),
        (FIELDS | {"certificate": "-----BEGIN PRIVATE KEY-----"}, "Certificate: This holds a private key"),
    ],
)
def test_what_is_wrong_with_saml_is_said_at_its_field(cast: Cast, given: dict[str, str], words: str) -> None:
    answer = as_(cast.admin).post("/desk/sso/norrland/saml", given)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not SignOn.objects.exists()


def test_a_certificate_that_has_ended_or_an_address_without_tls_is_refused(cast: Cast, saml: Idp) -> None:
    whole = FIELDS | {"certificate": saml.certificate}
    admin = as_(cast.admin)
    answer = admin.post("/desk/sso/norrland/saml", whole | {"sso_url": "http://idp.norrland.test/sso"})
    assert "Address to sign in at: it must begin with https://." in answer.content.decode()
    with patch("answerable.desk.sso_forms.clock.now", return_value=datetime(2999, 1, 1, tzinfo=UTC)):
        answer = admin.post("/desk/sso/norrland/saml", whole)
    assert "Certificate: it ended on" in answer.content.decode()
    assert not SignOn.objects.exists()


@pytest.mark.behaviour("B-128")
def test_once_it_is_the_only_way_in_sessions_that_began_otherwise_end_at_once(cast: Cast, idp: str) -> None:
    set_up(cast.admin, cast.org, OIDC(idp, "client", "secret"), clock.now())
    by_sso, leads = comes(idp, "org-norrland", verified(cast.requester.email))
    assert leads == "/my/requests"
    by_password, colleague, stranger, staff = (
        with_password(one) for one in (cast.requester, cast.colleague, cast.stranger, cast.agent)
    )
    with patch("answerable.casework.sso_actions.end_streams", wraps=live.end_streams) as ended:
        done = as_(cast.admin).post("/desk/sso/norrland/only", {"answer": "yes"})
    assert done.status_code == 302
    assert (is_in(by_sso), is_in(by_password), is_in(colleague), is_in(stranger)) == (True, False, False, True)
    assert staff.get("/desk/").status_code == 200
    assert sorted(call.args[0] for call in ended.call_args_list) == sorted([cast.requester.pk, cast.colleague.pk])
    again = Client().post("/accounts/login/", {"login": cast.colleague.email, "password": PASSWORD})
    assert again.status_code == 200
    assert "made single sign-on the only way in" in as_(cast.csm).get("/desk/organizations/norrland").content.decode()


def test_a_domain_that_comes_later_ends_them_too(cast: Cast, idp: str) -> None:
    set_up(cast.admin, cast.org, OIDC(idp, "client", "secret"), NOW, sso_only=True)
    cast.stranger.email = "mbeki@norrland-energi.test"
    cast.stranger.save()
    client = with_password(cast.stranger)
    as_(cast.csm).post("/desk/organizations/norrland/domains", {"domain": "norrland-energi.test"})
    assert not is_in(client)


@pytest.mark.behaviour("B-129")
def test_it_is_not_made_the_only_way_in_before_it_has_let_somebody_in(cast: Cast, idp: str) -> None:
    set_up(cast.admin, None, OIDC(idp, "client", "secret"), clock.now())
    admin = as_(cast.admin)
    assert "Make it the only way in" not in page(cast.admin, "staff")
    assert admin.post("/desk/sso/staff/only", {"answer": "yes"}).status_code == 422
    comes(idp, "staff", verified(cast.agent.email))
    assert "Make it the only way in" in page(cast.admin, "staff")
    # Another provider has let nobody in yet.
    later = clock.now() + timedelta(seconds=1)
    set_up(cast.admin, None, OIDC("http://localhost:1", "client", "secret"), later)
    assert admin.post("/desk/sso/staff/only", {"answer": "yes"}).status_code == 422
    assert not SignOn.objects.get().sso_only
    assert admin.get("/desk/").status_code == 200


@pytest.mark.behaviour("B-130")
def test_while_it_is_off_nobody_is_let_in_by_it_and_passwords_work(cast: Cast, idp: str) -> None:
    set_up(cast.admin, cast.org, OIDC(idp, "client", "secret"), NOW, sso_only=True)
    admin = as_(cast.admin)
    admin.post("/desk/sso/norrland/switch", {"answer": "no"})
    assert "switched off" in page(cast.admin)
    _client, said = comes(idp, "org-norrland", verified(cast.requester.email))
    assert said.startswith("422")
    assert "switched off" in said
    open_one = with_password(cast.requester)
    assert "no single sign-on" in Client().post("/accounts/sso/", {"email": cast.requester.email}).content.decode()
    for _ in range(2):
        admin.post("/desk/sso/norrland/switch", {"answer": "yes"})
    assert not is_in(open_one)
    assert comes(idp, "org-norrland", verified(cast.requester.email))[1] == "/my/requests"
    assert Record.objects.filter(verb="switch_on_sso").count() == 1


def test_another_provider_knows_nobody_that_the_first_one_knew(cast: Cast, idp: str) -> None:
    set_up(cast.admin, cast.org, OIDC(idp, "client", "secret"), NOW)
    comes(idp, "org-norrland", verified(cast.requester.email))
    assert SocialAccount.objects.count() == 1
    attempts = SignOn.objects.get().attempts.count()
    set_up(cast.admin, cast.org, OIDC(idp, "client", "a newer secret"), NOW)
    assert (SocialAccount.objects.count(), SignOn.objects.get().attempts.count()) == (1, attempts)
    # Nor does the same one, for another client: many name the same person differently to each.
    set_up(cast.admin, cast.org, OIDC(idp, "another", "secret"), NOW)
    assert not SocialAccount.objects.exists()
    assert comes(idp, "org-norrland", verified(cast.requester.email), sub="named anew")[1] == "/my/requests"
    set_up(cast.admin, cast.org, OIDC("https://idp.norrland.test", "another", "secret"), NOW)
    assert not SocialAccount.objects.exists()


def test_removed_it_is_as_if_it_had_never_been(cast: Cast, idp: str) -> None:
    set_up(cast.admin, cast.org, OIDC(idp, "client", "secret"), NOW, sso_only=True)
    comes(idp, "org-norrland", verified(cast.requester.email))
    assert as_(cast.admin).post("/desk/sso/norrland/remove", {}).status_code == 302
    assert not SignOn.objects.exists()
    assert not SocialAccount.objects.exists()
    assert is_in(with_password(cast.requester))
    assert as_(cast.admin).post("/desk/sso/norrland/remove", {}).status_code == 404


def test_only_administrators_change_it(cast: Cast, idp: str) -> None:
    row = set_up(cast.admin, cast.org, OIDC(idp, "client", "secret"), NOW)
    for by in (cast.csm, cast.lead, cast.requester):
        with pytest.raises(Refused):
            sign_on_actions.switch(by, row, NOW, on=False)
        with pytest.raises(Refused):
            sign_on_actions.make_only(by, row, NOW, only=False)
        with pytest.raises(Refused):
            sign_on_actions.remove(by, row, NOW)
    assert as_(cast.csm).get("/desk/sso/staff").status_code == 403


def test_a_provider_that_cannot_be_asked_is_said_on_a_page_and_to_who_sets_it_up(cast: Cast) -> None:
    set_up(cast.admin, cast.org, OIDC("http://localhost:1", "client", "secret"), NOW)
    answer = browser().get("/accounts/oidc/org-norrland/login/")
    assert answer.status_code == 403
    assert "Nobody was signed in" in answer.content.decode()
    last = SignOn.objects.get().attempts.get()
    assert last.outcome == "not_valid"
    assert "refused" in last.detail


@pytest.mark.behaviour("B-127")
def test_a_name_that_means_a_place_inside_is_not_asked_at_log_in_either(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    served_by_https()
    set_up(cast.admin, cast.org, OIDC("https://idp.norrland.test", "client", "secret"), NOW)
    inside = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: inside)
    answer = browser().get("/accounts/oidc/org-norrland/login/")
    assert answer.status_code == 403
    assert "not an address outside of our network" in SignOn.objects.get().attempts.get().detail
