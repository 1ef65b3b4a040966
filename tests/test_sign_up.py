"""Sign-up: an account begins with a proven address, and with nothing else."""

import re
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework.later import send_link
from answerable.casework.person_actions import suspend
from answerable.lib.errors import Undeliverable
from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery
from answerable.people.actions import contact
from answerable.people.models import Domain, LinkAsked, Membership, Person, Vendor
from answerable.people.queries import by_email
from answerable.tickets.actions import Opening
from answerable.tickets.models import Ticket
from tests.cast import NOW, PASSWORD, Cast, says
from tests.running import text_of

Jobs = Callable[[], int]
NEW = "otters carry seven lanterns"


@pytest.fixture
def mails(settings: LazySettings, run_jobs: Jobs) -> Callable[[], list[str]]:
    """Texts of the mails that have left, the newest last."""

    def read() -> list[str]:
        run_jobs()
        paths = sorted(Path(settings.OUTBOX).glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        return [text_of(message_from_bytes(path.read_bytes())) for path in paths]

    return read


Mails = Callable[[], list[str]]


def ask(email: str, client: Client | None = None) -> str:
    """Ask for an account; where it leads."""
    answer = (client or Client()).post("/accounts/signup/", {"email": email})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def link_in(text: str) -> str:
    found = re.search(r"http://portal\.vendor\.test(/accounts/password/reset/key/\S+)", text)
    assert found
    return found[1]


def choose(link: str, client: Client, **more: str) -> str:
    """Open the link, press its button; where it leads."""
    page = client.get(link, follow=True)
    assert page.status_code == 200
    data = {"name": "Nia New", "password1": NEW, "password2": NEW} | more
    answer = client.post(page.redirect_chain[-1][0], data)
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def rules(**accounts: object) -> None:
    vendor = Vendor.objects.get()
    vendor.settings["accounts"] = accounts
    vendor.save()
    forget_all()


@pytest.mark.behaviour("B-90")
def test_the_domain_of_a_proven_address_decides_the_organization(cast: Cast, mails: Mails) -> None:
    client = Client()
    assert client.get("/accounts/signup/").status_code == 200
    assert client.get(ask("Nia@Norrland.test", client)).status_code == 200
    link = link_in(mails()[0])
    person = by_email("nia@norrland.test")
    assert person
    assert not Membership.objects.filter(person=person).exists()
    assert choose(link, client) == "/my/requests"
    assert client.get("/my/requests").status_code == 200
    person.refresh_from_db()
    assert (person.name, person.email_verified_at is not None) == ("Nia New", True)
    assert [(m.organization, m.source) for m in person.memberships.all()] == [(cast.org, "verified")]
    assert Record.objects.filter(verb="prove_address", subject_id=person.pk).count() == 1
    assert Client().post("/accounts/login/", {"login": person.email, "password": NEW}).status_code == 302


@pytest.mark.behaviour("B-91")
def test_opening_the_link_changes_nothing_and_it_works_once(cast: Cast, mails: Mails) -> None:
    ask("nia@norrland.test")
    link = link_in(mails()[0])
    scanner = Client()
    assert scanner.get(link, follow=True).status_code == 200
    assert scanner.get("/my/requests").status_code == 302
    person = by_email("nia@norrland.test")
    assert person
    assert person.email_verified_at is None
    assert not person.memberships.exists()
    choose(link, Client())
    assert "no longer works" in Client().get(link, follow=True).content.decode()


def test_a_domain_that_nobody_verified_or_claimed_leads_nowhere(cast: Cast, mails: Mails) -> None:
    Domain.objects.create(organization=cast.org, name="wanted.test")
    Domain.objects.create(organization=cast.org, name="gmail.com", claimed_by=cast.admin, claimed_at=NOW)
    for email in ("a@wanted.test", "b@sub.norrland.test", "c@gmail.com"):
        ask(email)
        choose(link_in(mails()[-1]), Client())
        person = by_email(email)
        assert person
        assert person.email_verified_at
        assert not person.memberships.exists(), email


@pytest.mark.parametrize(("rule", "email"), [("unknown_domains", "a@nowhere.test"), ("free_mail", "a@gmail.com")])
def test_the_policy_may_refuse_domains(cast: Cast, rule: str, email: str) -> None:
    assert ask(email)
    rules(**{rule: "refuse"})
    refused = Client().post("/accounts/signup/", {"email": email})
    assert refused.status_code == 422
    assert email.partition("@")[2] in refused.content.decode()
    assert ask("nia@norrland.test")


def test_the_policy_may_close_sign_up(cast: Cast, mails: Mails) -> None:
    rules(sign_up=False)
    page = Client().post("/accounts/signup/", {"email": "nia@norrland.test"})
    assert page.status_code == 200
    assert "made by support" in page.content.decode()
    assert mails() == []
    assert by_email("nia@norrland.test") is None


@pytest.mark.behaviour("B-92")
def test_a_person_known_from_mail_takes_over_their_requests_once_the_address_is_proven(
    cast: Cast, mails: Mails
) -> None:
    old = contact("nia@norrland.test", "Nia", NOW)
    opening = Opening("Pump 7 leaks", old, cast.org, cast.cloud, "P2", "mail")
    ticket = casework.open_ticket(opening, says("It drips.", channel="mail"), NOW)
    client = Client()
    ask(old.email, client)
    # Neither the browser that asked nor any password gets in before the link in the mailbox is used.
    assert client.get(f"/requests/{ticket.number}").status_code == 302
    for password in ("", NEW, PASSWORD):
        Client().post("/accounts/login/", {"login": old.email, "password": password})
    link = next(link_in(text) for text in mails() if "/accounts/password" in text)
    choose(link, client, name="Somebody else")
    page = client.get("/my/requests").content.decode()
    assert "Pump 7 leaks" in page
    assert client.get(f"/requests/{ticket.number}").status_code == 200
    old.refresh_from_db()
    assert old.name == "Nia"
    assert Ticket.objects.get(requester=old) == ticket


@pytest.mark.behaviour("B-93")
def test_who_signs_up_with_the_address_of_another_has_chosen_no_password_for_them(cast: Cast, mails: Mails) -> None:
    """The victim who follows the link chooses the password: an attacker's cannot wait in the account."""
    page = Client().post(
        "/accounts/signup/", {"email": "nia@norrland.test", "password1": "attackers own pick 9", "password2": "x"}
    )
    assert page.status_code == 302
    choose(link_in(mails()[0]), Client())
    answer = Client().post("/accounts/login/", {"login": "nia@norrland.test", "password": "attackers own pick 9"})
    assert answer.status_code == 200


@pytest.mark.behaviour("B-94")
def test_sign_up_and_reset_answer_alike_whoever_has_an_account(cast: Cast, mails: Mails) -> None:
    suspended = cast.colleague
    Person.objects.filter(pk=suspended.pk).update(is_active=False)
    contact("known@norrland.test", "", NOW)
    emails = [cast.requester.email, cast.agent.email, "known@norrland.test", "new@norrland.test", suspended.email]
    for path in ("/accounts/signup/", "/accounts/password/reset/"):
        answers = [Client().post(path, {"email": email}) for email in emails]
        assert {(answer.status_code, answer.headers["Location"], answer.content) for answer in answers} == {
            (302, answers[0].headers["Location"], b"")
        }
    # Who has an account hears of a password, never of a new account; who is suspended hears nothing.
    texts = mails()
    assert len(texts) == 8
    assert sum("asked for an account" in " ".join(text.split()) for text in texts) == 4


@pytest.mark.behaviour("B-181")
def test_the_link_is_kept_no_longer_than_until_its_mail_has_left(
    cast: Cast, mails: Mails, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("nia@norrland.test")
    write()
    waits = Delivery.objects.get()
    assert "/accounts/password/reset/key/" in waits.text
    link = link_in(mails()[0])
    waits.refresh_from_db()
    assert (waits.state, waits.text) == ("sent", "")
    assert choose(link, Client()) == "/my/requests"
    # One that nobody takes, and one that nobody is to have, keep none either.
    ask("ben@norrland.test")
    write()
    suspend(cast.admin, Delivery.objects.latest("id").person, "left", NOW)
    ask("eva@norrland.test")
    monkeypatch.setattr("answerable.notify.actions.hand_over", refuses)
    mails()
    ends = Delivery.objects.order_by("id").values_list("state", "text")
    assert list(ends) == [("sent", ""), ("suppressed", ""), ("failed", "")]


def write() -> None:
    """What was asked for last is written, and waits in the outbox."""
    send_link(asked_id=LinkAsked.objects.latest("id").pk)


def refuses(*_: object) -> None:
    raise Undeliverable("550 no such mailbox", permanent=True)


@pytest.mark.behaviour("B-184")
def test_what_is_done_before_the_answer_is_the_same_whoever_has_an_account(cast: Cast) -> None:
    """So the time that it takes says nothing. The look-up, the contact and the mail are a job's."""
    Person.objects.filter(pk=cast.colleague.pk).update(is_active=False)
    for path in ("/accounts/signup/", "/accounts/password/reset/"):
        done = []
        Client().post(path, {"email": "first@norrland.test"})  # what is remembered for all is asked once
        for email in ("nobody@norrland.test", cast.requester.email, cast.colleague.email, cast.agent.email):
            cache.clear()
            with CaptureQueriesContext(connection) as asked:
                assert Client().post(path, {"email": email}).status_code == 302
            done.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in asked])
        assert done[1:] == done[:1] * 3, path
    assert by_email("nobody@norrland.test") is None


