"""Log-in, log-out and passwords: the pages, and what they must not tell or do."""

import re
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from answerable.people.actions import contact
from tests.cast import NOW, PASSWORD, Cast
from tests.running import text_of


@pytest.mark.parametrize("who", ["agent", "requester"])
def test_log_in_leads_staff_to_the_desk_and_customers_to_their_requests(cast: Cast, who: str) -> None:
    client = Client()
    person = getattr(cast, who)
    answer = client.post("/accounts/login/", {"login": person.email.upper(), "password": PASSWORD})
    assert answer.status_code == 302
    assert answer.headers["Location"] == ("/desk/" if who == "agent" else "/my/requests")
    assert client.get(answer.headers["Location"]).status_code == 200
    client.post("/accounts/logout/")
    assert client.get(answer.headers["Location"]).status_code == 302


def test_a_wrong_password_and_an_unknown_address_read_alike(cast: Cast) -> None:
    words = []
    for email in (cast.requester.email, "nobody@nowhere.test"):
        page = Client().post("/accounts/login/", {"login": email, "password": "wrong"})
        assert page.status_code == 200
        words.append(re.sub(r'value="[^"]*"', "", page.content.decode()))
    assert words[0] == words[1]


def test_log_in_is_limited(cast: Cast) -> None:
    for _ in range(5):
        Client().post("/accounts/login/", {"login": cast.requester.email, "password": "wrong"})
    page = Client().post("/accounts/login/", {"login": cast.requester.email, "password": PASSWORD})
    assert page.status_code == 200
    assert "Too many" in page.content.decode()


def test_a_contact_known_from_mail_alone_cannot_log_in(cast: Cast) -> None:
    contact("new@norrland.test", "New", NOW)
    page = Client().post("/accounts/login/", {"login": "new@norrland.test", "password": ""})
    assert page.status_code == 200


def test_a_next_page_elsewhere_is_not_followed(cast: Cast) -> None:
    answer = Client().post(
        "/accounts/login/?next=https://evil.test/",
        {"login": cast.requester.email, "password": PASSWORD, "next": "https://evil.test/"},
    )
    assert answer.headers["Location"] == "/my/requests"


def test_a_password_is_set_anew_by_a_link_that_the_host_header_cannot_turn(
    cast: Cast, settings: LazySettings, run_jobs: Callable[[], int]
) -> None:
    client = Client()
    assert client.get("/accounts/password/reset/").status_code == 200
    answer = client.post("/accounts/password/reset/", {"email": cast.requester.email}, headers={"Host": "evil.test"})
    assert answer.status_code == 302
    assert client.get(answer.headers["Location"].replace("http://evil.test", "")).status_code == 200
    run_jobs()
    mails = [message_from_bytes(path.read_bytes()) for path in Path(settings.OUTBOX).glob("*.eml")]
    assert [mail["To"] for mail in mails] == ["Elin Berg <elin@norrland.test>"]
    link = re.search(r"http://portal\.vendor\.test(/accounts/password/reset/key/\S+)", text_of(mails[0]))
    assert link
    page = client.get(link[1], follow=True)
    assert page.status_code == 200
    new = "another horse battery 7"
    done = client.post(page.redirect_chain[-1][0], {"password1": new, "password2": new}, follow=True)
    assert done.status_code == 200
    assert Client().post("/accounts/login/", {"login": cast.requester.email, "password": new}).status_code == 302


def test_an_unknown_address_gets_the_same_answer_and_no_mail(
    cast: Cast, settings: LazySettings, run_jobs: Callable[[], int]
) -> None:
    answer = Client().post("/accounts/password/reset/", {"email": "nobody@nowhere.test"})
    assert answer.status_code == 302
    run_jobs()
    assert not list(Path(settings.OUTBOX).glob("*.eml"))


def test_the_other_pages_answer(cast: Cast) -> None:
    client = Client()
    assert client.get("/accounts/inactive/").status_code == 200
    client.force_login(cast.requester)
    assert client.get("/accounts/password/change/").status_code == 200
    assert client.get("/accounts/logout/").status_code == 200
