"""Second steps: an authenticator app, recovery codes, passkeys; and staff who must have one."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client

from answerable.audit.models import Record
from answerable.lib.fresh import forget_all
from answerable.people.models import Person, Vendor
from tests.cast import PASSWORD, Cast
from tests.soft_key import SoftKey
from tests.test_sign_up import NEW, ask, choose, link_in, mails

__all__ = ["mails"]


def code_of(secret: str, ahead: int = 0) -> str:
    """What the app on the phone shows now, or in a while: RFC 6238 with 30 seconds and six digits."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + ahead)))


def signs_in(person: Person) -> tuple[Client, str]:
    client = Client()
    answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert answer.status_code == 302
    return client, answer.headers["Location"]


def sets_up(client: Client, password: str = PASSWORD) -> tuple[str, list[str]]:
    """Switch an app on; its secret, and the recovery codes that the next page shows."""
    assert client.post("/accounts/reauthenticate/", {"password": password}).status_code == 302
    page = client.get("/accounts/2fa/app/on/")
    assert page.status_code == 200
    found = re.search(r'class="secret">([A-Z2-7]+)<', page.content.decode())
    assert found
    done = client.post("/accounts/2fa/app/on/", {"code": code_of(found[1])})
    assert done.headers["Location"] == "/accounts/2fa/codes/"
    codes = re.findall(r"<li>(\d+)</li>", client.get("/accounts/2fa/codes/").content.decode())
    assert len(codes) == 10
    return found[1], codes


def required(rule: str = "required") -> None:
    vendor = Vendor.objects.get()
    vendor.settings["accounts"] = {"staff_mfa": rule}
    vendor.save()
    forget_all()


@pytest.mark.behaviour("B-98")
def test_an_app_is_asked_for_after_the_password(cast: Cast) -> None:
    first, _ = signs_in(cast.requester)
    secret, _codes = sets_up(first)
    client, leads = signs_in(cast.requester)
    assert leads == "/accounts/2fa/authenticate/"
    assert client.get("/my/requests").status_code == 302
    assert client.get(leads).status_code == 200
    assert client.post(leads, {"code": "000000"}).status_code == 200
    assert client.get("/my/requests").status_code == 302
    done = client.post(leads, {"code": code_of(secret, 1)})
    assert done.headers["Location"] == "/my/requests"
    assert client.get("/my/requests").status_code == 200


def test_a_code_works_once(cast: Cast) -> None:
    first, _ = signs_in(cast.requester)
    secret, _codes = sets_up(first)
    used = code_of(secret, 1)
    one, leads = signs_in(cast.requester)
    assert one.post(leads, {"code": used}).status_code == 302
    two, leads = signs_in(cast.requester)
    assert two.post(leads, {"code": used}).status_code == 200
    assert two.get("/my/requests").status_code == 302


@pytest.mark.parametrize("ahead", [-1, 0, 1])
@pytest.mark.behaviour("B-176")
def test_a_code_counts_once_as_long_as_it_would_be_taken_and_none_before_it(cast: Cast, ahead: int) -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    Authenticator.objects.create(user=cast.requester, type="totp", data={"secret": secret})
    start = int(time.time()) // 30 * 30
    with time_machine.travel(start + 1, tick=False) as clock:
        used, before = code_of(secret, ahead), code_of(secret, ahead - 1)
        client, leads = signs_in(cast.requester)
        assert client.post(leads, {"code": used}).status_code == 302
        for later in (1, 35, 70):
            clock.move_to(start + later)
            cache.clear()
            again, leads = signs_in(cast.requester)
            for code in (used, before):
                assert again.post(leads, {"code": code}).status_code == 200, later
            assert again.get("/my/requests").status_code == 302
        cache.clear()
        assert client.post("/accounts/2fa/reauthenticate/", {"code": used}).status_code == 200
        assert client.post("/accounts/2fa/reauthenticate/", {"code": code_of(secret)}).status_code == 302
        assert again.post(leads, {"code": code_of(secret, 1)}).status_code == 302


@pytest.mark.behaviour("B-99")
def test_a_recovery_code_lets_in_once(cast: Cast) -> None:
    first, _ = signs_in(cast.requester)
    _, codes = sets_up(first)
    client, leads = signs_in(cast.requester)
    assert client.post(leads, {"code": codes[3]}).headers["Location"] == "/my/requests"
    again, leads = signs_in(cast.requester)
    assert again.post(leads, {"code": codes[3]}).status_code == 200
    assert again.get("/my/requests").status_code == 302
    assert codes[3].encode() not in client.get("/accounts/2fa/codes/download/").content


