"""When a severity would reach nobody: by the ladder, in the hours of its calendar, and who is told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from answerable.casework.coverage_actions import tell_holes
from answerable.casework.ladder_coverage import holes, ladder_holes
from answerable.casework.ladder_rules import read
from answerable.desk.notices import place
from answerable.escalation.coverage_queries import Hole
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib.fresh import forget_all
from answerable.notify.models import Notice
from answerable.ops.coverage_check import examine
from answerable.people.absence_actions import end_time_off, plan_time_off
from answerable.people.actions import apply_calendars
from answerable.people.models import Absence, Team
from tests.cast import NOW, Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LEVELS = [
    {"name": "First", "role": "Looks.", "team": "own"},
    {"name": "Second", "role": "Decides.", "people": ["lead@vendor.test"]},
]


def at(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=UTC)


@pytest.mark.behaviour("B-406")
def test_the_ladder_leaves_a_gap_where_nobody_of_any_level_is_there(cast: Cast) -> None:
    office = {"tz": "UTC", "weekly": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}}
    apply_calendars({"always": office}, NOW - DAY)
    forget_all()
    rules = read({"levels": LEVELS})
    assert [(hole.severity, hole.team) for hole in ladder_holes(rules, NOW)] == []
    plan_time_off(cast.lead, cast.lead, at(5, 12), at(9, 12), NOW)
    found = {(hole.severity, hole.team): hole.spans for hole in ladder_holes(rules, NOW)}
    # Nobody is in the product team, and of cloud the agent is there. P1 counts day and night, the others office hours.
    assert found == {
        ("P1", "product"): ((at(5, 12), at(9, 12)),),
        ("P2", "product"): ((at(5, 12), at(5, 17)), (at(6, 9), at(6, 17)), (at(9, 9), at(9, 12))),
        ("P3", "product"): ((at(5, 12), at(5, 17)), (at(6, 9), at(6, 17)), (at(9, 9), at(9, 12))),
    }
    plan_time_off(cast.agent, cast.agent, at(9, 11), at(10, 0), NOW)
    assert Hole("P1", "cloud", "Cloud support", "", ((at(9, 11), at(9, 12)),)) in ladder_holes(rules, NOW)


@pytest.mark.behaviour("B-413")
def test_administrators_are_told_of_a_gap_once_and_doctor_says_it(cast: Cast) -> None:
    # A key may be as long as that.
    Team.objects.filter(pk=cast.cloud.pk).update(key="c" * 64)
    forget_all()
    apply_paging([PagingSpec("night", Plan((Step((cast.agent.email,), 600),)), ("c" * 64,))], NOW)
    assert (tell_holes(NOW), holes(NOW)) == (0, [])
    assert [finding.level for finding in examine(NOW)] == ["ok"]
    row = plan_time_off(cast.agent, cast.agent, NOW + DAY, NOW + 2 * DAY, NOW)
    assert [tell_holes(NOW), tell_holes(NOW + HOUR)] == [1, 0]
    notice = Notice.objects.get(kind="gap")
    assert (notice.person_id, notice.data["name"]) == (cast.admin.pk, "P0 of Cloud support")
    assert place(notice, cast.admin) == "/desk/on-call"
    (finding,) = examine(NOW)
    assert (finding.level, finding.text) == (
        "wrong",
        "a P0 of Cloud support would reach nobody from 2026-03-03 09:00 to 2026-03-04 09:00 UTC: see On call at the desk",
    )
    # Part of what was told is no news; filled and open again it is.
    assert tell_holes(NOW + DAY + HOUR) == 0
    end_time_off(cast.agent, row.pk, NOW + DAY + HOUR)
    assert tell_holes(NOW + DAY + 2 * HOUR) == 0
    Absence.objects.all().delete()
    plan_time_off(cast.agent, cast.agent, NOW + 3 * DAY, NOW + 4 * DAY, NOW)
    assert tell_holes(NOW + 2 * DAY) == 1