def test_a_reset_proves_the_address_just_as_sign_up_does(cast: Cast, mails: Mails) -> None:
    old = contact("nia@norrland.test", "Nia", NOW)
    Client().post("/accounts/password/reset/", {"email": old.email})
    choose(link_in(mails()[0]), Client())
    old.refresh_from_db()
    assert old.email_verified_at
    assert [(m.organization, m.source) for m in old.memberships.all()] == [(cast.org, "verified")]


def test_staff_join_no_organization_by_their_address(cast: Cast, mails: Mails) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(email="tomas@norrland.test")
    Client().post("/accounts/password/reset/", {"email": "tomas@norrland.test"})
    assert choose(link_in(mails()[0]), Client()) == "/desk/"
    assert not cast.agent.memberships.exists()


def test_a_password_without_a_proven_address_opens_nothing(cast: Cast, mails: Mails) -> None:
    Person.objects.filter(pk=cast.requester.pk).update(email_verified_at=None)
    client = Client()
    answer = client.post("/accounts/login/", {"login": cast.requester.email, "password": PASSWORD})
    assert answer.headers["Location"] == "/accounts/signup/sent/"
    assert client.get("/my/requests").status_code == 302
    choose(link_in(mails()[0]), client)
    assert client.get("/my/requests").status_code == 200