def test_guessing_codes_is_limited(cast: Cast) -> None:
    first, _ = signs_in(cast.requester)
    secret, _codes = sets_up(first)
    client, leads = signs_in(cast.requester)
    for _ in range(5):
        client.post(leads, {"code": "000000"})
    assert client.post(leads, {"code": code_of(secret, 1)}).status_code == 200
    assert client.get("/my/requests").status_code == 302


def test_a_new_password_by_mail_does_not_get_around_the_second_step(cast: Cast) -> None:
    Authenticator.objects.create(user=cast.requester, type="totp", data={"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})
    client = Client()
    key = f"{user_pk_to_url_str(cast.requester)}-{default_token_generator.make_token(cast.requester)}"
    page = client.get(f"/accounts/password/reset/key/{key}/", follow=True)
    new = "otters carry seven lanterns"
    done = client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new})
    assert done.headers["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/my/requests").status_code == 302


def test_what_matters_is_asked_for_again(cast: Cast) -> None:
    """A session that somebody else found open switches nothing off and reads no codes."""
    client = Client()
    client.force_login(cast.requester)
    Authenticator.objects.create(user=cast.requester, type="totp", data={"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})
    RecoveryCodes.activate(cast.requester)
    for path in ("app/off/", "codes/", "codes/new/", "passkeys/add/"):
        answer = client.get(f"/accounts/2fa/{path}")
        assert answer.status_code == 302, path
        assert "/reauthenticate/" in answer.headers["Location"], path
    page = client.get("/accounts/2fa/app/off/", follow=True)
    assert page.status_code == 200
    assert client.get("/accounts/2fa/codes/download/").status_code in {302, 403}


def test_an_app_is_switched_off_by_its_owner(cast: Cast) -> None:
    client, _ = signs_in(cast.requester)
    sets_up(client)
    assert "Switch off" in client.get("/accounts/").content.decode()
    assert client.get("/accounts/2fa/app/off/").status_code == 200
    assert client.get("/accounts/2fa/codes/new/").status_code == 200
    assert client.post("/accounts/2fa/app/off/").status_code == 302
    assert signs_in(cast.requester)[1] == "/my/requests"


def test_somebody_elses_passkey_cannot_be_removed(cast: Cast) -> None:
    theirs = Authenticator.objects.create(user=cast.stranger, type="webauthn", data={"name": "key"})
    client, _ = signs_in(cast.requester)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.post(f"/accounts/2fa/passkeys/{theirs.pk}/remove/").status_code == 404
    assert Authenticator.objects.filter(pk=theirs.pk).exists()


@pytest.mark.parametrize("data", ["{}", '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}', "nonsense"])
def test_a_made_up_passkey_opens_nothing(cast: Cast, data: str) -> None:
    client = Client()
    asked = client.get("/accounts/2fa/passkeys/login/", headers={"Accept": "application/json"})
    assert asked.json()["request_options"]["publicKey"]["challenge"]
    client.post("/accounts/2fa/passkeys/login/", {"credential": data})
    assert client.get("/my/requests").status_code == 302


@pytest.mark.behaviour("B-180")
def test_each_change_of_how_one_gets_in_is_told_and_kept(
    cast: Cast, mails: Callable[[], list[str]], django_capture_on_commit_callbacks: Any
) -> None:
    client, _ = signs_in(cast.requester)
    new = "otters carry seven lanterns"
    with django_capture_on_commit_callbacks(execute=True):
        sets_up(client)
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/codes/new/")
    SoftKey(cast.requester).register()
    client.post(f"/accounts/2fa/passkeys/{Authenticator.objects.latest('pk').pk}/remove/")
    client.post("/accounts/2fa/app/off/")
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    told = [" ".join(text.split()) for text in mails()]
    words = ["app was set up", "New recovery codes", "passkey of your account was removed", "was switched off"]
    for each in (*words, "password of your account was changed"):
        assert sum(each in text for text in told) == 1, each
    assert len(told) == 5
    assert all("http://portal.vendor.test/accounts/password/reset/" in text for text in told)
    assert not any("secret" in text for text in told)
    trail = Record.objects.filter(subject_kind="person", subject_id=cast.requester.pk).order_by("id")
    assert list(trail.values_list("verb", flat=True)) == [
        "add_second_step", "renew_recovery_codes", "remove_second_step", "remove_second_step", "set_password"
    ]  # fmt: skip


def test_a_password_by_mail_is_told_and_a_first_one_is_not(cast: Cast, mails: Callable[[], list[str]]) -> None:
    ask("nia@norrland.test")
    choose(link_in(mails()[-1]), Client())
    assert len(mails()) == 1
    signs_in(cast.requester)
    Client().post("/accounts/password/reset/", {"email": cast.requester.email})
    link = link_in(mails()[-1])
    choose(link, Client())
    assert len(mails()) == 3
    assert "A new password was chosen" in mails()[-1]


@pytest.mark.behaviour("B-183")
def test_what_codes_are_made_of_is_not_in_the_database(cast: Cast) -> None:
    client, _ = signs_in(cast.requester)
    secret, codes = sets_up(client)
    stored = json.dumps(list(Authenticator.objects.values_list("data", flat=True)))
    assert secret not in stored
    assert [row["seed"][:7] for row in json.loads(stored) if "seed" in row] == ["sealed:"]
    again, leads = signs_in(cast.requester)
    assert again.post(leads, {"code": codes[0]}).status_code == 302
    # One that was stored before is sealed by its next use.
    old = Authenticator.objects.get(type="totp")
    old.data = {"secret": secret}
    old.save()
    again, leads = signs_in(cast.requester)
    assert again.post(leads, {"code": code_of(secret, 1)}).status_code == 302
    old.refresh_from_db()
    assert old.data["secret"].startswith("sealed:")


def test_with_another_secret_key_no_code_gets_in(cast: Cast, settings: LazySettings) -> None:
    client, _ = signs_in(cast.requester)
    secret, codes = sets_up(client)
    settings.SECRET_KEY = "another" * 8
    again, leads = signs_in(cast.requester)
    for code in (code_of(secret, 1), codes[0]):
        page = again.post(leads, {"code": code})
        assert page.status_code == 200
        assert "another secret key" in page.content.decode()
    assert again.get("/my/requests").status_code == 302


@pytest.mark.behaviour("B-182")
def test_a_passkey_alone_is_enough_only_with_its_owners_pin(cast: Cast) -> None:
    """Who found a key without its PIN must not get by with the question of the second step, which asks for none."""
    key = SoftKey(cast.requester)
    key.register()
    Authenticator.objects.create(user=cast.stranger, type="totp", data={"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})
    for verified in (False, True):
        finder, leads = signs_in(cast.stranger)
        finder.get(leads)
        session = finder.session
        answer = key.answer(session["mfa.webauthn.state"]["challenge"], verified=verified)
        session.pop("account_login")  # as it ends by itself after a quarter of an hour; the question stays
        session.save()
        finder.post("/accounts/2fa/passkeys/login/", {"credential": json.dumps(answer)})
        assert finder.get("/my/requests").status_code == (200 if verified else 302)


@pytest.mark.behaviour("B-100")
def test_staff_who_must_have_a_second_step_reach_nothing_before_they_do(cast: Cast) -> None:
    required()
    client, _ = signs_in(cast.agent)
    for path in ("/desk/", "/my/requests", "/", "/requests/new", "/desk/live", "/desk/policy"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/accounts/"), path
    fragment = client.get("/desk/", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == "/accounts/"
    assert fragment.content == b""
    assert "First, a second step" in client.get("/accounts/").content.decode()
    sets_up(client)
    assert client.get("/desk/").status_code == 200
    assert "First, a second step" not in client.get("/accounts/").content.decode()


@pytest.mark.behaviour("B-170")
def test_a_reset_that_a_stranger_asked_for_keeps_nobody_from_setting_it_up(cast: Cast) -> None:
    required()
    assert Client().post("/accounts/password/reset/", {"email": cast.agent.email}).status_code == 302
    client, _ = signs_in(cast.agent)
    sets_up(client)
    assert client.get("/desk/").status_code == 200


def test_who_signed_up_by_a_link_sets_it_up(cast: Cast, mails: Callable[[], list[str]]) -> None:
    client = Client()
    ask("nia@norrland.test", client)
    choose(link_in(mails()[-1]), client)
    sets_up(client, NEW)
    assert client.get("/accounts/2fa/passkeys/add/").status_code == 200


def test_customers_and_an_optional_policy_are_left_alone(cast: Cast) -> None:
    required()
    assert signs_in(cast.requester)[0].get("/my/requests").status_code == 200
    assert Client().get("/").status_code == 200
    required("optional")
    assert signs_in(cast.agent)[0].get("/desk/").status_code == 200


def test_recovery_codes_alone_are_no_second_step(cast: Cast) -> None:
    required()
    RecoveryCodes.activate(cast.agent)
    assert signs_in(cast.agent)[0].get("/desk/").status_code == 302
