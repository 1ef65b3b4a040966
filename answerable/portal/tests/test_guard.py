"""The public form turns programs and crowds away, and gives people back what they wrote."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import time_machine
from django.core import signing
from django.core.cache import cache
from django.db import connection
from django.http import HttpResponse
from django.test import Client

from answerable.casework import actions as casework
from answerable.lib import clock
from answerable.portal.tests.filled import a_stamp, filled
from answerable.tickets.models import Ticket
from tests import cast as the_cast
from tests.cast import Cast

TYPED = {"name": "Ida Ek", "subject": "Kept subject", "text": "Kept <text>", "impact": "Kept impact", "severity": "P1"}


def send(**more: object) -> HttpResponse:
    """The form, filled in; a number is the age of its stamp in seconds."""
    stamp = more.get("stamp", 30)
    more["stamp"] = a_stamp(stamp) if isinstance(stamp, int) else stamp
    answer = Client().post("/requests/new", filled(**{**TYPED, **more}))
    assert isinstance(answer, HttpResponse)
    return answer


def given_back(answer: HttpResponse) -> dict[str, str]:
    """The values of the form that came back."""
    page = answer.content.decode()
    found = dict(re.findall(r'<input[^>]* name="([^"]+)" value="([^"]*)"', page))
    found |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>\s*([^<]*)</textarea>', page))
    found["severity"] = re.findall(r'<option value="([^"]*)" selected', page)[0]
    return found


PROGRAM, OLD = "may have been sent by a program", "open for more than a day"
NOT_TAKEN: list[tuple[dict[str, object], str]] = [
    ({"website": "https://spam.test"}, PROGRAM),
    ({"stamp": ""}, PROGRAM),
    ({"stamp": "forged"}, PROGRAM),
    ({"stamp": signing.dumps([1, "x"], salt="other")}, PROGRAM),
    ({"stamp": signing.dumps({"a": 1}, salt="portal.guard")}, PROGRAM),
    ({"stamp": 1}, PROGRAM),
    ({"stamp": -60}, PROGRAM),
    ({"stamp": 86_500}, OLD),
]


@pytest.mark.parametrize(("more", "words"), NOT_TAKEN)
@pytest.mark.behaviour("B-141")
def test_what_is_not_taken_comes_back_as_it_was_filled_in(cast: Cast, more: dict[str, object], words: str) -> None:
    answer = send(**more)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Ticket.objects.exists()
    back = given_back(answer)
    assert {key: back[key] for key in TYPED} == {**TYPED, "text": "Kept &lt;text&gt;"}
    assert back["email"] == "new@norrland.test"
    # Nothing is in the trap any more: a person whose browser filled it in gets through with the page that came back.
    assert "website" not in back
    with time_machine.travel(clock.now() + timedelta(seconds=70)):
        assert send(stamp=back["stamp"]).status_code == 302


def test_a_stamp_that_is_still_good_is_kept_so_that_nobody_waits_twice(cast: Cast) -> None:
    kept = a_stamp()
    assert given_back(send(website="x", stamp=kept))["stamp"] == kept
    assert given_back(send(email="wrong", stamp=kept))["stamp"] == kept


@pytest.mark.behaviour("B-142")
def test_a_page_that_was_sent_opens_no_second_request_by_itself(cast: Cast) -> None:
    stamp = a_stamp()
    assert send(stamp=stamp).status_code == 302
    again = send(stamp=stamp)
    assert again.status_code == 422
    assert "This page was sent already" in again.content.decode()
    assert given_back(again)["subject"] == "Kept subject"
    assert given_back(again)["stamp"] != stamp
    assert Ticket.objects.count() == 1


def test_a_request_that_failed_leaves_its_page_good(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    stamp = a_stamp()
    with monkeypatch.context() as broken:
        broken.setattr(casework, "open_ticket", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            send(stamp=stamp)
    assert send(stamp=stamp).status_code == 302


@pytest.fixture
def alone(real_transactions: None) -> Iterator[Cast]:
    """Committed for all to see; the table of the cache is no model's, so that no flush empties it."""
    yield the_cast.assemble()
    cache.clear()


@pytest.mark.parametrize("same_page", [True, False])
def test_two_processes_at_once_open_no_more_than_one_would(alone: Cast, same_page: bool) -> None:
    stamp, ready = a_stamp(), Barrier(6)

    def work(_: int) -> int:
        try:
            ready.wait(timeout=10)
            return send(stamp=stamp if same_page else a_stamp()).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        codes = sorted(pool.map(work, range(6)))
    opened = 1 if same_page else 5
    assert codes == [302] * opened + [422] * (6 - opened)
    assert Ticket.objects.count() == opened


def test_a_crowd_from_one_address_or_network_loses_nothing(cast: Cast) -> None:
    for _ in range(5):
        assert send().status_code == 302
    refused = send()
    assert refused.status_code == 422
    assert "Several requests came from here" in refused.content.decode()
    assert given_back(refused)["text"] == "Kept &lt;text&gt;"
    for n in range(15):
        assert send(email=f"n{n}@norrland.test").status_code == 302
    assert send(email="one.more@norrland.test").status_code == 422
    elsewhere = Client().post("/requests/new", filled(email="other@x.test"), REMOTE_ADDR="2001:db8:1:2::7")
    assert elsewhere.status_code == 302
    assert Ticket.objects.count() == 21


def test_what_is_wrong_costs_no_try(cast: Cast) -> None:
    for _ in range(30):
        assert send(subject="").status_code == 422
        assert send(website="x").status_code == 422
    assert send().status_code == 302


def test_who_is_signed_in_is_no_program(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.requester)
    page = client.get("/requests/new").content.decode()
    assert 'name="stamp"' not in page
    assert 'name="website"' not in page
    for _ in range(7):
        assert client.post("/requests/new", {"subject": "s", "text": "t"}).status_code == 302
