"""Lists: what a view holds, what its count says, and that paging neither skips nor repeats."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product

import pytest
from django.db import connection
from django.db.models import Q
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.people.models import Person, Team
from answerable.tickets import access, entry_queries, queries
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


OPEN = Q(status__in=["new", "open", "pending", "hold"])


def meant(person: Person, now: datetime) -> dict[str, Q]:
    """The views again, in the words of the models."""
    return {
        "risk": OPEN & Q(next_due_at__lt=now + timedelta(hours=1)),
        "broken": OPEN & Q(next_due_at__lt=now),
        "mine": OPEN & Q(assignee=person),
        "unassigned": OPEN & Q(assignee__isnull=True, team__members=person),
        "waiting": Q(status="pending"),
        "all": OPEN,
        "solved": Q(status="solved"),
    }


@pytest.mark.parametrize("restricted", [False, True])
def test_a_view_holds_what_it_means(cast: Cast, restricted: bool) -> None:
    in_every_state(cast)
    a_ticket(cast, NOW, organization=None, requester=cast.stranger, team=None)
    Person.objects.filter(pk=cast.stranger.pk).update(name="")
    Team.objects.filter(key="cloud").update(restricted=restricted)
    for person, minutes in product((cast.agent, cast.lead, cast.admin), (0, 29, 30, 31, 481)):
        at = NOW + timedelta(minutes=minutes)
        found = queries.counts(person, at)
        for view, condition in meant(person, at).items():
            tickets = access.visible_to(person, at).filter(condition)
            if view != "solved":
                assert found[view] == tickets.count()
            if view != "broken":
                rows = queries.queue(person, view, None, at).rows
                assert {row.id for row in rows} == set(tickets.values_list("pk", flat=True))
                assert all(row == as_row(Ticket.objects.get(pk=row.id)) for row in rows)


def as_row(ticket: Ticket) -> queries.Row:
    return queries.Row(
        id=ticket.pk,
        number=ticket.number,
        subject=ticket.subject,
        preview=ticket.preview,
        severity=ticket.severity,
        provisional=ticket.severity_determined_at is None,
        status=ticket.status,
        organization=ticket.organization.name if ticket.organization else "",
        requester=ticket.requester.label,
        assignee=ticket.assignee.name if ticket.assignee else "",
        waits=ticket.waits_for,
        next_due_at=ticket.due_at,
        promise_metric=ticket.promise_metric,
        promise_start_at=ticket.promise_start_at,
        updated_at=ticket.updated_at,
        created_at=ticket.created_at,
    )


def test_solved_ones_page_by_latest_activity_without_gaps(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE", 2)
    for n in range(5):
        casework.set_status(cast.lead, a_ticket(cast, NOW).pk, "solved", NOW + timedelta(minutes=n % 2))
    shown, cursor = [], None
    for _ in range(5):
        page = queries.queue(cast.agent, "solved", cursor, NOW)
        shown += [row.id for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    assert shown == list(Ticket.objects.order_by("-updated_at", "-id").values_list("pk", flat=True))
    assert len(shown) == 5


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
