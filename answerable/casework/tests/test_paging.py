"""A P0 pages, whatever way it came; who answers is seen by everybody; what is over pages nobody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError

from answerable.casework import actions as casework
from answerable.casework import paging_actions as paging
from answerable.casework.page_links import page_token
from answerable.escalation import page_actions
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.notify import channel_actions
from answerable.notify.kinds import Wish
from answerable.notify.models import Delivery, Notice
from answerable.notify.wishes import wish_so
from answerable.people.absence_actions import go_away
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets.models import Event, Ticket
from tests.cast import NOW, Cast, a_ticket

MINUTE = timedelta(minutes=1)


@pytest.fixture
def policy(cast: Cast) -> Callable[..., None]:
    """The agent, then the lead, ten minutes each."""

    def put(*steps: str, team: str = "cloud", **more: Any) -> None:
        names = steps or (cast.agent.email, cast.lead.email)
        plan = Plan(tuple(Step((name,), 600) for name in names), **more)
        apply_paging([PagingSpec("night", plan, (team,))], NOW)

    put()
    return put


def p0(cast: Cast, now: datetime = NOW, **more: Any) -> Ticket:
    return a_ticket(cast, severity="P0", team=cast.cloud, now=now, **more)


def page(now: datetime) -> None:
    """What the jobs of a second do."""
    paging.page_due(now)

    def at_once(ids: list[int]) -> None:
        for pk in ids:
            paging.send_page(pk, now)

    paging.hand_over(at_once, now)
    paging.act_on_exhausted(None, now)


def paged() -> list[tuple[int, str]]:
    return [(row.number, row.person.name) for row in Page.objects.order_by("id").select_related("person")]


@pytest.mark.behaviour("B-358")
def test_a_new_p0_raises_an_alert_and_pages_the_first_step(cast: Cast, policy: Callable[..., None]) -> None:
    ticket = p0(cast)
    alert = Alert.objects.get()
    assert (alert.state, alert.policy, alert.team, alert.source) == ("open", "night", cast.cloud, f"ticket:{ticket.pk}")
    assert ticket.subject not in alert.title
    page(NOW)
    assert paged() == [(0, "Tomas Kral")]
    mail = Delivery.objects.get(kind="page")
    assert (mail.address, mail.ticket_id) == (cast.agent.email, None)
    assert mail.headers["reply_to"].startswith("ack+")
    page(NOW + timedelta(seconds=1))
    assert len(paged()) == 1
    page(NOW + 5 * MINUTE)
    page(NOW + 10 * MINUTE)
    assert paged() == [(0, "Tomas Kral"), (1, "Tomas Kral"), (2, "Priya Nair")]


def test_nothing_else_pages(cast: Cast, policy: Callable[..., None]) -> None:
    a_ticket(cast, severity="P1", team=cast.cloud)
    a_ticket(cast, severity="P0", team=cast.cloud, channel="import")
    assert not Alert.objects.exists()


@pytest.mark.behaviour("B-358")
def test_one_that_is_stated_or_determined_p0_pages_and_one_that_is_lowered_or_solved_does_not(
    cast: Cast, policy: Callable[..., None]
) -> None:
    ticket = a_ticket(cast, team=cast.cloud)
    casework.state_severity(cast.requester, ticket.pk, "P0", "Everything is down.", NOW)
    alert = Alert.objects.get(state="open")
    casework.state_severity(cast.requester, ticket.pk, "P0", "Still.", NOW)
    assert Alert.objects.count() == 1
    page(NOW)
    casework.determine_severity(cast.agent, ticket.pk, "P2", "One report is slow.", NOW + MINUTE)
    alert.refresh_from_db()
    assert (alert.state, alert.due_at) == ("resolved", None)
    page(NOW + 20 * MINUTE)
    assert len(paged()) == 1

    casework.determine_severity(cast.agent, ticket.pk, "P0", "It is everything.", NOW + 2 * MINUTE)
    again = Alert.objects.get(state="open")
    casework.set_status(cast.agent, ticket.pk, "solved", NOW + 3 * MINUTE)
    again.refresh_from_db()
    assert again.state == "resolved"
    casework.set_status(cast.requester, ticket.pk, "open", NOW + 4 * MINUTE)
    assert Alert.objects.filter(state="open").count() == 1


def test_pages_that_have_not_left_are_void(cast: Cast, policy: Callable[..., None]) -> None:
    ticket = p0(cast)
    paging.page_due(NOW)
    casework.set_status(cast.agent, ticket.pk, "solved", NOW)
    assert Page.objects.get().state == "void"
    assert not Delivery.objects.filter(kind="page").exists()


def test_a_mail_that_waits_for_its_relay_is_not_sent_any_more_once_somebody_has_it(
    cast: Cast, policy: Callable[..., None], run_jobs: Callable[[], int]
) -> None:
    p0(cast)
    page(NOW)
    paging.acknowledge(cast.agent, Alert.objects.get().pk, "desk", NOW)
    run_jobs()
    assert Delivery.objects.get(kind="page").state == "suppressed"
    assert Page.objects.get().state == "void"


@pytest.mark.behaviour("B-359")
def test_who_was_paged_may_answer_once_and_everybody_on_the_request_reads_it(
    cast: Cast, policy: Callable[..., None]
) -> None:
    ticket = p0(cast)
    alert = Alert.objects.get()
    page(NOW)
    with pytest.raises(Refused):
        paging.acknowledge_at_desk(cast.csm, alert.pk, NOW + MINUTE)
    due = Ticket.objects.get(pk=ticket.pk).next_due_at
    assert paging.acknowledge_at_desk(cast.agent, alert.pk, NOW + MINUTE).outcome == ""
    assert paging.acknowledge_at_desk(cast.lead, alert.pk, NOW + 2 * MINUTE).outcome == "seen"
    alert.refresh_from_db()
    assert (alert.state, alert.acked_by, alert.acked_at) == ("acked", cast.agent, NOW + MINUTE)
    told = Event.objects.get(ticket=ticket, kind="alert_acked")
    assert told.data["label"] == "Tomas Kral"
    # It keeps no promise.
    assert Ticket.objects.get(pk=ticket.pk).next_due_at == due
    page(NOW + 30 * MINUTE)
    assert len(paged()) == 1


def test_after_the_hand_off_who_was_paged_may_still_answer_and_so_may_who_is_next(
    cast: Cast, policy: Callable[..., None]
) -> None:
    p0(cast)
    page(NOW)
    alert = Alert.objects.get()
    Alert.objects.filter(pk=alert.pk).update(
        plan={"steps": [{"who": [cast.lead.email], "wait": 600}], "every": 300, "rounds": 1}
    )
    assert paging.acknowledge(cast.csm, alert.pk, "desk", NOW).outcome == "not_allowed"
    assert paging.acknowledge(cast.lead, alert.pk, "desk", NOW).outcome == ""
    paging.page_again(cast.lead, alert.pk, NOW)
    assert paging.acknowledge(cast.agent, alert.pk, "desk", NOW).outcome == ""


def test_paged_again_after_all(cast: Cast, policy: Callable[..., None]) -> None:
    ticket = p0(cast)
    alert = Alert.objects.get()
    page(NOW)
    paging.acknowledge(cast.agent, alert.pk, "desk", NOW)
    paging.page_again(cast.agent, alert.pk, NOW + MINUTE)
    page(NOW + MINUTE)
    assert paged() == [(0, "Tomas Kral"), (1, "Tomas Kral")]
    assert Event.objects.filter(ticket=ticket, kind="alert_reopened").exists()
    paging.resolve(cast.agent, alert.pk, NOW + 2 * MINUTE)
    assert paging.acknowledge(cast.agent, alert.pk, "desk", NOW).outcome == "over"


@pytest.mark.behaviour("B-356")
def test_nobody_there_is_passed_at_once_and_run_out_is_said(cast: Cast, policy: Callable[..., None]) -> None:
    policy("nobody@vendor.test", cast.requester.email, cast.lead.email)
    ticket = p0(cast)
    page(NOW)
    assert paged() == [(0, "Priya Nair")]
    page(NOW + 5 * MINUTE)
    page(NOW + 10 * MINUTE)
    assert Event.objects.filter(ticket=ticket, kind="alert_out").count() == 1
    assert {row.person for row in Notice.objects.filter(kind="alert_out")} == {cast.admin}
    page(NOW + 15 * MINUTE)
    assert len(paged()) == 4
    assert Event.objects.filter(ticket=ticket, kind="alert_out").count() == 1


def test_when_it_has_run_out_the_ladder_is_asked_once(cast: Cast, policy: Callable[..., None]) -> None:
    policy("nobody@vendor.test")
    ticket = p0(cast)
    opened: list[Any] = []
    paging.page_due(NOW)
    for _ in range(2):
        paging.act_on_exhausted(lambda *given: opened.append(given), NOW)
    assert opened == [(ticket.pk, 1, "paging", NOW)]


@pytest.mark.behaviour("B-361")
def test_without_a_policy_the_leads_and_then_administrators_are_paged(cast: Cast) -> None:
    cast.cloud.members.add(cast.lead)
    p0(cast)
    page(NOW)
    page(NOW + 10 * MINUTE)
    assert paged() == [(0, "Priya Nair"), (1, "Ada Lind")]


@pytest.mark.behaviour("B-361")
def test_without_a_team_the_p0_team_is_paged(cast: Cast, policy: Callable[..., None]) -> None:
    vendor().settings["p0_team"] = "cloud"
    a_ticket(cast, severity="P0", team=None)
    forget_all()
    page(NOW)
    assert paged() == [(0, "Tomas Kral")]


def test_away_is_nobody(cast: Cast, policy: Callable[..., None]) -> None:
    go_away(cast.agent, cast.agent, NOW + timedelta(days=1), NOW)
    p0(cast)
    page(NOW)
    assert paged() == [(0, "Priya Nair")]


@pytest.mark.behaviour("B-357")
def test_after_an_hour_without_workers_the_log_says_so_and_nothing_is_made_up_for(
    cast: Cast, policy: Callable[..., None]
) -> None:
    p0(cast)
    page(NOW)
    page(NOW + 60 * MINUTE)
    assert paged() == [(0, "Tomas Kral"), (1, "Priya Nair")]
    kinds = list(AlertEntry.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["raised", "paged", "late", "passed", "passed", "exhausted", "paged"]


def test_the_log_cannot_be_changed(cast: Cast, policy: Callable[..., None]) -> None:
    p0(cast)
    with pytest.raises(DatabaseError, match="append-only"):
        AlertEntry.objects.update(kind="acked")


@pytest.mark.behaviour("B-359")
def test_the_link_is_good_for_its_person_and_for_a_day(cast: Cast, policy: Callable[..., None]) -> None:
    p0(cast)
    page(NOW)
    alert = Alert.objects.get()
    token = page_token(alert.pk, cast.agent.pk, NOW)
    for bad in (token[:-2], page_token(alert.pk, cast.requester.pk, NOW), page_token(999, cast.agent.pk, NOW)):
        with pytest.raises(Refused):
            paging.acknowledge_by_link(bad, NOW)
    with pytest.raises(Refused):
        paging.acknowledge_by_link(token, NOW + timedelta(hours=24, seconds=1))
    assert paging.acknowledge_by_link(token, NOW + MINUTE).outcome == ""
    assert paging.acknowledge_by_link(token, NOW + 2 * MINUTE).outcome == "seen"
    assert Alert.objects.get().acked_by == cast.agent


def test_more_of_one_person_on_one_page_than_once_is_refused_by_the_table(
    cast: Cast, policy: Callable[..., None]
) -> None:
    p0(cast)
    page(NOW)
    row = Page.objects.get()
    row.pk, row.uuid = None, "0" * 32
    with pytest.raises(IntegrityError):
        row.save()


def bridge(person: Person) -> Page:
    """The page of this person's own channel, once it is due."""
    row, _secret = channel_actions.add_channel(person, "webhook", "bridge", "https://hooks.example.com/x", NOW)
    channel_actions.set_rules(person, [channel_actions.Rule(row.pk, 0)], NOW)
    paging.page_due(NOW)
    return Page.objects.get(channel=row)


