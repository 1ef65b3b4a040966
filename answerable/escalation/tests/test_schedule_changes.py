"""What a change leaves behind: plans of an earlier owner, turns of who is away, those who are told, and two at once."""

from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from answerable.audit.actions import system
from answerable.escalation import override_actions
from answerable.escalation.feeds import feed, tag_of, token_of_schedule
from answerable.escalation.override_actions import override, remove_override
from answerable.escalation.schedule_actions import (
    FILE,
    ScheduleSpec,
    Wanted,
    apply_schedules,
    change_schedule,
    edit_layers,
    make_schedule,
    retire,
    rewrite,
)
from answerable.escalation.schedule_queries import changes_of, on_call, rota, versions_of
from answerable.escalation.schedules import Schedule, ScheduleVersion, Swap
from answerable.escalation.swap_actions import Trade, accept_swap, ask_swap
from answerable.escalation.tests.conftest import NOW, a_layer
from answerable.lib.errors import Refused
from answerable.notify.models import Notice
from answerable.people import absence_actions
from answerable.people.absence_actions import plan_time_off
from tests.cast import Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WHO = system("answerable apply")


def utc(*addresses: str) -> dict[str, object]:
    return {"tz": "UTC", "layers": [a_layer(*addresses)]}


def told() -> set[int]:
    return set(Notice.objects.filter(kind="on_call").values_list("person_id", flat=True))


# --- plans of an earlier owner ---


@pytest.mark.behaviour("B-419")
def test_what_was_planned_does_not_come_after_the_schedule_is_retired(cast: Cast, schedule: Schedule) -> None:
    for _ in range(2):  # planned, and planned anew
        edit_layers(cast.lead, schedule, utc(cast.admin.email, *[cast.lead.email] * _), NOW + 5 * DAY, NOW)
    assert len(versions_of([schedule.pk], NOW)[schedule.pk]) == 2
    retire(cast.lead, schedule, NOW + DAY)
    assert [on_call(schedule.key, NOW + n * DAY) for n in (2, 6, 40)] == [None] * 3
    assert len(versions_of([schedule.pk], NOW + DAY)[schedule.pk]) == 1


@pytest.mark.behaviour("B-419")
def test_what_was_planned_does_not_come_after_the_file_has_taken_it(cast: Cast, schedule: Schedule) -> None:
    edit_layers(cast.lead, schedule, utc(cast.admin.email), NOW + 5 * DAY, NOW)
    retire(cast.lead, schedule, NOW + HOUR)
    spec = ScheduleSpec(schedule.key, "Platform", FILE, False, utc(cast.agent.email))
    apply_schedules([spec], WHO, NOW + DAY)
    assert [on_call(schedule.key, NOW + n * DAY) for n in (2, 6, 40)] == [cast.agent.pk] * 3
    count = ScheduleVersion.objects.count()
    apply_schedules([spec], WHO, NOW + 2 * DAY)
    assert ScheduleVersion.objects.count() == count, "what says nothing new is no version"


# --- who is away ---


@pytest.mark.behaviour("B-420")
def test_who_is_away_cannot_be_put_on_call(cast: Cast, schedule: Schedule) -> None:
    Notice.objects.all().delete()
    plan_time_off(cast.admin, cast.admin, NOW + DAY, NOW + 2 * DAY, NOW)
    with pytest.raises(Refused) as refused:
        override(cast.lead, schedule, cast.admin, (NOW + DAY, NOW + DAY + HOUR), NOW)
    assert refused.value.code == "away"
    assert not schedule.overrides.exists()
    assert not told()
    override(cast.lead, schedule, cast.admin, (NOW + 2 * DAY - HOUR, NOW + 2 * DAY + HOUR), NOW)
    assert on_call(schedule.key, NOW + 2 * DAY) == cast.admin.pk


@pytest.mark.behaviour("B-420")
def test_who_is_away_cannot_accept_a_turn(cast: Cast, schedule: Schedule) -> None:
    span = (NOW + 2 * DAY, NOW + 3 * DAY)
    swap = ask_swap(cast.agent, cast.admin, schedule, Trade(span), NOW)
    plan_time_off(cast.admin, cast.admin, NOW + 2 * DAY + HOUR, NOW + 2 * DAY + 2 * HOUR, NOW)
    with pytest.raises(Refused, match="away for part of that time"):
        accept_swap(cast.admin, swap.pk, NOW + HOUR)
    swap.refresh_from_db()
    assert swap.state == "asked"
    assert not schedule.overrides.exists()


# --- who is told ---


@pytest.mark.behaviour("B-348")
def test_whoever_gets_a_turn_back_is_told_and_whoever_had_put_it(cast: Cast, schedule: Schedule) -> None:
    row = override(cast.lead, schedule, cast.admin, (NOW + HOUR, NOW + 2 * HOUR), NOW)
    Notice.objects.all().delete()
    remove_override(cast.admin, row.pk, NOW)
    assert told() == {cast.agent.pk, cast.lead.pk}


