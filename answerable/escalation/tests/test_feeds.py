"""Calendar feeds: what is in them, who may fetch them, and until when."""

from datetime import timedelta

import pytest
from icalendar import Calendar

from answerable.escalation.feeds import feed, renew_mine, renew_schedules, tag_of, token_of_person, token_of_schedule
from answerable.escalation.gap_actions import all_gaps, tell_gaps
from answerable.escalation.override_actions import override
from answerable.escalation.schedule_actions import edit_layers, retire
from answerable.escalation.schedules import Schedule
from answerable.escalation.tests.conftest import NOW, a_layer
from answerable.lib.errors import Refused
from answerable.notify.models import Notice
from answerable.people.person_actions import suspend
from tests.cast import Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def entries(content: bytes) -> list[tuple[str, str, str]]:
    """(title, start, end) of each."""
    return [
        (str(one["summary"]), f"{one.start:%d %H:%M}", f"{one.end:%d %H:%M}")
        for one in Calendar.from_ical(content).events
    ]


@pytest.mark.behaviour("B-350")
def test_a_schedule_has_everybody_and_gaps(cast: Cast, schedule: Schedule) -> None:
    override(cast.lead, schedule, None, (NOW + HOUR, NOW + 2 * HOUR), NOW)
    found = entries(feed(token_of_schedule(schedule), NOW))
    # Before the schedule began there was nobody.
    assert found[:5] == [
        ("Nobody is on call", "31 00:00", "02 09:00"),
        (cast.agent.name, "02 09:00", "02 10:00"),
        ("Nobody is on call", "02 10:00", "02 11:00"),
        (cast.agent.name, "02 11:00", "03 09:00"),
        (cast.lead.name, "03 09:00", "04 09:00"),
    ]


@pytest.mark.behaviour("B-350")
def test_a_person_has_their_own_turns_on_all_schedules(cast: Cast, schedule: Schedule) -> None:
    found = entries(feed(token_of_person(cast.lead), NOW))
    assert found[0] == ("On call: Platform", "03 09:00", "04 09:00")
    assert {title for title, _start, _end in found} == {"On call: Platform"}
    assert entries(feed(token_of_person(cast.csm), NOW)) == []


@pytest.mark.behaviour("B-350")
def test_names_and_times_and_no_more(cast: Cast, schedule: Schedule) -> None:
    override(cast.lead, schedule, cast.lead, (NOW + HOUR, NOW + 2 * HOUR), NOW, why="Norrland needs it")
    text = feed(token_of_schedule(schedule), NOW).decode()
    assert "Norrland" not in text
    assert "@vendor.test" not in text
    names = {line.partition(":")[0].partition(";")[0] for line in text.splitlines() if not line.startswith(" ")}
    assert names <= {
        "BEGIN", "END", "VERSION", "PRODID", "X-WR-CALNAME", "REFRESH-INTERVAL", "UID", "DTSTAMP", "DTSTART", "DTEND",
        "SUMMARY", "TRANSP",
    }  # fmt: skip


@pytest.mark.behaviour("B-350")
def test_the_same_shifts_are_the_same_bytes(cast: Cast, schedule: Schedule) -> None:
    token = token_of_schedule(schedule)
    first, again = feed(token, NOW + HOUR), feed(token, NOW + 2 * HOUR)
    assert tag_of(first) == tag_of(again)
    override(cast.lead, schedule, cast.admin, (NOW + HOUR, NOW + 2 * HOUR), NOW)
    assert tag_of(feed(token, NOW + HOUR)) != tag_of(first)


@pytest.mark.behaviour("B-351")
def test_an_address_that_was_renewed_or_made_up_shows_nothing(cast: Cast, schedule: Schedule) -> None:
    mine, theirs = token_of_person(cast.agent), token_of_schedule(schedule)
    assert mine != token_of_person(cast.lead)
    renew_mine(cast.agent, NOW)
    renew_schedules(cast.lead, schedule, NOW)
    schedule.refresh_from_db()
    for token in (mine, theirs, "", "a:b", theirs[:-1] + ("A" if theirs[-1] != "A" else "B")):
        with pytest.raises(Refused) as refused:
            feed(token, NOW)
        assert refused.value.code == "not_found"
    assert feed(token_of_person(cast.agent), NOW)
    assert feed(token_of_schedule(schedule), NOW)
    with pytest.raises(Refused) as refused:
        renew_schedules(cast.agent, schedule, NOW)
    assert refused.value.code == "not_allowed"


@pytest.mark.behaviour("B-351")
def test_it_ends_with_the_account_and_with_the_schedule(cast: Cast, schedule: Schedule) -> None:
    mine, theirs = token_of_person(cast.agent), token_of_schedule(schedule)
    suspend(cast.admin, cast.agent, "left", NOW)
    retire(cast.lead, schedule, NOW)
    for token in (mine, theirs):
        with pytest.raises(Refused):
            feed(token, NOW)


# --- gaps that administrators are told of ---


@pytest.mark.behaviour("B-347")
def test_administrators_are_told_of_a_gap_once_and_again_when_it_is_another(cast: Cast, schedule: Schedule) -> None:
    assert tell_gaps(NOW) == 0
    row = override(cast.lead, schedule, None, (NOW + 2 * DAY, NOW + 3 * DAY), NOW)
    assert [(one.key, spans) for one, spans in all_gaps(NOW)] == [("platform", [(row.start, row.end)])]
    assert (tell_gaps(NOW), tell_gaps(NOW + HOUR), tell_gaps(NOW + 2 * DAY - HOUR)) == (1, 0, 0)
    told = Notice.objects.filter(kind="gap")
    assert [(one.person_id, one.data["schedule"]) for one in told] == [(cast.admin.pk, "platform")]
    override(cast.lead, schedule, None, (NOW + 5 * DAY, NOW + 6 * DAY), NOW)
    assert tell_gaps(NOW + HOUR) == 1
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": [a_layer(cast.admin.email)]}, NOW, NOW + 7 * DAY)
    assert tell_gaps(NOW + 7 * DAY) == 0


@pytest.mark.behaviour("B-347")
def test_that_a_schedule_ends_is_told_once_and_not_each_hour(cast: Cast, schedule: Schedule) -> None:
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": []}, NOW + 10 * DAY, NOW)
    assert [tell_gaps(NOW + n * DAY) for n in range(4)] == [1, 0, 0, 0]
