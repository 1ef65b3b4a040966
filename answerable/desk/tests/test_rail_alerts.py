"""The foot of the rail counts alerts that nobody has seen; it is fetched, so that no page waits for it."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import paging_actions as paging
from answerable.desk.tests.test_alerts import night
from answerable.escalation.alert_queries import unanswered
from answerable.escalation.alerts import Alert
from answerable.lib import clock
from answerable.people.models import Person
from answerable.tickets.models import Ticket
from tests.cast import Cast, a_ticket

__all__ = ["night"]


def foot(person: Person) -> str:
    client = Client()
    client.force_login(person)
    return " ".join(client.get("/desk/shift-now").content.decode().split())


@pytest.mark.behaviour("B-418")
def test_the_foot_of_the_rail_counts_what_nobody_has_seen(cast: Cast, night: Ticket) -> None:
    mine = Alert.objects.get()
    a_ticket(cast, severity="P0", now=clock.now())
    seen = foot(cast.agent)
    assert f'href="/desk/alerts/{mine.pk}"><span class="rail-name">Alerts for me</span> <span>1</span>' in seen
    assert "All alerts</span> <span>2</span>" in seen
    assert "Alerts for me" not in foot(cast.csm)
    paging.acknowledge(cast.agent, mine.pk, "desk", clock.now())
    assert "Alerts for me" not in foot(cast.agent)
    with CaptureQueriesContext(connection) as asked:
        found = unanswered(cast.lead, 0)
    assert (len(asked), found.count, found.mine) == (1, 1, ())
