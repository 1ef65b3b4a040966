"""An alert follows its request: to another team, and to its end; and what workers do, by the tasks that they run."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework import paging_actions as paging
from answerable.casework.merge_actions import merge, unmerge
from answerable.casework.redact_actions import Order, redact
from answerable.casework.removal_actions import mark_spam, restore, soft_delete, unmark_spam
from answerable.casework.tests.test_paging import p0, page, paged, policy
from answerable.escalation.alerts import Alert, AlertEntry, Page
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.notify.models import Delivery, Notice
from answerable.people.absence_actions import go_away
from answerable.people.models import Team
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket
from tests.cast import ladder as the_policy
from tests.night import Night

__all__ = ["policy"]

MINUTE = timedelta(minutes=1)


@pytest.fixture
def two_teams(cast: Cast) -> Team:
    """Cloud pages the agent and then the lead; product, which is returned, its administrator."""
    one = Plan((Step((cast.agent.email,), 600), Step((cast.lead.email,), 600)))
    other = Plan((Step((cast.admin.email,), 600),))
    apply_paging([PagingSpec("cloud", one, ("cloud",)), PagingSpec("product", other, ("product",))], NOW)
    return Team.objects.get(key="product")


def is_over(alert: Alert) -> bool:
    alert.refresh_from_db()
    waits = Page.objects.filter(alert=alert, state="waiting").exists()
    return alert.state == "resolved" and alert.due_at is None and not waits


@pytest.mark.behaviour("B-417")
def test_with_another_team_the_pages_go_on_by_its_policy_and_nobody_of_the_old_one_is_paged_again(
    cast: Cast, two_teams: Team, run_jobs: Callable[[], int]
) -> None:
    ticket = p0(cast)
    page(NOW)
    # Its first page still waits in the outbox.
    casework.assign(cast.agent, ticket.pk, None, two_teams, NOW + MINUTE)
    run_jobs()
    assert Delivery.objects.get(kind="page").state == "suppressed"
    assert Page.objects.get().result == "another team has it"
    page(NOW + MINUTE)
    run_jobs()
    for minutes in range(2, 30):
        page(NOW + minutes * MINUTE)
    assert {name for _number, name in paged()[1:]} == {"Ada Lind"}
    assert paged()[1] == (1, "Ada Lind")
    alert = Alert.objects.get()
    assert (alert.team, alert.policy, alert.state) == (two_teams, "product", "open")

    admin = Client()
    admin.force_login(cast.admin)
    seen = admin.get(f"/desk/alerts/{alert.pk}").content.decode()
    assert "It is with another team now, Product support: paged from the first step of “product”" in seen
    # Whoever was paged may still say that they have it.
    assert paging.acknowledge(cast.agent, alert.pk, "desk", NOW + 30 * MINUTE).outcome == ""


def test_what_waits_for_its_time_is_void_too_and_a_late_failure_of_the_old_passes_no_new_step(
    cast: Cast, two_teams: Team
) -> None:
    ticket = p0(cast)
    paging.page_due(NOW)
    casework.assign(cast.agent, ticket.pk, None, two_teams, NOW)
    assert Page.objects.get().state == "void"
    alert = Alert.objects.get()
    AlertEntry.objects.create(
        alert=alert, kind="unreached", at=NOW, written_at=NOW, turn=0, actor_kind="system", data={"number": 0}
    )
    page(NOW)
    assert paged()[-1] == (1, "Ada Lind")
    assert not AlertEntry.objects.filter(kind="passed").exists()


def test_who_has_it_has_it_still_and_paged_again_it_is_by_the_new_policy(cast: Cast, two_teams: Team) -> None:
    ticket = p0(cast)
    page(NOW)
    alert = Alert.objects.get()
    paging.acknowledge(cast.agent, alert.pk, "desk", NOW + MINUTE)
    casework.assign(cast.agent, ticket.pk, None, two_teams, NOW + 2 * MINUTE)
    page(NOW + 20 * MINUTE)
    assert paged() == [(0, "Tomas Kral")]
    paging.page_again(cast.agent, alert.pk, NOW + 21 * MINUTE)
    page(NOW + 21 * MINUTE)
    assert paged()[1:] == [(1, "Ada Lind")]


def test_that_nobody_answered_is_told_anew_of_each_teams_plan(cast: Cast, two_teams: Team) -> None:
    ticket = p0(cast)
    for minutes in range(25):
        page(NOW + minutes * MINUTE)
    casework.assign(cast.agent, ticket.pk, None, two_teams, NOW + 30 * MINUTE)
    for minutes in range(30, 45):
        page(NOW + minutes * MINUTE)
    assert Notice.objects.filter(kind="alert_out", person=cast.admin).count() == 2


def test_the_same_policy_begins_no_new(cast: Cast) -> None:
    plan = Plan((Step((cast.agent.email,), 600), Step((cast.lead.email,), 600)))
    apply_paging([PagingSpec("night", plan, ("cloud", "product"))], NOW)
    ticket = p0(cast)
    page(NOW)
    page(NOW + 10 * MINUTE)
    casework.assign(cast.agent, ticket.pk, cast.agent, Team.objects.get(key="product"), NOW + 11 * MINUTE)
    page(NOW + 11 * MINUTE)
    assert paged() == [(0, "Tomas Kral"), (1, "Priya Nair")]
    assert Alert.objects.get().team == Team.objects.get(key="product")


@pytest.mark.behaviour("B-358")
def test_merged_spam_or_deleted_it_is_over_and_back_again_it_pages_anew(cast: Cast, policy: None) -> None:
    into = a_ticket(cast)

    def gone(ticket: Ticket, away: Callable[[], object], back: Callable[[], object]) -> None:
        paging.page_due(NOW)
        alert = Alert.objects.get(state="open")
        assert Page.objects.filter(alert=alert, state="waiting").exists()
        away()
        assert is_over(alert)
        back()
        assert Alert.objects.get(state="open").ticket_id == ticket.pk
        casework.determine_severity(cast.agent, ticket.pk, "P2", "One report.", NOW + 3 * MINUTE)
        assert not Alert.objects.filter(state="open").exists()

    later, then = NOW + MINUTE, NOW + 2 * MINUTE
    one = p0(cast)
    gone(one, lambda: merge(cast.agent, one.pk, into.pk, later), lambda: unmerge(cast.agent, one.pk, then))
    two = p0(cast)
    gone(two, lambda: mark_spam(cast.agent, two.pk, later), lambda: unmark_spam(cast.agent, two.pk, then))
    three = p0(cast)
    gone(three, lambda: soft_delete(cast.lead, three.pk, later), lambda: restore(cast.lead, three.pk, then))


def test_what_is_removed_from_a_request_is_in_none_of_its_pages_and_they_go_on(cast: Cast, policy: None) -> None:
    ticket = p0(cast, subject="Password Tr0ub4dor fails")
    page(NOW)
    redact(cast.agent, ticket.pk, Order("a password", text="Tr0ub4dor"), NOW + MINUTE)
    page(NOW + 5 * MINUTE)
    assert Alert.objects.get().state == "open"
    assert len(paged()) == 2
    kept = " ".join(f"{row.subject} {row.text}" for row in Delivery.objects.filter(kind="page"))
    assert "Tr0ub4dor" not in kept + Alert.objects.get().title


@pytest.mark.behaviour("B-357")
def test_after_an_hour_the_task_goes_on_where_the_clock_stands_and_the_page_says_so(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    plan = Plan((Step((cast.agent.email,), 600), Step((cast.csm.email,), 600), Step((cast.lead.email,), 7200)))
    apply_paging([PagingSpec("night", plan, ("cloud",))], NOW)
    p0(cast)
    night = Night(NOW, monkeypatch, run_jobs)
    night.at(0)
    night.at(4)
    night.at(64)
    night.at(64.1)
    assert paged() == [(0, "Tomas Kral"), (1, "Priya Nair")]
    lead = Client()
    lead.force_login(cast.lead)
    seen = " ".join(lead.get(f"/desk/alerts/{Alert.objects.get().pk}").content.decode().split())
    assert "Nothing ran for a while: what fell due is not made up for (" in seen
    assert "Step 2: passed while not running" in seen
    night.at(69)
    assert len(paged()) == 3


@pytest.mark.behaviour("B-356")
def test_edge_case_29_by_the_task_nobody_there_is_passed_in_the_same_second_and_run_out_opens_the_ladder(
    cast: Cast, policy: Callable[..., None], monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    the_policy()
    go_away(cast.lead, cast.lead, NOW + timedelta(days=1), NOW)
    policy("nobody@vendor.test", cast.lead.email)
    ticket = p0(cast)
    night = Night(NOW, monkeypatch, run_jobs)
    night.at(0)
    said = [row.data.get("why") for row in AlertEntry.objects.filter(kind="passed")]
    assert said == ["nobody", "nobody"]
    level = Alert.objects.get(level=1)
    assert (level.ticket_id, level.state) == (ticket.pk, "open")
    night.at(0.05)
    assert [(row.alert_id, row.person) for row in Page.objects.filter(state="sent")] == [(level.pk, cast.agent)]
    # Nobody is paged by the alert, which asks again every five minutes who is there.
    assert Alert.objects.get(level=None).due_at == NOW + 5 * MINUTE
