"""Paging policies that the desk owns: who may, what is refused, what is on record, and what stops a change."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from answerable.audit.queries import trail
from answerable.casework.paging_people import find
from answerable.escalation.alert_actions import NewAlert, raise_alert
from answerable.escalation.alerts import Alert, PagingPolicy
from answerable.escalation.coverage_queries import p0_holes
from answerable.escalation.override_actions import override
from answerable.escalation.paging import Entry, Plan, Step, move
from answerable.escalation.paging_policy import PagingSpec, apply_paging, policy_of
from answerable.escalation.paging_policy_actions import Wanted, change_policy, make_policy, preview, retire_policy
from answerable.escalation.paging_policy_queries import faults, for_teams, forecast
from answerable.escalation.schedule_actions import edit_layers, retire
from answerable.escalation.schedules import Schedule
from answerable.escalation.tests.conftest import NOW, a_layer
from answerable.escalation.time_off_actions import take_time_off
from answerable.lib.errors import Refused
from answerable.people.absence_actions import plan_time_off
from answerable.people.queries import actor_of
from tests.cast import Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def plan(*names: str, wait: int = 600) -> Plan:
    return Plan(tuple(Step((name,), wait) for name in names))


@pytest.fixture
def night(cast: Cast) -> PagingPolicy:
    return make_policy(cast.admin, Wanted("Night", plan(cast.agent.email, "admins"), ("cloud",)), NOW)


def refusal(code: str, act: object, *args: object, **more: object) -> Refused:
    assert callable(act)
    with pytest.raises(Refused) as refused:
        act(*args, **more)
    assert refused.value.code == code
    return refused.value


@pytest.mark.behaviour("B-407")
def test_only_administrators_write_and_each_change_is_on_record_old_and_new(cast: Cast, night: PagingPolicy) -> None:
    wanted = Wanted("Night and day", plan("admins", cast.lead.email, wait=300), ("cloud", "product"))
    for person in (cast.lead, cast.agent, cast.csm, cast.requester):
        refusal("not_allowed", make_policy, person, wanted, NOW)
        refusal("not_allowed", change_policy, person, night, wanted, 1, NOW)
        refusal("not_allowed", retire_policy, person, night, NOW)
    change_policy(cast.admin, night, wanted, 1, NOW + HOUR)
    assert policy_of(cast.product) == ("night", wanted.plan)
    last, first = trail("paging_policy", night.pk, None, 10)
    assert (last.actor_id, last.at) == (cast.admin.pk, NOW + HOUR)
    assert (last.data["was"]["name"], last.data["new"]["name"]) == ("Night", "Night and day")
    assert last.data["was"]["steps"] == first.data["new"]["steps"] != last.data["new"]["steps"]
    # Saying the same again is no change.
    change_policy(cast.admin, night, wanted, 2, NOW + 2 * HOUR)
    assert PagingPolicy.objects.get().version == 2


@pytest.mark.behaviour("B-408")
def test_two_who_edit_at_once_do_not_overwrite_each_other(cast: Cast, night: PagingPolicy) -> None:
    change_policy(cast.admin, night, Wanted("Mine", plan("admins"), ("cloud",)), 1, NOW)
    refusal("stale", change_policy, cast.admin, night, Wanted("Yours", plan("leads", "admins"), ("cloud",)), 1, NOW)
    assert PagingPolicy.objects.get().name == "Mine"


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("", plan("admins")),
        Wanted("Empty", Plan(())),
        Wanted("Nobody", Plan((Step((), 600),))),
        Wanted("Stranger", plan("gone@vendor.test")),
        Wanted("Customer", plan("elin@norrland.test")),
        Wanted("No schedule", plan("on_call.nothing")),
        Wanted("Hasty", plan("admins", wait=30)),
        Wanted("Twice", Plan((Step(("admins", "admins"), 600),))),
        Wanted("Endless", Plan((Step(("admins",), 600),), rounds=10)),
    ],
)
def test_what_cannot_page_is_refused(cast: Cast, wanted: Wanted) -> None:
    refusal("invalid", make_policy, cast.admin, wanted, NOW)
    assert not PagingPolicy.objects.exists()


def test_a_schedule_that_is_retired_is_named(cast: Cast, schedule: Schedule) -> None:
    named = plan(f"on_call.{schedule.key}")
    assert faults(named) == {}
    retire(cast.lead, schedule, NOW)
    assert faults(named) == {f"on_call.{schedule.key}": "retired"}
    refusal("invalid", make_policy, cast.admin, Wanted("Night", named), NOW)


def test_a_team_goes_from_one_policy_of_the_desk_to_another_and_never_from_the_files(
    cast: Cast, night: PagingPolicy
) -> None:
    make_policy(cast.admin, Wanted("Day", plan("admins"), ("cloud",)), NOW)
    night.refresh_from_db()
    assert (policy_of(cast.cloud)[0], night.teams, night.version) == ("day", [], 2)
    apply_paging([PagingSpec("file", plan("admins"), ("product",))], NOW)
    refusal("file_owned", make_policy, cast.admin, Wanted("Mine", plan("admins"), ("product",)), NOW)
    row = PagingPolicy.objects.get(key="file")
    refusal("file_owned", change_policy, cast.admin, row, Wanted("Mine", plan("admins")), row.version, NOW)


@pytest.mark.behaviour("B-409")
def test_an_alert_that_runs_keeps_its_steps_whatever_becomes_of_the_policy(cast: Cast, night: PagingPolicy) -> None:
    new = NewAlert("x", "P0", "P0", "test", team=cast.cloud)
    alert = raise_alert(new, policy_of(cast.cloud), actor_of(cast.admin), NOW)
    assert alert is not None
    before = Alert.objects.values().get()
    change_policy(cast.admin, night, Wanted("Other", plan("admins"), ()), 1, NOW + HOUR)
    retire_policy(cast.admin, PagingPolicy.objects.get(), NOW + 2 * HOUR)
    assert Alert.objects.values().get() == before


# --- gaps ---


def holes(now: object = NOW) -> Sequence[tuple[str, object]]:
    return [(hole.team, hole.spans) for hole in p0_holes(NOW)]


@pytest.mark.behaviour("B-406")
def test_a_gap_is_where_no_step_has_anybody(cast: Cast, schedule: Schedule) -> None:
    """The agent has the even days and the lead the odd ones; the second step is the CSM, who is away for three days."""
    named = plan(f"on_call.{schedule.key}", cast.csm.email)
    make_policy(cast.admin, Wanted("Night", named, ("cloud",)), NOW)
    assert holes() == []
    plan_time_off(cast.csm, cast.csm, NOW + DAY + HOUR, NOW + 4 * DAY, NOW)
    assert holes() == []
    plan_time_off(cast.lead, cast.lead, NOW, NOW + 6 * DAY, NOW)
    # The lead's days, as far as the CSM is away too.
    assert holes() == [("cloud", ((NOW + DAY + HOUR, NOW + 2 * DAY), (NOW + 3 * DAY, NOW + 4 * DAY)))]


@pytest.mark.behaviour("B-410")
def test_a_new_gap_for_p0_stops_a_change_until_who_makes_it_says_that_they_know(
    cast: Cast, schedule: Schedule, night: PagingPolicy
) -> None:
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": [a_layer(cast.agent.email, restriction={})]}, NOW, NOW)
    wanted = Wanted("Night", plan(f"on_call.{schedule.key}"), ("cloud",))
    missing = preview(cast.admin, night, wanted, NOW)
    assert [(name, span[0]) for name, span in missing] == [("Cloud support", NOW)]
    refused = refusal("gap", change_policy, cast.admin, night, wanted, 1, NOW)
    assert refused.data["gaps"] == [missing[0][1]]
    assert policy_of(cast.cloud)[1] == plan(cast.agent.email, "admins")
    change_policy(cast.admin, night, wanted, 1, NOW, confirmed=True)
    # What is missing anyway stops nobody who changes something else.
    change_policy(cast.admin, night, Wanted("Nights", wanted.plan, ("cloud",)), 2, NOW)


@pytest.mark.behaviour("B-410")
def test_so_does_one_of_a_schedule_or_of_time_off_that_leaves_its_policy_without_anybody(
    cast: Cast, schedule: Schedule, night: PagingPolicy
) -> None:
    """Whether or not the schedule is marked as paged for P0: a policy names it."""
    given = plan(f"on_call.{schedule.key}", cast.csm.email)
    change_policy(cast.admin, night, Wanted("Night", given, ("cloud",)), 1, NOW)
    span = (NOW + DAY, NOW + 2 * DAY)
    override(cast.lead, schedule, None, span, NOW)  # the second step is there
    refused = refusal("gap", take_time_off, cast.csm, cast.csm, span, NOW)
    assert refused.data["gaps"] == [span]
    take_time_off(cast.csm, cast.csm, span, NOW, confirmed=True)
    take_time_off(cast.csm, cast.csm, (NOW + 2 * DAY, NOW + 4 * DAY), NOW)
    refusal("gap", override, cast.lead, schedule, None, (NOW + 3 * DAY, NOW + 4 * DAY), NOW)
    empty = {"tz": "UTC", "layers": []}
    refusal("gap", edit_layers, cast.lead, schedule, empty, NOW, NOW)
    refusal("gap", retire, cast.lead, schedule, NOW)
    schedule.refresh_from_db()
    retire(cast.lead, schedule, NOW, confirmed=True)


# --- who would be paged ---


def test_the_forecast_goes_as_paging_does(cast: Cast, schedule: Schedule) -> None:
    plan_time_off(cast.csm, cast.csm, NOW, NOW + DAY, NOW)
    steps = (
        Step((cast.csm.email,), 600),
        Step(("leads:cloud", f"on_call.{schedule.key}"), 420),
        Step(("gone@vendor.test",), 60),
        Step(("admins", cast.admin.email), 1200),
        Step((f"on_call.{schedule.key}",), 600),
    )
    given = Plan(steps, 300, 2)
    turns, out_at = forecast(given, NOW, find)
    said: list[tuple[int, datetime, tuple[int, ...]]] = []
    log, at = [Entry("raised", NOW)], NOW
    while True:
        found = move(given, log, at, find)
        log += found.said
        if any(entry.kind == "exhausted" for entry in found.said):
            break
        if found.people is not None:
            if not said or said[-1][0] != found.turn:
                said.append((found.turn, at, found.people))
            log.append(Entry("paged", at, found.turn))
        assert found.due_at is not None
        at = found.due_at
    assert [(n, one.at, one.people) for n, one in enumerate(turns) if one.people] == said
    assert at == out_at
    assert [one.number for one in turns if not one.people] == [0, 2, 0, 2]


def test_leads_of_a_policy_for_several_teams_are_those_of_any(cast: Cast) -> None:
    cast.cloud.members.add(cast.lead)
    assert for_teams(find, ["cloud", "product"])("leads", NOW) == (cast.lead.pk,)
    assert for_teams(find, ["product"])("leads", NOW) == ()
