"""The figures agree with a slow count in plain Python, and count only what their reader may see."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from answerable.lib.fresh import forget_all
from answerable.people import actions as people
from answerable.people.models import Person
from answerable.people.queries import teams_of
from answerable.reports.figures import Figures
from answerable.reports.periods import last_months
from answerable.reports.queries import NOBODY, PAGE, Group, Question, broken, organizations_named, table, unsettled
from answerable.reports.tests.stories import ALL, QUICK, SILENT, SLOW, UNANSWERED, play
from answerable.sla.actions import TermsSpec, apply_terms
from answerable.sla.models import Leg
from tests.cast import HOUR, NOW, Cast
from tests.put_back import put_back, the_cast

TOKYO = ZoneInfo("Asia/Tokyo")
LATER = NOW + timedelta(days=100)


def promises(version: int = 2) -> None:
    """Every kind of promise, so that there is something to count."""
    targets = {"first_response": 4 * HOUR, "next_response": 2 * HOUR, "resolution": 45 * HOUR}
    severities: dict[str, dict[str, Any]] = {
        key: {"name": key, "meaning": "", "examples": [], "calendar": "always", **targets} for key in ("P0", "P1", "P2")
    }
    severities["P0"]["periodic_update"] = HOUR
    severities["P3"] = {"name": "P3", "meaning": "", "examples": [], "calendar": "always", "first_response": None}
    plans = {"standard": {"name": "Standard", "severities": {}}}
    apply_terms(TermsSpec(severities, plans, "P2", "standard"), version, NOW)


@pytest.fixture
def past(db: None) -> Cast:
    return put_back(three_months)


def three_months() -> Cast:
    """Requests of two organizations and two teams; two broken promises are excused."""
    cast = the_cast()
    promises()
    for number in range(18):
        who = cast.stranger if number % 3 == 0 else cast.requester
        play(
            cast,
            ALL[number % len(ALL)],
            datetime(2026, 3, 30, 8, tzinfo=UTC) + timedelta(days=number * 3 - 27, hours=number),
            requester=who,
            organization=(cast.other_org if number % 3 == 0 else cast.org) if number % 5 else None,
            team=[cast.cloud, cast.product, None][number % 3],
            severity=["P0", "P1", "P2", "P3"][number % 4],
        )
    # Answered on the last evening of March: it is April in Tokyo.
    play(cast, QUICK, datetime(2026, 3, 31, 20, tzinfo=UTC))
    for leg in Leg.objects.filter(breached_at__isnull=False).order_by("id")[1:3]:
        leg.excused = "their firewall"
        leg.save()
    return cast


def question(**more: Any) -> Question:
    period = last_months(12, TOKYO, LATER)
    return replace(Question(period.since, period.until, TOKYO), **more)


def slowly(key: Callable[[Leg], Any], asked: Callable[[Leg], bool] = lambda leg: True) -> dict[Any, Figures]:
    """Every leg there is, one after the other."""
    found: dict[Any, list[Leg]] = {}
    for leg in Leg.objects.all():
        if leg.judged_at is not None and leg.target is not None and asked(leg):
            found.setdefault(key(leg), []).append(leg)
    return {key: _count(legs) for key, legs in found.items()}


def _count(legs: list[Leg]) -> Figures:
    times = sorted(leg.elapsed for leg in legs if leg.fulfilled_at)
    late = [leg for leg in legs if leg.breached_at]
    return Figures(
        kept=len(legs) - len(late),
        broken=sum(not leg.excused for leg in late),
        excused=sum(bool(leg.excused) for leg in late),
        median=times[(len(times) - 1) // 2] if times else None,
    )


KEYS: dict[str, Callable[[Leg], Any]] = {
    "month": lambda leg: leg.judged_at and leg.judged_at.astimezone(TOKYO).strftime("%Y-%m"),
    "severity": lambda leg: leg.severity,
    "metric": lambda leg: leg.metric,
    "team": lambda leg: leg.team_id,
    "organization": lambda leg: leg.organization_id,
    "agent": lambda leg: leg.agent_id,
}


def by_key(by: str, groups: list[Group]) -> dict[Any, Figures]:
    return {f"{one.key:%Y-%m}" if by == "month" else one.key: one.figures for one in groups}


@pytest.mark.behaviour("B-81")
@pytest.mark.parametrize("by", KEYS)
def test_the_figures_agree_with_a_slow_count(
    past: Cast, by: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    slow = slowly(KEYS[by])
    assert len(slow) > 1
    whole = [sum(getattr(one, name) for one in slow.values()) for name in ("kept", "broken", "excused")]
    assert all(number > 0 for number in whole)
    teams_of(past.admin)  # which every page asks first
    with django_assert_num_queries(1):
        groups = table(past.admin, question(), by, LATER)
    assert by_key(by, groups) == slow
    assert len(groups) == len(slow)


@pytest.mark.parametrize("by", ["month", "agent"])
def test_each_part_of_the_filter_counts(past: Cast, by: str) -> None:
    fifth = Leg.objects.filter(judged_at__isnull=False).order_by("judged_at")[5].judged_at
    assert fifth is not None
    asked: list[tuple[dict[str, Any], Callable[[Leg], bool]]] = [
        ({"metric": "next_response"}, lambda leg: leg.metric == "next_response"),
        ({"severity": "P0"}, lambda leg: leg.severity == "P0"),
        ({"team": past.cloud.pk}, lambda leg: leg.team_id == past.cloud.pk),
        ({"team": NOBODY}, lambda leg: leg.team_id is None),
        ({"agent": past.agent.pk}, lambda leg: leg.agent_id == past.agent.pk),
        ({"agent": NOBODY}, lambda leg: leg.agent_id is None),
        ({"organizations": (past.org.pk,)}, lambda leg: leg.organization_id == past.org.pk),
        ({"since": fifth}, lambda leg: leg.judged_at is not None and leg.judged_at >= fifth),
        ({"until": fifth}, lambda leg: leg.judged_at is not None and leg.judged_at < fifth),
    ]
    for words, holds in asked:
        slow = slowly(KEYS[by], holds)
        assert slow
        assert by_key(by, table(past.lead, question(**words), by, LATER)) == slow, words


def test_names_come_with_the_lines(past: Cast) -> None:
    def names(by: str) -> set[str]:
        return {group.label for group in table(past.admin, question(), by, LATER)}

    assert names("team") == {"Cloud support", "Product support", ""}
    assert names("organization") == {"Norrland Energi", "Kivu Bank", ""}
    assert names("agent") == {"Tomas Kral", "Priya Nair", ""}


def test_a_promise_without_target_is_none(cast: Cast) -> None:
    play(cast, SLOW, NOW)
    assert Leg.objects.filter(target__isnull=True, judged_at__isnull=False).exists()
    assert [group.key for group in table(cast.admin, question(), "metric", LATER)] == ["first_response"]


def shut_in(cast: Cast) -> Person:
    """The agent, whose team now sees its own tickets only."""
    people.apply_teams(
        [people.TeamSpec("cloud", "Cloud support", restricted=True), people.TeamSpec("product", "Product support")], NOW
    )
    forget_all()
    return Person.objects.get(pk=cast.agent.pk)


@pytest.mark.behaviour("B-82")
def test_who_is_shut_in_counts_their_own_only(past: Cast) -> None:
    agent = shut_in(past)

    def theirs(leg: Leg) -> bool:
        return leg.ticket.team_id == past.cloud.pk or leg.ticket.assignee_id == agent.pk

    for by, key in KEYS.items():
        slow = slowly(key, theirs)
        assert by_key(by, table(agent, question(), by, LATER)) == slow
        assert slow != slowly(key)
    seen = {row.number for row in broken(agent, question(), None, LATER).rows}
    everybodys = {row.number for row in broken(past.admin, question(), None, LATER).rows}
    assert seen < everybodys


def test_what_ended_neither_kept_nor_broken_is_counted_apart(cast: Cast) -> None:
    promises()
    play(cast, ((1, "agent", "solved"),), NOW)
    play(cast, QUICK, NOW)
    play(cast, SILENT, NOW)
    assert unsettled(cast.admin, question(), LATER) == {"cancelled": 1}
    assert unsettled(cast.admin, question(severity="P2", team=cast.cloud.pk), LATER) == {"cancelled": 1}
    for nothing in ({"severity": "P0"}, {"metric": "resolution"}, {"team": NOBODY}, {"organizations": ()}):
        assert unsettled(cast.admin, question(**nothing), LATER) == {}
    assert unsettled(cast.admin, question(until=NOW), LATER) == {}


def test_the_list_of_the_broken_is_paged_by_key(past: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.reports.queries.PAGE", 4)
    # Two at the same moment, so that the id must decide.
    first = Leg.objects.filter(breached_at__isnull=False).order_by("id").first()
    assert first is not None
    Leg.objects.filter(breached_at__isnull=False, metric=first.metric).update(judged_at=first.judged_at)
    seen, after, pages = [], None, 0
    while True:
        page = broken(past.admin, question(), after, LATER)
        seen += [(row.number, row.metric, row.due_at) for row in page.rows]
        pages += 1
        if page.next is None:
            break
        after = page.next
    legs = Leg.objects.filter(breached_at__isnull=False, target__isnull=False).order_by("-judged_at", "-id")
    assert seen == [(leg.ticket.number, leg.metric, leg.breached_at) for leg in legs]
    assert pages > 2
    assert PAGE == 50


def test_a_page_of_the_broken_costs_two_statements(
    past: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    broken(past.admin, question(), None, LATER)  # calendars are read once
    with django_assert_num_queries(2):
        assert len(broken(past.admin, question(), None, LATER).rows) > 5


def test_an_organization_is_found_by_its_name_or_a_part_of_it(cast: Cast) -> None:
    assert organizations_named("norr") == (cast.org.pk,)
    assert set(organizations_named("i")) == {cast.org.pk, cast.other_org.pk}
    cast.other_org.name = "Norrland Energi Nord"
    cast.other_org.save()
    assert organizations_named("norrland energi") == (cast.org.pk,)
    assert organizations_named("nobody") == ()


def test_an_empty_house_has_no_figures(cast: Cast) -> None:
    play(cast, UNANSWERED, NOW)
    for by in KEYS:
        assert table(cast.admin, question(), by, LATER) == []
    assert broken(cast.admin, question(), None, LATER).rows == []
