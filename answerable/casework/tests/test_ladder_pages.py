"""Levels of a P0 or P1 page by their holders' own channels; what nobody needs any more is void; nobody reached is passed."""

from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework import ladder_actions as verbs
from answerable.casework import paging_actions as paging
from answerable.casework.ladder_actions import Stake
from answerable.casework.tests.test_ladder import stands, sweep, told
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.episodes import log_of
from answerable.lib.errors import Refused
from answerable.lib.tests.test_http import server
from answerable.notify.channel_actions import Rule, add_channel, set_rules
from answerable.notify.models import Notice
from answerable.notify.quiet import Quiet
from answerable.notify.tests.test_channels import receiver, took
from answerable.notify.wishes import wish_so
from answerable.people.absence_actions import go_away
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket, says
from tests.cast import ladder as the_policy
from tests.night import Night

__all__ = ["receiver", "server"]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def policy(cast: Cast) -> None:
    """Everybody mailed at once, and once more by mail after five minutes by a rule of the agent's own."""
    the_policy(max_open=50)


@pytest.fixture
def called_first(cast: Cast, receiver: str) -> str:
    """The agent is called at once, and mailed after five minutes."""
    bridge, _secret = add_channel(cast.agent, "webhook", "phone bridge", receiver, NOW)
    set_rules(cast.agent, [Rule(bridge.pk, 0), Rule(None, 300)], NOW)
    return receiver


def escalated(cast: Cast, severity: str = "P1", **more: Any) -> Ticket:
    """Level 1 waits: nobody is assigned, so step 0 is waived."""
    ticket = a_ticket(cast, severity=severity, **more)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    return ticket


def levels() -> list[tuple[int | None, str]]:
    return list(Alert.objects.filter(level__isnull=False).order_by("id").values_list("level", "state"))


def states(level: int) -> list[tuple[str, str]]:
    return list(Page.objects.filter(alert__level=level).order_by("id").values_list("label", "state"))


@pytest.mark.behaviour("B-414")
def test_a_level_is_a_row_for_each_attempt_person_and_channel(
    cast: Cast, policy: None, called_first: str, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    """Acknowledged and not answered for two hours, the same level is paged again."""
    ticket = escalated(cast)
    night = Night(NOW, monkeypatch, run_jobs)
    night.at(0)
    night.at(1)
    assert states(1) == [("phone bridge", "sent"), ("mail", "waiting")]
    row = Page.objects.latest("id")
    row.pk, row.uuid = None, "0" * 32
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)

    agent = Client()
    agent.force_login(cast.agent)
    alert = Alert.objects.get()
    assert f'href="/desk/alerts/{alert.pk}"' in agent.get(f"/desk/tickets/{ticket.number}/ladder").content.decode()
    agent.post(f"/desk/alerts/{alert.pk}/seen")
    assert (stands(ticket).acked_by, levels()) == (cast.agent.pk, [(1, "acked")])
    assert states(1) == [("phone bridge", "sent"), ("mail", "void")]
    night.at(60)
    assert len(took) == 1

    night.at(121.1)
    assert levels() == [(1, "open")]
    assert len(took) == 2
    rows = Page.objects.order_by("id").values_list("turn", "number", "label")
    assert list(rows) == [(0, 0, "phone bridge"), (0, 0, "mail"), (0, 1, "phone bridge"), (0, 1, "mail")]
    seen = agent.get(f"/desk/alerts/{alert.pk}").content.decode()
    assert "the ladder asks this level" in seen
    assert "the customer got no answer in time: it is paged again" in seen
    assert "page 2 · phone bridge" in seen
    assert "Page again" not in seen
    assert "It is over" not in seen


@pytest.mark.behaviour("B-414")
def test_a_p2_asks_by_list_and_mail_and_a_p1_is_not_mailed_twice(cast: Cast, policy: None) -> None:
    calm, urgent = escalated(cast, "P2"), escalated(cast, "P1")
    assert [one.ticket_id for one in Alert.objects.all()] == [urgent.pk]
    asked = {row.ticket_id: row.mail_at for row in Notice.objects.filter(person=cast.agent, data__as="page")}
    assert asked == {calm.pk: NOW, urgent.pk: None}


