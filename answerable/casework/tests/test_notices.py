"""Notices of promises: to whom, once, and never to somebody who may not see the request."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework import cc_actions, clock_actions
from answerable.lib.fresh import forget_all
from answerable.notify import notice_queries as queries
from answerable.notify.actions import mark_read, tell
from answerable.notify.models import Notice
from answerable.people.models import Person, Team
from answerable.sla.models import Emission, Terms
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket, assemble, says

LATE = NOW + timedelta(hours=8, seconds=1)


def warn(*labels: str) -> None:
    """The policy in force gives these warnings."""
    Terms.objects.update(rules={"warnings": list(labels)})
    forget_all()


def told(kind: str) -> list[Person]:
    """Who was told, as often as they were."""
    rows = Notice.objects.filter(kind=kind).select_related("person").order_by("person__email")
    return [row.person for row in rows]


def test_a_breach_is_told_to_the_assignee_the_team_and_the_csm(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.assign(cast.admin, ticket.pk, cast.lead, cast.cloud, NOW)
    clock_actions.look(ticket.pk, LATE)
    assert told("breach") == [cast.agent, cast.csm, cast.lead]
    row = Notice.objects.get(person=cast.lead, kind="breach")
    emission = Emission.objects.get()
    assert (row.key, row.ticket_id, row.at, row.read_at) == (f"emission:{emission.pk}", ticket.pk, LATE, None)
    assert row.data == {
        "number": ticket.number,
        "metric": "first_response",
        "due_at": (NOW + timedelta(hours=8)).isoformat(),
        "at": (NOW + timedelta(hours=8)).isoformat(),
        "answered_at": None,
        "threshold": "",
    }


def test_each_person_is_told_once_also_in_two_roles(cast: Cast) -> None:
    ticket = a_ticket(cast)
    cast.cloud.members.add(cast.csm)
    casework.assign(cast.agent, ticket.pk, cast.csm, cast.cloud, NOW)
    clock_actions.look(ticket.pk, LATE)
    assert told("breach") == [cast.agent, cast.csm]


def test_who_left_or_is_no_staff_is_not_told(cast: Cast) -> None:
    ticket = a_ticket(cast)
    cast.cloud.members.add(cast.requester)
    Person.objects.filter(pk=cast.agent.pk).update(is_active=False)
    clock_actions.look(ticket.pk, LATE)
    assert told("breach") == [cast.csm]


def test_a_request_of_nobody_is_told_to_nobody(cast: Cast) -> None:
    ticket = a_ticket(cast, team=None, organization=None)
    clock_actions.look(ticket.pk, LATE)
    assert Emission.objects.count() == 1
    assert not Notice.objects.exists()


@pytest.mark.parametrize("restricted", [False, True])
@pytest.mark.behaviour("B-72")
def test_nobody_is_told_of_a_request_that_they_may_not_see(cast: Cast, restricted: bool) -> None:
    """The organization's contact is an agent of another team: told unless that team shuts them in."""
    other = Person.objects.get(pk=cast.admin.pk)
    Person.objects.filter(pk=other.pk).update(role="agent")
    cast.product.members.add(other)
    Team.objects.filter(pk=cast.product.pk).update(restricted=restricted)
    cast.org.csm = other
    cast.org.save()
    clock_actions.look(a_ticket(cast).pk, LATE)
    assert told("breach") == ([cast.agent] if restricted else [other, cast.agent])


def test_warnings_are_told_each_at_its_time(cast: Cast) -> None:
    warn("25%", "1800s")
    ticket = a_ticket(cast)
    moments = [timedelta(hours=5, minutes=59), timedelta(hours=6), timedelta(hours=7), timedelta(hours=7, minutes=30)]
    counts = []
    for after in moments:
        clock_actions.look(ticket.pk, NOW + after)
        counts.append(Notice.objects.filter(person=cast.agent, kind="warning").count())
    assert counts == [0, 1, 1, 2]
    thresholds = Notice.objects.filter(person=cast.agent).order_by("id").values_list("data__threshold", flat=True)
    assert list(thresholds) == ["25%", "1800s"]


def test_thresholds_that_are_reached_together_are_one_notice(cast: Cast) -> None:
    """A quarter of two hours is half an hour."""
    warn("25%", "1800s")
    ticket = a_ticket(cast, severity="P1")
    clock_actions.look(ticket.pk, NOW + timedelta(minutes=90))
    assert Emission.objects.filter(kind="warning").count() == 2
    assert told("warning") == [cast.agent, cast.csm]


def test_an_answer_in_time_is_told_to_nobody(cast: Cast) -> None:
    warn("25%")
    ticket = a_ticket(cast)
    casework.add_reply(cast.lead, ticket.pk, says("Looking."), NOW + timedelta(hours=1))
    clock_actions.look(ticket.pk, LATE)
    assert not Notice.objects.exists()


@pytest.mark.behaviour("B-71")
def test_a_breach_that_is_found_after_the_answer_says_how_late_that_was(cast: Cast) -> None:
    ticket = a_ticket(cast)
    answered = NOW + timedelta(hours=8, minutes=12)
    casework.add_reply(cast.lead, ticket.pk, says("Sorry."), answered)
    row = Notice.objects.get(person=cast.agent, kind="breach")
    assert (row.data["due_at"], row.data["answered_at"]) == (
        (NOW + timedelta(hours=8)).isoformat(),
        answered.isoformat(),
    )


