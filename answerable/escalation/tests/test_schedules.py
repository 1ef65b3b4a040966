"""Schedules as rows: versions, overrides, time off, and who is on call by all of them."""

from datetime import timedelta
from typing import Any

import pytest

from answerable.audit.actions import system
from answerable.audit.models import Record
from answerable.audit.queries import trail
from answerable.escalation.override_actions import override, remove_override
from answerable.escalation.schedule_actions import (
    DESK,
    FILE,
    ScheduleSpec,
    apply_schedules,
    begin_with,
    change_schedule,
    edit_layers,
    make_schedule,
    owned_by_desk,
    retire,
    turn_of,
)
from answerable.escalation.schedule_queries import (
    NowAndNext,
    gaps_ahead,
    live,
    now_and_next,
    on_call,
    rota,
    shifts_of,
    strangers,
)
from answerable.escalation.schedules import Schedule, ScheduleVersion
from answerable.escalation.tests.conftest import NOW, a_layer, at
from answerable.lib.errors import Refused
from answerable.notify.models import Notice
from answerable.people.absence_actions import end_time_off, go_away, plan_time_off
from answerable.people.person_actions import restore, suspend
from tests.cast import Cast

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
WHO = system("answerable apply")


def people(schedule: Schedule, *times: str) -> list[int | None]:
    return [on_call(schedule.key, at(text)) for text in times]


def test_turns_follow_the_layers_and_before_the_first_version_there_was_nobody(cast: Cast, schedule: Schedule) -> None:
    times = ("2026-03-02T08:59:59", "2026-03-02T09:00", "2026-03-03T09:00", "2026-03-04T08:59")
    assert people(schedule, *times) == [None, cast.agent.pk, cast.lead.pk, cast.lead.pk]
    assert on_call("no-such", NOW) is None


def test_now_and_next(cast: Cast, schedule: Schedule) -> None:
    assert now_and_next(schedule.key, NOW + HOUR) == NowAndNext(cast.agent.pk, NOW + DAY, cast.lead.pk)
    lone = make_schedule(cast.lead, "Alone", "UTC", NOW)
    assert now_and_next(lone.key, NOW) == NowAndNext(None, None, None)
    edit_layers(cast.lead, lone, {"tz": "UTC", "layers": [a_layer(cast.agent.email)]}, NOW + 20 * DAY, NOW)
    assert now_and_next(lone.key, NOW) == NowAndNext(None, NOW + 20 * DAY, cast.agent.pk)


# --- versions ---


@pytest.mark.behaviour("B-341")
def test_an_edit_is_a_version_and_history_is_not_worked_out_anew(cast: Cast, schedule: Schedule) -> None:
    later = NOW + 2 * DAY + HOUR
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": [a_layer(cast.admin.email)]}, later, later)
    assert people(schedule, "2026-03-03T09:00", "2026-03-04T09:59:59") == [cast.lead.pk, cast.agent.pk]
    assert people(schedule, "2026-03-04T10:00", "2026-03-09T12:00") == [cast.admin.pk] * 2
    assert [row.number for row in schedule.versions.order_by("number")] == [1, 2, 3]


def test_an_edit_cannot_lie_in_the_past_and_saying_the_same_is_none(cast: Cast, schedule: Schedule) -> None:
    later, spec = NOW + 3 * DAY, schedule.versions.order_by("number").last()
    assert spec is not None
    assert edit_layers(cast.lead, schedule, spec.spec, NOW, later) is None
    row = edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": [a_layer(cast.admin.email)]}, NOW, later)
    assert row is not None
    assert row.effective_from == later
    assert people(schedule, "2026-03-05T08:59", "2026-03-05T09:00") == [cast.agent.pk, cast.admin.pk]


def test_a_changed_number_of_people_swaps_nobody_who_is_named(cast: Cast, schedule: Schedule) -> None:
    then = NOW + 8 * DAY + HOUR
    spec = {"tz": "UTC", "layers": [a_layer(cast.agent.email, cast.lead.email, cast.admin.email)]}
    before = on_call(schedule.key, then)
    assert before == cast.agent.pk
    assert turn_of(spec, 0, then) == cast.admin.email
    spec = begin_with(spec, 0, cast.agent.email, then)
    edit_layers(cast.lead, schedule, spec, then, then)
    found = [on_call(schedule.key, then + n * DAY) for n in range(4)]
    assert found == [cast.agent.pk, cast.lead.pk, cast.admin.pk, cast.agent.pk]
    assert now_and_next(schedule.key, then).until == NOW + 9 * DAY


