"""Swaps: asked, answered, or over before anybody answered."""

from datetime import timedelta

import pytest

from answerable.audit.queries import trail
from answerable.escalation.schedule_actions import edit_layers
from answerable.escalation.schedule_queries import on_call
from answerable.escalation.schedules import Schedule, Swap
from answerable.escalation.swap_actions import Trade, accept_swap, ask_swap, decline_swap, lapse_swaps, withdraw_swap
from answerable.escalation.tests.conftest import NOW, a_layer
from answerable.lib.errors import Refused
from answerable.notify.models import Notice
from tests.cast import Cast

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
GIVEN, BACK = (NOW + 2 * DAY, NOW + 3 * DAY), (NOW + 3 * DAY, NOW + 4 * DAY)


@pytest.fixture
def swap(cast: Cast, schedule: Schedule) -> Swap:
    """The agent asks the lead to take Wednesday, for Thursday."""
    return ask_swap(cast.agent, cast.lead, schedule, Trade(GIVEN, BACK, "school play"), NOW)


def told(cast: Cast, what: str) -> set[int]:
    return {row.person_id for row in Notice.objects.filter(kind="on_call") if row.data["what"] == f"swap_{what}"}


def test_accepted_it_becomes_two_overrides(cast: Cast, schedule: Schedule, swap: Swap) -> None:
    assert told(cast, "asked") == {cast.lead.pk}
    accept_swap(cast.lead, swap.pk, NOW + HOUR)
    assert [on_call(schedule.key, NOW + n * DAY) for n in (1, 2, 3, 4)] == [
        cast.lead.pk,
        cast.lead.pk,
        cast.agent.pk,
        cast.agent.pk,
    ]
    assert told(cast, "accepted") == {cast.agent.pk}
    assert [row.verb for row in trail("schedule", schedule.pk, None, 3)][:3] == ["swap_accepted"] + ["put_override"] * 2


def test_without_anything_in_return_it_is_one(cast: Cast, schedule: Schedule) -> None:
    row = ask_swap(cast.agent, cast.admin, schedule, Trade((GIVEN[0] + HOUR, GIVEN[1] - HOUR)), NOW)
    accept_swap(cast.admin, row.pk, NOW + HOUR)
    assert schedule.overrides.count() == 1
    assert on_call(schedule.key, GIVEN[0] + 2 * HOUR) == cast.admin.pk


def test_declined_or_withdrawn_it_changes_nothing(cast: Cast, schedule: Schedule, swap: Swap) -> None:
    decline_swap(cast.lead, swap.pk, NOW + HOUR)
    assert told(cast, "declined") == {cast.agent.pk}
    again = ask_swap(cast.agent, cast.lead, schedule, Trade(GIVEN), NOW)
    withdraw_swap(cast.agent, again.pk, NOW + HOUR)
    assert told(cast, "withdrawn") == {cast.lead.pk}
    assert not schedule.overrides.exists()
    for answer in (accept_swap, decline_swap):
        with pytest.raises(Refused) as refused:
            answer(cast.lead, swap.pk, NOW + 2 * HOUR)
        assert refused.value.code == "settled"


def test_only_who_was_asked_answers_and_only_who_asked_withdraws(cast: Cast, swap: Swap) -> None:
    for act, person in ((accept_swap, cast.agent), (decline_swap, cast.admin), (withdraw_swap, cast.lead)):
        with pytest.raises(Refused) as refused:
            act(person, swap.pk, NOW)
        assert refused.value.code == "not_allowed"


@pytest.mark.behaviour("B-344")
def test_unanswered_it_lapses_when_the_first_of_both_begins(cast: Cast, schedule: Schedule, swap: Swap) -> None:
    assert swap.lapses_at == GIVEN[0]
    assert lapse_swaps(GIVEN[0] - HOUR) == 0
    with pytest.raises(Refused) as refused:
        accept_swap(cast.lead, swap.pk, GIVEN[0])
    assert refused.value.code == "settled"
    assert (lapse_swaps(GIVEN[0] + HOUR), lapse_swaps(GIVEN[0] + HOUR)) == (1, 0)
    swap.refresh_from_db()
    assert (swap.state, swap.settled_at) == ("lapsed", GIVEN[0])
    assert told(cast, "lapsed") == {cast.agent.pk}


def test_one_asks_only_for_what_is_ones_own_to_give(cast: Cast, schedule: Schedule) -> None:
    cases = [
        (cast.agent, cast.lead, Trade((GIVEN[0], GIVEN[1] + HOUR)), "not_theirs"),
        (cast.agent, cast.admin, Trade(GIVEN, BACK), "not_theirs"),
        (cast.agent, cast.agent, Trade(GIVEN), "not_staff"),
        (cast.agent, cast.csm, Trade(GIVEN), "not_staff"),
        (cast.agent, cast.lead, Trade(GIVEN, (GIVEN[0] + HOUR, BACK[1])), "invalid"),
        (cast.agent, cast.lead, Trade((NOW - DAY, NOW)), "invalid"),
    ]
    for asker, other, trade, code in cases:
        with pytest.raises(Refused) as refused:
            ask_swap(asker, other, schedule, trade, NOW)
        assert refused.value.code == code


def test_what_changed_since_is_not_swapped_any_more(cast: Cast, schedule: Schedule, swap: Swap) -> None:
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": [a_layer(cast.admin.email)]}, NOW, NOW + HOUR)
    with pytest.raises(Refused) as refused:
        accept_swap(cast.lead, swap.pk, NOW + 2 * HOUR)
    assert refused.value.code == "not_theirs"
    assert not schedule.overrides.exists()


def test_a_shift_that_runs_is_given_for_its_rest(cast: Cast, schedule: Schedule) -> None:
    row = ask_swap(cast.agent, cast.lead, schedule, Trade((NOW, NOW + DAY)), NOW + HOUR)
    accept_swap(cast.lead, row.pk, NOW + 2 * HOUR)
    assert [on_call(schedule.key, NOW + n * HOUR) for n in (1, 2, 23)] == [cast.agent.pk, cast.lead.pk, cast.lead.pk]


def test_a_shift_that_runs_is_taken_back_for_its_rest_and_what_was_stays(cast: Cast, schedule: Schedule) -> None:
    row = ask_swap(cast.lead, cast.agent, schedule, Trade((NOW + DAY, NOW + 2 * DAY), (NOW, NOW + DAY)), NOW)
    accept_swap(cast.agent, row.pk, NOW + 2 * HOUR)
    assert [on_call(schedule.key, NOW + n * HOUR) for n in (1, 2, 25)] == [cast.agent.pk, cast.lead.pk, cast.agent.pk]
