"""The set-up page of sender proof: what it offers, and that a flood of made-up names drowns nothing (E-86)."""

import pytest
from django.test import Client

from answerable.casework.tests.test_reception import arrives
from answerable.mail import actions
from answerable.mail.models import Checker
from tests.cast import Cast, inbox
from tests.running import mail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "_noted", {})


def checked(server: str, hours: float = 0) -> None:
    arrives(
        mail("elin@norrland.test", f"From {server}", "x", Authentication_Results=f"{server}; spf=pass"), hours=hours
    )


def test_the_page_names_the_line_to_add(cast: Cast, client: Client) -> None:
    checked("mx.provider.test")
    checked("mx.provider.test")
    client.force_login(cast.admin)
    page = client.get("/desk/mail/senders").content.decode()
    assert "nobody is believed" in page
    assert "[inbox.support]\ntrusted_authserv = [&quot;mx.provider.test&quot;]" in page.replace(
        "&#34;", "&quot;"
    ).replace('"', "&quot;")
    assert Checker.objects.count() == 1
    inbox(trusted_authserv=("mx.provider.test",))
    page = client.get("/desk/mail/senders").content.decode()
    assert "senders are proven" in page
    assert "says that it checks" not in page


def test_only_the_topmost_claim_counts_and_only_so_many_are_kept(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "MOST_CHECKERS", 3)
    below = mail("a@kivu.test", "x", "y", Authentication_Results="mx.provider.test; dkim=pass")
    arrives(below.replace(b"MIME-Version", b"Authentication-Results: forged.test; dmarc=pass\r\nMIME-Version"))
    assert list(Checker.objects.values_list("authserv_id", flat=True)) == ["mx.provider.test"]
    for number in range(5):
        checked(f"made-up-{number}.test")
    assert Checker.objects.count() == 3
    monkeypatch.setattr(actions, "_noted", {})
    checked("mx.provider.test", hours=2)
    found = Checker.objects.get(authserv_id="mx.provider.test")
    assert found.last_at > found.first_at