@pytest.mark.behaviour("B-348")
def test_those_whose_turns_the_layers_move_are_told(cast: Cast, schedule: Schedule) -> None:
    Notice.objects.all().delete()
    edit_layers(cast.lead, schedule, utc(cast.agent.email, cast.lead.email), NOW, NOW)
    assert not told()
    edit_layers(cast.lead, schedule, utc(cast.agent.email, cast.admin.email), NOW + 100 * DAY, NOW)
    assert told() == {cast.admin.pk}, "the agent's turns are what they were, and the lead did it"
    Notice.objects.all().delete()
    retire(cast.admin, schedule, NOW)
    assert told() == {cast.agent.pk, cast.lead.pk}
    Notice.objects.all().delete()
    apply_schedules([ScheduleSpec("edge", "Edge", FILE, False, utc(cast.agent.email))], WHO, NOW)
    assert told() == {cast.agent.pk}


# --- two at once ---


@pytest.mark.behaviour("B-422")
def test_whoever_saves_second_is_told_that_somebody_was_faster(cast: Cast, schedule: Schedule) -> None:
    seen = str(changes_of(schedule))
    change_schedule(cast.admin, schedule, "Platform", NOW, p0=True, confirmed=True)
    with pytest.raises(Refused) as refused:
        rewrite(cast.lead, schedule, Wanted("Platform", False, utc(cast.admin.email), NOW), NOW, seen=seen)
    assert refused.value.code == "stale"
    schedule.refresh_from_db()
    assert schedule.p0
    seen = str(changes_of(schedule))
    rewrite(cast.lead, schedule, Wanted("Platform", True, utc(cast.admin.email), NOW), NOW, seen=seen)
    assert on_call(schedule.key, NOW) == cast.admin.pk


@pytest.mark.behaviour("B-422")
@pytest.mark.django_db(transaction=True)
def test_a_swap_waits_for_the_override_that_is_just_being_made(cast: Cast) -> None:
    schedule = make_schedule(cast.lead, "Platform", "UTC", NOW)
    edit_layers(cast.lead, schedule, utc(cast.agent.email), NOW, NOW)
    swap = ask_swap(cast.agent, cast.lead, schedule, Trade((NOW + DAY, NOW + 2 * DAY)), NOW)
    codes = []

    def accept() -> None:
        try:
            accept_swap(cast.lead, swap.pk, NOW + HOUR)
        except Refused as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    accepting = Thread(target=accept)
    with transaction.atomic():
        override(cast.lead, schedule, cast.admin, (NOW + DAY, NOW + 2 * DAY), NOW)
        accepting.start()
        accepting.join(0.3)
        assert accepting.is_alive()
    accepting.join(10)
    assert codes == ["not_theirs"]
    assert on_call("platform", NOW + DAY) == cast.admin.pk
    assert Swap.objects.get().state == "asked"


# --- what it costs ---


@pytest.mark.behaviour("B-423")
def test_what_was_edited_long_ago_is_not_read_any_more(cast: Cast, schedule: Schedule) -> None:
    for n in range(5):
        later = NOW + n * HOUR
        edit_layers(cast.lead, schedule, utc(cast.admin.email, *[cast.lead.email] * n), later, later)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        known = rota(schedule, NOW + 6 * HOUR)
    assert len(known.versions) == 1
    assert len(asked) == 5
    assert [on_call(schedule.key, NOW + n * HOUR) for n in (0, 5)] == [cast.admin.pk] * 2


@pytest.mark.behaviour("B-423")
def test_what_lies_on_top_has_a_limit(cast: Cast, schedule: Schedule, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(override_actions, "MOST", 1)
    monkeypatch.setattr(absence_actions, "MOST", 1)
    span = (NOW + DAY, NOW + 2 * DAY)
    override(cast.lead, schedule, cast.lead, span, NOW)
    plan_time_off(cast.agent, cast.agent, *span, NOW)
    with pytest.raises(Refused, match="1 overrides already"):
        override(cast.agent, schedule, cast.agent, span, NOW)
    with pytest.raises(Refused, match="1 times off are planned"):
        plan_time_off(cast.agent, cast.agent, *span, NOW)
    override(cast.lead, schedule, cast.lead, (NOW + 3 * DAY, NOW + 4 * DAY), NOW + 2 * DAY)


# --- names, and the first day of a calendar ---


def test_a_name_is_one_line(cast: Cast, schedule: Schedule) -> None:
    row = make_schedule(cast.lead, " Night\r\nX-EVIL:1\x00 and\u2028 day ", "UTC", NOW)
    assert row.name == "Night X-EVIL:1 and day"
    change_schedule(cast.lead, row, "Day\x0b\x85 long", NOW, p0=False, confirmed=False)
    assert row.name == "Day long"
    with pytest.raises(Refused, match="Give it a name"):
        change_schedule(cast.lead, row, "\x00", NOW, p0=False, confirmed=False)


@pytest.mark.behaviour("B-350")
def test_the_first_day_of_a_calendar_is_whole(cast: Cast, schedule: Schedule) -> None:
    override(cast.lead, schedule, cast.admin, (NOW + HOUR, NOW + 2 * HOUR), NOW)
    token, midnight = token_of_schedule(schedule), NOW.replace(hour=0) + 30 * DAY
    assert tag_of(feed(token, midnight)) == tag_of(feed(token, midnight + 13 * HOUR))
    assert cast.admin.name.encode() in feed(token, midnight + 13 * HOUR)