@pytest.mark.behaviour("B-95")
def test_sign_up_is_limited(cast: Cast, mails: Mails) -> None:
    for _ in range(5):
        ask("nia@norrland.test")
    assert Client().post("/accounts/signup/", {"email": "nia@norrland.test"}).status_code == 429
    assert len(mails()) == 5
    for number in range(14):
        ask(f"n{number}@norrland.test")
    assert Client().post("/accounts/signup/", {"email": "another@norrland.test"}).status_code == 429


@pytest.mark.parametrize(
    "password", ["Password123!", "qwertyuiop1", "nia.norrland", "iloveyou1234", "short one", "1029384756"]
)
@pytest.mark.behaviour("B-96")
def test_a_password_that_is_easy_to_guess_is_refused(cast: Cast, mails: Mails, password: str) -> None:
    ask("nia@norrland.test")
    client = Client()
    page = client.get(link_in(mails()[0]), follow=True)
    data = {"name": "Nia", "password1": password, "password2": password}
    assert client.post(page.redirect_chain[-1][0], data).status_code == 200
    person = by_email("nia@norrland.test")
    assert person
    assert person.email_verified_at is None
    assert not person.has_usable_password()


def test_a_very_long_password_is_weighed_by_its_beginning(cast: Cast, mails: Mails) -> None:
    ask("nia@norrland.test")
    long = "lanterns for otters " * 40
    assert choose(link_in(mails()[0]), Client(), password1=long, password2=long)