@pytest.mark.behaviour("B-70")
def test_several_workers_tell_it_once(real_transactions: None) -> None:
    cast = assemble()
    warn("25%")
    ticket = a_ticket(cast)
    for kind, at in [("warning", NOW + timedelta(hours=7)), ("breach", LATE)]:
        _find_it_at_once(ticket, at)
        assert told(kind) == [cast.agent, cast.csm]
    assert Emission.objects.count() == 2


def _find_it_at_once(ticket: Ticket, at: datetime) -> None:
    ready = Barrier(4)

    def worker(_: int) -> None:
        try:
            ready.wait(timeout=10)
            clock_actions.look(ticket.pk, at)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(worker, range(4)))


def test_what_fails_to_be_stored_is_told_to_nobody(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The emission and its notices stand or fall together."""
    ticket = a_ticket(cast)

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("answerable.casework.settle.publish_many", broken)
    with pytest.raises(RuntimeError):
        clock_actions.look(ticket.pk, LATE)
    assert not Emission.objects.exists()
    assert not Notice.objects.exists()
    monkeypatch.undo()
    clock_actions.look(ticket.pk, LATE)
    assert told("breach") == [cast.agent, cast.csm]


def test_telling_the_same_twice_is_once(cast: Cast) -> None:
    for _ in range(2):
        tell([Notice(person=cast.agent, kind="breach", key="emission:1", at=NOW)])
    assert Notice.objects.count() == 1


def test_unread_ones_are_counted_to_the_cap_and_broken_promises_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "UNREAD_CAP", 3)
    tell([Notice(person=cast.agent, kind="breach", key="b", at=NOW)])
    tell([Notice(person=cast.agent, kind="warning", key=str(n), at=NOW) for n in range(5)])
    found = queries.unread(cast.agent)
    assert (found.shown, found.broken_shown) == ("3+", "1")
    mark_read(cast.agent, None, NOW)
    assert queries.unread(cast.agent) == queries.Unread(0, 0)
    assert queries.unread(cast.lead) == queries.Unread(0, 0)


def test_unread_ones_come_first_and_pages_neither_skip_nor_repeat(cast: Cast) -> None:
    tell([Notice(person=cast.agent, kind="warning", key=str(n), at=NOW) for n in range(7)])
    tell([Notice(person=cast.lead, kind="warning", key="other", at=NOW)])
    ids = list(Notice.objects.filter(person=cast.agent).order_by("-id").values_list("pk", flat=True))
    read = ids[0::2]
    mark_read(cast.agent, read, NOW)
    for size in (1, 2, 3, 4, 7, 20):
        shown: list[int] = []
        place, pages = None, 0
        while True:
            rows, place = queries.lines(cast.agent, place, size)
            shown += [row.id for row in rows]
            pages += 1
            if place is None:
                break
            place = queries.read_place(str(place))
        assert shown == [*ids[1::2], *read], size
        assert pages == -(-7 // size)


def test_marking_read_stops_at_what_was_shown_and_at_the_persons_own(cast: Cast) -> None:
    tell([Notice(person=one, kind="warning", key="1", at=NOW) for one in (cast.agent, cast.lead)])
    shown = Notice.objects.get(person=cast.agent).pk
    tell([Notice(person=cast.agent, kind="breach", key="2", at=NOW)])
    mark_read(cast.agent, None, NOW, until=shown)
    assert list(Notice.objects.filter(read_at__isnull=False).values_list("pk", flat=True)) == [shown]
    mark_read(cast.lead, [Notice.objects.get(key="2").pk], NOW)
    assert queries.unread(cast.agent) == queries.Unread(1, 1)


@pytest.mark.parametrize("text", ["", "new", "old-1", "new--1", "new-x", "read-" + "9" * 30])
def test_a_mangled_place_is_the_first_page(text: str) -> None:
    assert queries.read_place(text) is None


def test_the_assignee_hears_what_a_customer_states_once_staff_have_determined(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.assign(cast.lead, ticket.pk, cast.agent, None, NOW)
    casework.state_severity(cast.requester, ticket.pk, "P1", "", NOW)
    assert not told("stated")  # it counted at once
    casework.determine_severity(cast.lead, ticket.pk, "P2", "a way around exists", NOW)
    casework.state_severity(cast.lead, ticket.pk, "P2", "", NOW)
    assert not told("stated")
    for _ in range(2):
        casework.state_severity(cast.requester, ticket.pk, "P0", "the board meets", NOW)
    assert told("stated") == [cast.agent, cast.agent]
    client = Client()
    client.force_login(cast.agent)
    page = client.get(reverse("desk:notices")).content.decode()
    assert "Elin Berg states P0; your team has determined the severity" in page
    cc_actions.ask_for_cc(cast.reader, ticket.pk, NOW)
    assert told("asked") == [cast.agent]
    assert "J. Holm asks to be CC&#39;d" in client.get(reverse("desk:notices")).content.decode()
    # Without an assignee, those who have the page open see it there.
    other = a_ticket(cast)
    cc_actions.ask_for_cc(cast.reader, other.pk, NOW)
    assert told("asked") == [cast.agent]
