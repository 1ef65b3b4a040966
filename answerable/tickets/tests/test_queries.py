"""What pages of a ticket are made of, held to what the models say."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.people.models import Person
from answerable.tickets import entry_queries, queries
from answerable.tickets.history import sentence
from answerable.tickets.models import Attachment, Event, Reply, Ticket
from tests.cast import NOW, Cast, a_file, a_ticket, says


def in_every_state(cast: Cast) -> None:
    for n in range(3):
        a_ticket(cast, NOW + timedelta(minutes=n), severity="P0", team=cast.product)
    waiting, mine, solved = (a_ticket(cast, NOW) for _ in range(3))
    casework.add_reply(cast.lead, waiting.pk, says("?"), NOW, casework.Next(status="pending"))
    casework.assign(cast.agent, mine.pk, cast.agent, cast.cloud, NOW)
    casework.add_reply(cast.lead, solved.pk, says("!"), NOW, casework.Next(status="solved"))
    a_ticket(cast, NOW)


OPEN = Q(status__in=["new", "open", "pending", "hold"])


def test_a_conversation_is_what_was_stored(cast: Cast) -> None:
    ticket = a_ticket(cast)
    files = (a_file("b.txt", b"bb"), a_file("a.txt", b"a"))
    casework.add_reply(cast.colleague, ticket.pk, says("Twice.", files=files), NOW)
    casework.add_reply(cast.agent, ticket.pk, replace(says("new"), text="new\n> old"), NOW + timedelta(minutes=1))
    Person.objects.filter(pk=cast.colleague.pk).update(name="")
    rows = list(Reply.objects.filter(ticket=ticket).select_related("author").order_by("id"))
    entries = entry_queries.replies(ticket)
    assert [(e.id, e.author, e.from_staff, e.channel, e.at, e.html) for e in entries] == [
        (r.pk, r.author.label, r.from_staff, r.channel, r.at, r.html) for r in rows
    ]
    assert [(e.has_more, e.text, e.new_text) for e in entries] == [(False, "", "")] * 2 + [(True, "new\n> old", "new")]
    assert [[(f.name, f.size, f.position) for f in e.files] for e in entries] == [
        [], [("b.txt", 2, 0), ("a.txt", 1, 1)], [],
    ]  # fmt: skip
    ids = [pk for e in entries for pk, *_ in e.files]
    assert ids == list(Attachment.objects.order_by("position").values_list("pk", flat=True))


def test_a_history_is_the_events_in_their_order(cast: Cast) -> None:
    ticket = a_ticket(cast, NOW + timedelta(hours=1))
    casework.determine_severity(cast.agent, ticket.pk, "P1", "it burns", NOW + timedelta(hours=2))
    casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, NOW + timedelta(hours=2))
    for staff in (True, False):
        events = Event.objects.filter(ticket=ticket).order_by("occurred_at", "id")
        said = [
            (e.pk, e.occurred_at, text, e.kind)
            for e in events
            if (text := sentence(e.kind, e.data, e.actor_label, staff=staff))
        ]
        assert queries.history(ticket, staff=staff) == said
        assert len(said) == 2 + staff


def test_open_requests_of_an_organization_are_counted(cast: Cast) -> None:
    in_every_state(cast)
    a_ticket(cast, NOW, organization=cast.other_org, requester=cast.stranger)
    for organization in (cast.org, cast.other_org):
        assert queries.open_count(organization) == Ticket.objects.filter(OPEN, organization=organization).count() > 0


# The ticket page has one for what its reader has begun to write.
@pytest.mark.parametrize(("path", "most"), [("/desk/", 6), ("ticket", 12 + 1), ("/my/requests", 6), ("request", 12)])
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