@pytest.mark.behaviour("B-414")
def test_where_no_page_arrives_the_next_level_is_asked_at_once(
    cast: Cast, policy: None, receiver: str, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    for person in (cast.agent, cast.admin):
        gone, _secret = add_channel(person, "webhook", "bridge", f"{receiver}410", NOW)
        set_rules(person, [Rule(gone.pk, 0)], NOW)
    ticket = escalated(cast)
    night = Night(NOW, monkeypatch, run_jobs)
    night.at(0)
    night.at(0.05)
    assert (stands(ticket).level, levels()) == (2, [(1, "resolved"), (2, "open")])
    assert [row.cause for row in log_of(ticket.pk) if row.kind == "raised"] == ["asked", "unreached"]
    # On the top nobody is above: leads and administrators read it in their lists.
    verbs.acknowledge(cast.lead, ticket.pk, NOW + MINUTE)
    verbs.raise_level(cast.csm, ticket.pk, "they called", NOW + 2 * MINUTE)
    night.at(2)
    night.at(2.05)
    assert levels()[-1] == (3, "open")
    assert Notice.objects.filter(kind="alert_out", person=cast.admin).count() == 1


@pytest.mark.behaviour("B-415")
@pytest.mark.parametrize(
    ("what", "why"),
    [
        ("up", "the ladder went on"),
        ("solved", "the escalation is over"),
        ("answered", "somebody has seen it"),
        ("lower", "neither P0 nor P1 any more"),
        ("lapse", "the ladder went on"),
    ],
)
def test_what_has_not_left_is_void_once_nobody_needs_it(
    cast: Cast, policy: None, called_first: str, what: str, why: str
) -> None:
    ticket, at = escalated(cast), NOW + MINUTE
    assert states(1) == [("phone bridge", "waiting"), ("mail", "waiting")]
    if what == "up":
        verbs.open_level(ticket.pk, 2, "breach", at)
    elif what == "solved":
        casework.set_status(cast.agent, ticket.pk, "solved", at)
    elif what == "answered":
        casework.add_reply(cast.agent, ticket.pk, says("Here."), at)
    elif what == "lower":
        casework.determine_severity(cast.agent, ticket.pk, "P2", "One report.", at)
    else:
        sweep(NOW + 31 * MINUTE)
    assert states(1) == [("phone bridge", "void"), ("mail", "void")]
    assert set(Page.objects.filter(alert__level=1).values_list("result", flat=True)) == {why}
    assert took == []


@pytest.mark.behaviour("B-414")
def test_quiet_hours_hold_no_page_back(
    cast: Cast, policy: None, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    all_day = Quiet("UTC", time(0), time(23, 59), frozenset(range(7)))
    for person in (cast.agent, cast.admin):
        wish_so(person, {}, all_day, "UTC", NOW)
    escalated(cast, "P0")
    Night(NOW, monkeypatch, run_jobs).at(0)
    # By the ladder the agent; by the alert of the P0, whose team has neither policy nor leads, the administrator.
    sent = Page.objects.filter(state="sent").values_list("alert__level", "person__email")
    assert set(sent) == {(1, cast.agent.email), (None, cast.admin.email)}


def test_taken_back_its_pages_are_void_and_a_second_climb_counts_on(cast: Cast, policy: None) -> None:
    ticket = escalated(cast)
    verbs.raise_level(cast.csm, ticket.pk, "they called", NOW + MINUTE)
    verbs.lower(cast.csm, ticket.pk, 1, "the agent has it", NOW + 2 * MINUTE)
    assert levels() == [(1, "resolved"), (2, "resolved")]
    verbs.raise_level(cast.csm, ticket.pk, "they called again", NOW + 3 * MINUTE)
    assert levels()[-1] == (2, "open")
    numbers = Page.objects.filter(alert__level=2).order_by("id").values_list("number", "state")
    assert list(numbers) == [(0, "void"), (1, "waiting")]


def test_raised_to_p0_while_somebody_is_waited_for_whoever_was_asked_is_paged(cast: Cast, policy: None) -> None:
    ticket = escalated(cast, "P2")
    casework.determine_severity(cast.agent, ticket.pk, "P0", "It is everything.", NOW + MINUTE)
    assert levels() == [(1, "open")]
    assert states(1) == [("mail", "waiting")]
    # One that nobody climbed has an alert as a P0, and none of the ladder.
    other = a_ticket(cast)
    casework.determine_severity(cast.agent, other.pk, "P1", "Worse.", NOW + MINUTE)
    assert not Alert.objects.filter(ticket_id=other.pk).exists()


def test_who_may_acknowledge_is_the_ladders_affair(cast: Cast) -> None:
    the_policy(levels=[{"name": "First", "people": ["agent@vendor.test", "csm@vendor.test"]}])
    ticket = escalated(cast)
    alert = Alert.objects.get()
    for person in (cast.csm, cast.lead, cast.admin):
        assert paging.acknowledge(person, alert.pk, "link", NOW + MINUTE).outcome == "not_allowed"
    for verb in (paging.page_again, paging.resolve):
        with pytest.raises(Refused, match="ladder moves this one"):
            verb(cast.agent, alert.pk, NOW + MINUTE)
    assert stands(ticket).waiting_for_ack
    assert paging.acknowledge(cast.agent, alert.pk, "link", NOW + MINUTE).outcome == ""
    assert paging.acknowledge(cast.agent, alert.pk, "link", NOW + 2 * MINUTE).outcome == "seen"
    assert AlertEntry.objects.get(kind="acked").data == {"how": "link"}


def test_on_the_top_the_contacts_are_paged_too_and_nobody_twice(cast: Cast) -> None:
    top = [{"name": "Top", "people": ["lead@vendor.test"]}]
    the_policy(levels=top, fallback=["lead@vendor.test", "admin@vendor.test"], max_repeats=1, repeat_every=900)
    escalated(cast)
    for minutes in (16, 32):
        sweep(NOW + minutes * MINUTE)
    rows = Page.objects.order_by("id").values_list("turn", "number", "person__email")
    assert list(rows) == [
        (0, 0, "lead@vendor.test"),
        (0, 1, "lead@vendor.test"),
        (0, 2, "lead@vendor.test"),
        (1, 0, "admin@vendor.test"),
    ]


@pytest.mark.behaviour("B-375")
def test_after_an_hour_without_workers_the_next_level_is_paged_once_and_both_sides_read_how_late(
    cast: Cast, policy: None, called_first: str, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    ticket = escalated(cast)
    night = Night(NOW, monkeypatch, run_jobs)
    night.at(0)
    night.at(91)
    assert (stands(ticket).level, stands(ticket).due_at) == (2, NOW + 121 * MINUTE)
    assert states(1) == [("phone bridge", "sent"), ("mail", "void")]
    assert states(2) == [("mail", "sent")]
    customer = Client()
    customer.force_login(cast.requester)
    seen = customer.get(f"/requests/{ticket.number}").content.decode()
    assert "it went to level 2, Director, Support (noticed 1 hour late)" in seen


@pytest.mark.behaviour("B-376")
def test_edge_case_29_a_level_whose_holders_left_meanwhile_is_passed_in_the_same_second(
    cast: Cast, policy: None, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    ticket = escalated(cast)
    go_away(cast.lead, cast.lead, NOW + timedelta(days=1), NOW)
    night = Night(NOW, monkeypatch, run_jobs)
    night.at(30.1)
    assert stands(ticket).level == 3
    assert [row.level for row in log_of(ticket.pk) if row.kind == "empty"] == [2]
    assert states(3) == [("mail", "sent")]
    assert told(cast.admin, "page") == 1
