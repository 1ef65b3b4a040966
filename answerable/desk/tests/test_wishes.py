"""The page on which one says how one is told, and what a browser is given to show."""

from datetime import time, timedelta
from typing import Any

import pytest
from django.test import Client

from answerable.casework import actions as casework
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.notify.actions import tell
from answerable.notify.kinds import KINDS, Wish
from answerable.notify.models import Notice
from answerable.notify.quiet import Quiet
from answerable.notify.wishes import asked_by, wish_so
from answerable.people.models import Person, Team
from answerable.tickets.models import Ticket
from tests.cast import Cast, a_ticket, says


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def mine(cast: Cast) -> Ticket:
    """Assigned to the agent, who has heard of it."""
    ticket = a_ticket(cast, clock.now())
    casework.assign(cast.lead, ticket.pk, cast.agent, cast.cloud, clock.now())
    Notice.objects.all().delete()
    return ticket


def news(client: Client, after: int | str = 0) -> dict[str, Any]:
    answer = client.get("/desk/notices/fresh", {"after": after})
    found: dict[str, Any] = answer.json()
    return found


def test_what_is_saved_is_shown_again_and_holds(cast: Cast) -> None:
    client = client_of(cast.agent)
    page = client.get("/desk/notices/wishes").content.decode()
    assert KINDS["mention"].title in page
    assert KINDS["room"].title not in page, "for administrators"
    assert KINDS["room"].title in client_of(cast.admin).get("/desk/notices/wishes").content.decode()
    posted: dict[str, Any] = {"app-reply": "on", "mail-reply": "now", "wide-reply": "0", "zone": "Europe/Stockholm"}
    posted |= {"start": "20:00", "end": "07:00", "days": ["0", "4"]}
    assert client.post("/desk/notices/wishes/save", posted).status_code == 302
    asked = asked_by(cast.agent.pk)
    assert asked.wish("reply") == Wish(app=True, browser=False, mail="now", wide=False)
    assert asked.wish("note").app is False
    assert asked.quiet == Quiet("Europe/Stockholm", time(20), time(7), frozenset({0, 4}))
    page = client.get("/desk/notices/wishes").content.decode()
    assert 'value="20:00"' in page
    assert '<option value="0" selected>' in page
    client.post("/desk/notices/wishes/save", {"zone": "UTC", "days": ["0"]})
    assert asked_by(cast.agent.pk).quiet is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"zone": "Stockholm"}, "No time zone is called so"),
        ({"start": "20:00"}, "Quiet hours need both times"),
        ({"start": "20:00", "end": "07:00", "days": []}, "Choose the days"),
        ({"start": "08:00", "end": "08:00", "days": list("0123456")}, "quiet for ever"),
        ({"start": "25:00"}, "Enter a valid time"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(cast: Cast, given: dict[str, Any], words: str) -> None:
    client = client_of(cast.agent)
    answer = client.post("/desk/notices/wishes/save", {"zone": "UTC", "mail-reply": "now", "days": ["0"]} | given)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert words in page
    assert '<option value="now" selected>' in page
    forget_all()
    assert asked_by(cast.agent.pk).quiet is None


@pytest.mark.behaviour("B-326")
def test_a_browser_shows_what_is_new_and_only_what_its_person_may_see(cast: Cast, mine: Ticket) -> None:
    client = client_of(cast.agent)
    start = news(client, "")
    assert (start["items"], start["unread"]) == ([], [])
    casework.add_reply(cast.requester, mine.pk, says("A secret"), clock.now())
    found = news(client, start["newest"])
    assert [(one["title"], one["text"], one["url"]) for one in found["items"]] == [
        ("Elin Berg wrote", f"#{mine.number} Warehouse sync stopped", f"/desk/tickets/{mine.number}")
    ]
    assert "A secret" not in str(found)
    assert news(client, found["newest"])["items"] == [], "each is shown once"
    Team.objects.filter(pk=cast.cloud.pk).update(restricted=True)
    casework.assign(cast.lead, mine.pk, cast.lead, cast.product, clock.now())
    assert news(client)["items"] == []


@pytest.mark.behaviour("B-326")
def test_what_was_read_elsewhere_is_shown_no_more_and_quiet_hours_hold(cast: Cast, mine: Ticket) -> None:
    client = client_of(cast.agent)
    casework.add_reply(cast.requester, mine.pk, says("Any news?"), clock.now())
    now = clock.now()
    quiet = Quiet("UTC", (now - timedelta(hours=1)).time(), (now + timedelta(hours=1)).time(), frozenset(range(7)))
    wish_so(cast.agent, {}, quiet, "UTC", now)
    assert news(client)["items"] == []
    assert len(news(client)["unread"]) == 1
    Ticket.objects.update(severity="P0")
    assert len(news(client)["items"]) == 1
    client.post(f"/desk/tickets/{mine.number}/seen")
    assert news(client) | {"newest": 0} == {"items": [], "unread": [], "newest": 0}


def test_many_are_told_as_one_and_what_leads_elsewhere_does_not(cast: Cast) -> None:
    now = clock.now()
    rows = [
        Notice(person=cast.agent, kind="reply", key=str(n), ticket_id=a_ticket(cast, now).pk, at=now) for n in range(4)
    ]
    tell(rows)
    client = client_of(cast.agent)
    assert [(one["title"], one["url"]) for one in news(client)["items"]] == [("4 notices", "/desk/notices")]
    Notice.objects.all().delete()
    for n, path in enumerate(("/desk/bulk/3", "//evil.test/", "https://evil.test/", "/account")):
        tell([Notice(person=cast.agent, kind="hand_over", key=f"p{n}", data={"path": path, "who": "Ada"}, at=now)])
    assert [one["url"] for one in news(client)["items"]] == ["/desk/bulk/3"]
    page = client.get("/desk/notices").content.decode()
    assert "Ada hands over to you" in page
    assert "evil.test" not in page
