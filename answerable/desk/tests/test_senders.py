"""The set-up page of sender proof: what it offers, and that a flood of made-up names drowns nothing (E-86)."""

import pytest
from django.test import Client

from answerable.audit.models import Record
from answerable.casework.tests.test_reception import arrives
from answerable.mail import actions
from answerable.mail.models import Checker, Inbox
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


@pytest.mark.behaviour("B-247")
def test_an_administrator_confirms_a_server_that_was_seen_with_one_click(cast: Cast, client: Client) -> None:
    checked("mx.provider.test")
    checked("mx.provider.test")
    assert Checker.objects.count() == 1
    client.force_login(cast.admin)
    page = client.get("/desk/mail/senders").content.decode()
    assert "nobody is believed" in page
    said = client.post("/desk/mail/senders/support", {"server": "mx.provider.test", "decision": "confirm"}, follow=True)
    assert "mx.provider.test is believed from now on." in said.content.decode()
    assert "says that it checks" not in said.content.decode()
    passes = "mx.provider.test; dmarc=pass header.from=norrland.test"
    assert arrives(mail("elin@norrland.test", "a", "b", Authentication_Results=passes)).verdict == "pass"
    client.post("/desk/mail/senders/support", {"server": "mx.provider.test", "decision": "withdraw"})
    assert arrives(mail("elin@norrland.test", "c", "d", Authentication_Results=passes)).verdict == "none"
    verbs = Record.objects.filter(subject_kind="inbox").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["confirm_checker", "withdraw_checker"]


def test_a_server_that_was_never_seen_is_not_confirmed_and_a_new_policy_keeps_what_was(
    cast: Cast, client: Client
) -> None:
    client.force_login(cast.admin)
    said = client.post("/desk/mail/senders/support", {"server": "mx.else.test"})
    assert "No message has come to this address that names mx.else.test." in said.content.decode()
    checked("mx.provider.test")
    client.post("/desk/mail/senders/support", {"server": "mx.provider.test"})
    inbox(trusted_authserv=("mx.other.test",))
    assert Inbox.objects.get(key="support").believed == ["mx.other.test", "mx.provider.test"]


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
