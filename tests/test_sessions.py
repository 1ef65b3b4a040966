"""Where one is signed in, and out again."""

from datetime import timedelta
from unittest.mock import patch

import pytest
from django.contrib.sessions.models import Session
from django.test import Client

from answerable.casework.jobs import forget_sessions
from answerable.lib import clock
from answerable.live import actions as live
from tests.cast import PASSWORD, Cast


def browser(email: str, agent: str = "Firefox/140.0 Linux") -> Client:
    client = Client(headers={"User-Agent": agent})
    assert client.post("/accounts/login/", {"login": email, "password": PASSWORD}).status_code == 302
    return client


def buttons(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('name="session" value="')[1:]]


@pytest.mark.behaviour("B-97")
def test_a_browser_is_signed_out_from_another_one(cast: Cast) -> None:
    here, phone = browser(cast.requester.email), browser(cast.requester.email, "iPhone Safari/604.1")
    page = here.get("/accounts/").content.decode()
    assert "Safari, iPhone" in page
    assert "this browser" in page
    [other] = buttons(page)
    with patch("answerable.casework.account_actions.end_streams", wraps=live.end_streams) as ended:
        assert here.post("/accounts/sessions/end/", {"session": other}).status_code == 302
    ended.assert_called_once_with(cast.requester.pk)
    assert phone.get("/my/requests").status_code == 302
    assert here.get("/my/requests").status_code == 200
    assert buttons(here.get("/accounts/").content.decode()) == []


def test_all_other_browsers_are_signed_out_at_once(cast: Cast) -> None:
    here, *others = [browser(cast.requester.email) for _ in range(3)]
    here.post("/accounts/sessions/end/", {"session": "others"})
    assert [one.get("/my/requests").status_code for one in others] == [302, 302]
    assert here.get("/my/requests").status_code == 200


def test_nobody_ends_the_session_of_another(cast: Cast) -> None:
    mine, theirs = browser(cast.requester.email), browser(cast.stranger.email)
    also = browser(cast.stranger.email)
    [other] = buttons(theirs.get("/accounts/").content.decode())
    mine.post("/accounts/sessions/end/", {"session": other})
    assert theirs.get("/my/requests").status_code == also.get("/my/requests").status_code == 200


def test_another_password_ends_every_other_session_and_stream(cast: Cast) -> None:
    here, phone = browser(cast.requester.email), browser(cast.requester.email)
    new = "otters carry seven lanterns"
    data = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    with patch("answerable.casework.account_actions.end_streams", wraps=live.end_streams) as ended:
        assert here.post("/accounts/password/change/", data).status_code == 302
    ended.assert_called_once_with(cast.requester.pk)
    assert here.get("/my/requests").status_code == 200
    assert phone.get("/my/requests").status_code == 302


def test_sessions_that_are_over_are_taken_away(cast: Cast) -> None:
    for email in (cast.requester.email, cast.stranger.email):
        browser(email)
    Session.objects.filter(pk=Session.objects.values("pk")[:1]).update(expire_date=clock.now() - timedelta(minutes=1))
    forget_sessions(0)
    assert Session.objects.count() == 1
