"""Lists: what a view holds, what its count says, and that paging neither skips nor repeats."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.people.models import Team
from answerable.tickets import queries
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket, says


def in_every_state(cast: Cast) -> None:
    for n in range(3):
        a_ticket(cast, NOW + timedelta(minutes=n), severity="P0", team=cast.product)
    waiting, mine, solved = (a_ticket(cast, NOW) for _ in range(3))
    casework.add_reply(cast.lead, waiting.pk, says("?"), NOW, casework.Next(status="pending"))
    casework.assign(cast.agent, mine.pk, cast.agent, cast.cloud, NOW)
    casework.add_reply(cast.lead, solved.pk, says("!"), NOW, casework.Next(status="solved"))
    a_ticket(cast, NOW)


@pytest.mark.parametrize("restricted", [False, True])
def test_each_count_is_what_its_view_shows(cast: Cast, restricted: bool) -> None:
    in_every_state(cast)
    Team.objects.filter(key="cloud").update(restricted=restricted)
    at = NOW + timedelta(minutes=31)
    for person in (cast.agent, cast.admin):
        person.__dict__.pop("_teams_of", None)
        found = queries.counts(person, at)
        for view in ("risk", "mine", "unassigned", "waiting", "all"):
            assert found[view] == len(queries.queue(person, view, None, at).rows), (view, person)
    found = queries.counts(cast.agent, at)
    assert (found["waiting"], found["mine"], found["unassigned"]) == (1, 1, 1)
    assert (found["all"], found["broken"]) == ((3, 0) if restricted else (6, 1))


def test_a_queue_is_ordered_by_the_next_promise_and_pages_without_gaps(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for n in range(5):
        a_ticket(cast, NOW + timedelta(minutes=n % 2), severity="P1")
    a_ticket(cast, NOW, severity="P0")
    shown, cursor = [], None
    for _ in range(10):
        page = queries.queue(cast.agent, "all", cursor, NOW)
        shown += [row.id for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    expected = list(Ticket.objects.order_by("next_due_at", "id").values_list("pk", flat=True))
    assert shown == expected
    assert len(shown) == 6


@pytest.mark.parametrize(("path", "most"), [("/desk/", 6), ("ticket", 12), ("/my/requests", 6), ("request", 12)])
def test_pages_keep_their_budget_of_queries(cast: Cast, path: str, most: int) -> None:
    in_every_state(cast)
    number = Ticket.objects.latest("id").number
    client = Client()
    client.force_login(cast.requester if "my" in path or path == "request" else cast.agent)
    path = {"ticket": f"/desk/tickets/{number}", "request": f"/requests/{number}"}.get(path, path)
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path).status_code == 200
    assert len(asked) <= most, [one["sql"] for one in asked.captured_queries]