def test_who_may_edit_and_that_it_is_on_record(cast: Cast, schedule: Schedule) -> None:
    spec = {"tz": "UTC", "layers": []}
    for person in (cast.agent, cast.csm, cast.requester):
        with pytest.raises(Refused) as refused:
            edit_layers(person, schedule, spec, NOW, NOW)
        assert refused.value.code == "not_allowed"
    edit_layers(cast.admin, schedule, spec, NOW, NOW)
    assert [row.verb for row in trail("schedule", schedule.pk, None, 10)] == ["schedule_layers"] * 3 + ["make_schedule"]


@pytest.mark.parametrize("change", [{"length": 0}, {"handoff": "25:00"}, {"start": "soon"}, {"unit": "year"}])
def test_layers_that_cannot_be_read_are_refused(cast: Cast, schedule: Schedule, change: dict[str, Any]) -> None:
    with pytest.raises(Refused) as refused:
        edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": [a_layer("a@b.test", **change)]}, NOW, NOW)
    assert refused.value.code == "invalid"
    assert next(iter(change)) in refused.value.message


def test_a_retired_schedule_calls_nobody_and_keeps_its_past(cast: Cast, schedule: Schedule) -> None:
    override(cast.lead, schedule, cast.lead, (NOW + DAY, NOW + 2 * DAY), NOW)
    retire(cast.lead, schedule, NOW + DAY)
    assert people(schedule, "2026-03-02T10:00", "2026-03-03T09:00") == [cast.agent.pk, None]
    assert not live().exists()
    with pytest.raises(Refused, match="retired"):
        override(cast.lead, schedule, cast.agent, (NOW + DAY, NOW + 2 * DAY), NOW + DAY)


# --- people ---


@pytest.mark.behaviour("B-352")
def test_who_is_not_on_the_staff_takes_no_turn_and_is_named(cast: Cast, schedule: Schedule) -> None:
    layer = a_layer("nobody@vendor.test", cast.requester.email, cast.agent.email)
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": [layer]}, NOW, NOW)
    assert [on_call(schedule.key, NOW + n * DAY) for n in range(3)] == [None, None, cast.agent.pk]
    key = schedule.key
    assert strangers(NOW) == [(key, cast.requester.email), (key, "nobody@vendor.test")]


def test_time_off_passes_the_turn_on_and_can_be_planned(cast: Cast, schedule: Schedule) -> None:
    layers = [a_layer(cast.agent.email), a_layer(cast.admin.email)]
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": layers}, NOW, NOW)
    row = plan_time_off(cast.agent, cast.agent, NOW + 2 * DAY, NOW + 4 * DAY, NOW)
    assert [on_call(schedule.key, NOW + n * DAY) for n in (1, 2, 3, 4)] == [
        cast.agent.pk,
        cast.admin.pk,
        cast.admin.pk,
        cast.agent.pk,
    ]
    end_time_off(cast.agent, row.pk, NOW + 3 * DAY)
    assert [on_call(schedule.key, NOW + n * DAY) for n in (2, 3)] == [cast.admin.pk, cast.agent.pk]
    go_away(cast.agent, cast.agent, NOW + 6 * DAY, NOW + 5 * DAY)
    assert [on_call(schedule.key, NOW + n * DAY) for n in (5, 6)] == [cast.admin.pk, cast.agent.pk]


def test_being_away_now_leaves_planned_time_off_alone(cast: Cast, schedule: Schedule) -> None:
    row = plan_time_off(cast.agent, cast.agent, NOW + 2 * DAY, NOW + 4 * DAY, NOW)
    go_away(cast.agent, cast.agent, NOW + HOUR, NOW)
    row.refresh_from_db()
    assert row.ended_at is None
    assert on_call(schedule.key, NOW + 2 * DAY) is None