@pytest.mark.behaviour("B-428")
def test_a_page_whose_job_waits_for_its_turn_is_not_given_up(cast: Cast, policy: Callable[..., None]) -> None:
    p0(cast)
    row = bridge(cast.agent)
    jobs: list[int] = []
    for seconds in range(0, 300, 20):
        paging.hand_over(jobs.extend, NOW + timedelta(seconds=seconds))
    assert jobs == [row.pk] * 3
    later = NOW + timedelta(seconds=300)
    assert page_actions.lock_waiting([row.pk], later) == [row]
    row.refresh_from_db()
    assert (row.state, row.tries) == ("waiting", 0)


def test_one_that_kills_whoever_tries_it_is_given_up(cast: Cast, policy: Callable[..., None]) -> None:
    p0(cast)
    row = bridge(cast.agent)
    for minutes in range(page_actions.MOST_TRIES):
        page_actions.begin(row.pk, NOW + minutes * MINUTE)
    row.refresh_from_db()
    assert row.due_at == NOW + 3 * MINUTE + page_actions.HELD
    paging.send_page(row.pk, NOW + 4 * MINUTE)
    row.refresh_from_db()
    assert (row.state, row.result) == ("failed", "could not be handed over: whoever tried was stopped")


def test_a_request_from_old_mail_pages_once_somebody_makes_it_a_p0(cast: Cast, policy: Callable[..., None]) -> None:
    ticket = a_ticket(cast, team=cast.cloud, channel="import")
    casework.determine_severity(cast.agent, ticket.pk, "P0", "It is everything.", NOW)
    assert Alert.objects.get().ticket_id == ticket.pk


def test_that_nobody_answered_is_told_whatever_one_wants_to_hear_of(cast: Cast, policy: Callable[..., None]) -> None:
    wish_so(cast.admin, {"shift": Wish(app=False, browser=False, mail="")}, None, "", NOW)
    policy("nobody@vendor.test")
    p0(cast)
    page(NOW)
    assert Notice.objects.filter(kind="alert_out", person=cast.admin, mail_at=NOW).count() == 1
