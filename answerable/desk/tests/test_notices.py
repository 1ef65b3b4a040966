"""The page of notices, its badge, and what opening one does."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.casework import clock_actions
from answerable.lib import clock
from answerable.live.access import read
from answerable.notify.models import Notice
from answerable.people.models import Person, Team
from answerable.tickets.models import Ticket
from tests.cast import Cast, a_ticket, says

HOURS = timedelta(hours=1)


@pytest.fixture
def broken(cast: Cast) -> Ticket:
    """A request whose first response was due half an hour ago."""
    ticket = a_ticket(cast, clock.now() - 8.5 * HOURS)
    clock_actions.look(ticket.pk, clock.now())
    return ticket


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_badge_says_how_many_and_whether_a_promise_is_broken(cast: Cast, broken: Ticket) -> None:
    assert "1 broken" in text_of(client_of(cast.agent), "/desk/notices/badge")
    assert "chip" not in text_of(client_of(cast.lead), "/desk/notices/badge")
    Notice.objects.update(kind="warning")
    badge = text_of(client_of(cast.agent), "/desk/notices/badge")
    assert "broken" not in badge
    assert ">1<" in badge


def test_the_badge_asks_one_question(cast: Cast, broken: Ticket) -> None:
    client = client_of(cast.agent)
    with CaptureQueriesContext(connection) as asked:
        text_of(client, "/desk/notices/badge")
    assert len(asked) <= 3, "session, person, unread"


def test_opening_one_marks_it_read_and_leads_to_its_request(cast: Cast, broken: Ticket) -> None:
    client = client_of(cast.agent)
    page = text_of(client, "/desk/notices")
    assert "Warehouse sync stopped" in page
    assert "First response was due" in page
    notice = Notice.objects.get(person=cast.agent)
    answer = client.post(f"/desk/notices/{notice.pk}")
    assert answer.headers["Location"] == f"/desk/tickets/{broken.number}"
    assert "chip" not in text_of(client, "/desk/notices/badge")
    assert Notice.objects.filter(read_at__isnull=True).values_list("person__email", flat=True).get() == cast.csm.email


def test_looking_changes_nothing(cast: Cast, broken: Ticket) -> None:
    client = client_of(cast.agent)
    for path in ("/desk/notices", "/desk/notices/badge", f"/desk/tickets/{broken.number}"):
        text_of(client, path)
    assert not Notice.objects.filter(read_at__isnull=False).exists()


def test_all_that_were_shown_are_marked_read(cast: Cast, broken: Ticket) -> None:
    client = client_of(cast.agent)
    shown = Notice.objects.get(person=cast.agent).pk
    later = a_ticket(cast, clock.now() - 9 * HOURS)
    clock_actions.look(later.pk, clock.now())
    client.post("/desk/notices/read", {"until": shown})
    assert Notice.objects.get(person=cast.agent, read_at__isnull=True).ticket_id == later.pk
    answer = client.post("/desk/notices/read", {}, headers={"HX-Request": "true"}, follow=True)
    assert "is-unread" not in answer.content.decode()
    assert "<html" not in text_of_fragment(client)


def text_of_fragment(client: Client) -> str:
    return client.get("/desk/notices", headers={"HX-Request": "true"}).content.decode()


@pytest.mark.behaviour("B-71")
def test_an_answer_that_came_late_is_said_with_how_late(cast: Cast) -> None:
    ticket = a_ticket(cast, clock.now() - 8.5 * HOURS)
    casework.add_reply(cast.lead, ticket.pk, says("Sorry."), ticket.created_at + 8.2 * HOURS)
    assert "First response missed, answered 12 min late" in text_of(client_of(cast.agent), "/desk/notices")


@pytest.mark.behaviour("B-72")
def test_a_request_that_is_theirs_no_longer_is_not_named(cast: Cast, broken: Ticket) -> None:
    assert "Warehouse sync" in text_of(client_of(cast.agent), "/desk/notices")
    cast.cloud.members.remove(cast.agent)
    Team.objects.filter(pk=cast.product.pk).update(restricted=True)
    cast.product.members.add(cast.agent)
    client = client_of(cast.agent)
    page = text_of(client, "/desk/notices")
    assert "no longer yours" in page
    for word in ("Warehouse sync", str(broken.number), "First response was"):
        assert word not in page
    answer = client.post(f"/desk/notices/{Notice.objects.get(person=cast.agent).pk}")
    assert answer.headers["Location"] == "/desk/notices"


def test_each_hears_of_their_own_notices_alone(cast: Cast) -> None:
    own, other = f"person:{cast.agent.pk}:staff", f"person:{cast.lead.pk}:staff"
    token = client_of(cast.agent).get("/desk/live", {"streams": f"{own},{other}"}).json()["token"]
    assert set(read(token).streams) == {own}
    page = text_of(client_of(cast.agent), "/desk/")
    assert f'data-live-on="{own}"' in page


def test_a_page_says_where_the_next_one_is(cast: Cast, broken: Ticket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.desk.views.notices.PAGE", 1)
    clock_actions.look(a_ticket(cast, clock.now() - 9 * HOURS, subject="Older").pk, clock.now())
    client = client_of(cast.agent)
    first = text_of(client, "/desk/notices")
    following = first.split('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
    second = text_of(client, following)
    assert ("Older" in first, "Warehouse sync" in first) == (True, False)
    assert ("Older" in second, "Warehouse sync" in second, 'rel="next"' in second) == (False, True, False)


def test_a_line_is_marked_read_as_a_whole_and_what_came_later_is_not(cast: Cast, broken: Ticket) -> None:
    casework.assign(cast.lead, broken.pk, cast.agent, cast.cloud, clock.now())
    for _ in range(3):
        casework.add_reply(cast.requester, broken.pk, says("Any news?"), clock.now())
    client = client_of(cast.agent)
    page = text_of(client, "/desk/notices")
    assert page.count("is-unread") == 1
    assert "3 messages" in page
    newest = Notice.objects.filter(person=cast.agent).latest("id").pk
    casework.add_reply(cast.requester, broken.pk, says("Any news?"), clock.now())
    client.post("/desk/notices/read", {"id": newest, "show": "unread"})
    assert Notice.objects.filter(person=cast.agent, read_at__isnull=True).count() == 1
    assert "Nobody has mentioned you" in text_of(client, "/desk/notices?show=mentions")
    client.post(f"/desk/tickets/{broken.number}/seen")
    assert "All read" in text_of(client, "/desk/notices?show=unread")