@pytest.mark.behaviour("B-343")
def test_a_suspended_person_is_absent_from_that_moment_on(cast: Cast, schedule: Schedule) -> None:
    suspend(cast.admin, cast.agent, "left", NOW + HOUR)
    assert people(schedule, "2026-03-02T09:59:59", "2026-03-02T10:00") == [cast.agent.pk, None]
    restore(cast.admin, cast.agent, NOW + 2 * HOUR)
    assert people(schedule, "2026-03-02T10:59:59", "2026-03-02T11:00") == [None, cast.agent.pk]
    assert people(schedule, "2026-03-02T09:30") == [cast.agent.pk]


# --- overrides ---


def test_an_override_answers_instead_and_what_it_did_stays(cast: Cast, schedule: Schedule) -> None:
    row = override(cast.agent, schedule, cast.agent, (NOW + DAY, NOW + 2 * DAY), NOW)
    assert on_call(schedule.key, NOW + DAY) == cast.agent.pk
    remove_override(cast.agent, row.pk, NOW + DAY + 6 * HOUR)
    assert people(schedule, "2026-03-03T14:59", "2026-03-03T15:00") == [cast.agent.pk, cast.lead.pk]
    remove_override(cast.agent, row.pk, NOW + DAY + 9 * HOUR)
    assert people(schedule, "2026-03-03T16:00") == [cast.lead.pk]


def test_of_two_overrides_the_later_one_counts(cast: Cast, schedule: Schedule) -> None:
    override(cast.lead, schedule, cast.admin, (NOW + DAY, NOW + 2 * DAY), NOW)
    override(cast.lead, schedule, None, (NOW + DAY + HOUR, NOW + DAY + 2 * HOUR), NOW + HOUR)
    found = shifts_of(rota(schedule, NOW), NOW + DAY, NOW + 2 * DAY)
    assert [shift.person for shift in found] == [cast.admin.pk, None, cast.admin.pk]
    assert gaps_ahead(schedule.key, NOW, 7) == [(NOW + DAY + HOUR, NOW + DAY + 2 * HOUR)]


def test_who_may_put_whom(cast: Cast, schedule: Schedule) -> None:
    span = (NOW + DAY, NOW + 2 * DAY)
    for by, person in (
        (cast.agent, cast.lead),
        (cast.agent, None),
        (cast.csm, cast.csm),
        (cast.requester, cast.requester),
    ):
        with pytest.raises(Refused) as refused:
            override(by, schedule, person, span, NOW)
        assert refused.value.code == "not_allowed"
    with pytest.raises(Refused) as refused:
        override(cast.lead, schedule, cast.requester, span, NOW)
    assert refused.value.code == "not_staff"
    row = override(cast.lead, schedule, cast.lead, span, NOW)
    with pytest.raises(Refused) as refused:
        remove_override(cast.agent, row.pk, NOW)
    assert refused.value.code == "not_allowed"


def test_an_override_of_the_past_is_refused_and_of_what_has_begun_holds_from_now(
    cast: Cast, schedule: Schedule
) -> None:
    for span in ((NOW - 2 * HOUR, NOW - HOUR), (NOW + HOUR, NOW + HOUR), (NOW, NOW + 400 * DAY)):
        with pytest.raises(Refused) as refused:
            override(cast.lead, schedule, cast.lead, span, NOW)
        assert refused.value.code == "invalid"
    row = override(cast.lead, schedule, cast.lead, (NOW - HOUR, NOW + HOUR), NOW)
    assert row.start == NOW


@pytest.mark.behaviour("B-348")
def test_those_whose_shift_it_was_and_is_are_told(cast: Cast, schedule: Schedule) -> None:
    override(cast.admin, schedule, cast.lead, (NOW + HOUR, NOW + 2 * HOUR), NOW)
    told = Notice.objects.filter(kind="on_call", data__what="override")
    assert {row.person_id for row in told} == {cast.agent.pk, cast.lead.pk}
    assert {(row.data["who"], row.data["name"]) for row in told} == {("Ada Lind", "Platform")}


# --- a gap on a schedule for P0 ---


def test_a_gap_on_a_schedule_for_p0_needs_an_explicit_word(cast: Cast, schedule: Schedule) -> None:
    change_schedule(cast.lead, schedule, "Platform", NOW, p0=True, confirmed=False)
    span = (NOW + DAY, NOW + DAY + HOUR)
    with pytest.raises(Refused) as refused:
        override(cast.lead, schedule, None, span, NOW)
    assert (refused.value.code, refused.value.data["gaps"]) == ("gap", [span])
    assert not schedule.overrides.exists()
    override(cast.lead, schedule, None, span, NOW, confirmed=True)
    # What is missing anyway stops nobody who does something else.
    row = override(cast.lead, schedule, cast.lead, (NOW + 3 * DAY, NOW + 4 * DAY), NOW)
    remove_override(cast.lead, row.pk, NOW)
    with pytest.raises(Refused) as refused:
        edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": []}, NOW + 10 * DAY, NOW)
    assert refused.value.data["gaps"] == [span, (NOW + 10 * DAY, NOW + 60 * DAY)]
    assert schedule.versions.count() == 2


def test_a_schedule_that_becomes_one_for_p0_is_looked_at(cast: Cast, schedule: Schedule) -> None:
    override(cast.lead, schedule, None, (NOW + DAY, NOW + 2 * DAY), NOW)
    with pytest.raises(Refused, match="Nobody would be on call for P0 once"):
        change_schedule(cast.lead, schedule, "Platform", NOW, p0=True, confirmed=False)
    schedule.refresh_from_db()
    assert not schedule.p0
    change_schedule(cast.lead, schedule, "Platform", NOW, p0=True, confirmed=True)


# --- support.toml ---


def spec(*addresses: str, managed: str = FILE, key: str = "edge") -> ScheduleSpec:
    return ScheduleSpec(key, "Edge", managed, False, {"tz": "UTC", "layers": [a_layer(*addresses)]})


def test_the_files_schedule_is_the_files(cast: Cast) -> None:
    apply_schedules([spec(cast.agent.email)], WHO, NOW)
    row = Schedule.objects.get(key="edge")
    with pytest.raises(Refused) as refused:
        edit_layers(cast.admin, row, {"tz": "UTC", "layers": []}, NOW, NOW)
    assert refused.value.code == "file_owned"
    override(cast.lead, row, cast.lead, (NOW + HOUR, NOW + 2 * HOUR), NOW)
    apply_schedules([spec(cast.admin.email)], WHO, NOW + HOUR)
    assert [on_call("edge", NOW + n * HOUR) for n in (0, 1, 2)] == [cast.agent.pk, cast.lead.pk, cast.admin.pk]
    apply_schedules([spec(cast.admin.email)], WHO, NOW + 2 * HOUR)
    assert ScheduleVersion.objects.filter(schedule=row).count() == 2
    apply_schedules([], WHO, NOW + 3 * HOUR)
    assert on_call("edge", NOW + 3 * HOUR) is None
    apply_schedules([spec(cast.agent.email)], WHO, NOW + 4 * HOUR)
    assert on_call("edge", NOW + 4 * HOUR) == cast.agent.pk


@pytest.mark.behaviour("B-345")
def test_what_the_desk_owns_is_never_overwritten(cast: Cast, schedule: Schedule) -> None:
    apply_schedules([spec(cast.agent.email, managed=DESK)], WHO, NOW)
    row = Schedule.objects.get(key="edge")
    edit_layers(cast.lead, row, {"tz": "UTC", "layers": [a_layer(cast.lead.email)]}, NOW, NOW + HOUR)
    assert set(owned_by_desk(["edge", "none", schedule.key])) == {"edge", schedule.key}
    for given in ([spec(cast.admin.email, managed=DESK)], [spec(cast.admin.email)], []):
        apply_schedules(given, WHO, NOW + 2 * HOUR)
        assert on_call("edge", NOW + 2 * HOUR) == cast.lead.pk


def test_the_file_may_give_a_schedule_to_the_desk_which_goes_on_from_there(cast: Cast) -> None:
    apply_schedules([spec(cast.agent.email)], WHO, NOW)
    apply_schedules([spec(cast.admin.email, managed=DESK)], WHO, NOW + HOUR)
    assert on_call("edge", NOW + HOUR) == cast.agent.pk
    row = Schedule.objects.get(key="edge")
    edit_layers(cast.lead, row, {"tz": "UTC", "layers": [a_layer(cast.lead.email)]}, NOW, NOW + 2 * HOUR)
    assert on_call("edge", NOW + 2 * HOUR) == cast.lead.pk
    assert Record.objects.filter(verb="schedule_owner").count() == 1
