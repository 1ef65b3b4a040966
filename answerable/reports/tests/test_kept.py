"""What is published of promises kept: the figures of the staff's own report, of the last 90 days."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test import Client

from answerable.audit.actions import system
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.lib.zones import zone
from answerable.people.models import Organization
from answerable.policy import actions
from answerable.portal.tests.published import rows
from answerable.reports import kept
from answerable.reports.figures import Figures, total
from answerable.reports.kept import DAYS, judged_lately, kept_words
from answerable.reports.queries import Question, table
from answerable.reports.tests.stories import ALL, play
from answerable.reports.tests.test_queries import promises
from answerable.sla.models import Leg, Terms
from answerable.ui.tests.support import policy
from tests.cast import NOW, Cast

LATER = NOW + timedelta(days=120)


@pytest.fixture
def past(cast: Cast) -> Cast:
    """Half a year of requests of two organizations, one of them with a plan; one broken promise is excused."""
    promises()
    Organization.objects.filter(pk=cast.other_org.pk).update(plan="premium")
    for number in range(16):
        stranger = number % 3 == 0
        play(
            cast,
            ALL[number % len(ALL)],
            LATER - timedelta(days=10 * number, hours=number),
            requester=cast.stranger if stranger else cast.requester,
            organization=Organization.objects.get(pk=cast.other_org.pk) if stranger else cast.org,
            severity=["P0", "P1", "P2", "P3"][number % 4],
        )
    broken = Leg.objects.filter(breached_at__isnull=False, metric__in=["first_response", "next_response"])
    Leg.objects.filter(pk=broken.order_by("-judged_at")[1].pk).update(excused="their firewall")
    return cast


@pytest.mark.behaviour("B-438")
def test_what_is_published_is_what_staff_read_in_their_report(past: Cast) -> None:
    found = judged_lately(LATER)
    period = (LATER - timedelta(days=DAYS), LATER, zone("UTC"))
    report = [
        {one.key: one.figures for one in table(past.lead, Question(*period, metric=metric), "severity", LATER)}
        for metric in ("first_response", "next_response")
    ]
    levels = {
        level: total([part[level] for part in report if level in part]) for level in set(report[0]) | set(report[1])
    }
    assert {level: _bare(one) for level, one in found.levels.items()} == levels
    assert {level: one.median for level, one in found.levels.items()} == {
        level: report[0][level].median if level in report[0] else None for level in levels
    }
    whole = found.whole
    assert min(whole.kept, whole.broken, whole.excused) > 0
    assert total([one for (level, _), one in found.plans.items() if level == "P0"]) == _bare(found.levels["P0"])
    assert {plan for _, plan in found.plans} == {"", "premium"}
    assert Leg.objects.filter(judged_at__lt=LATER - timedelta(days=DAYS)).exists()
    assert found.since is None


def _bare(figures: Figures) -> Figures:
    return total([figures])


def test_a_young_house_says_from_when_it_counts(cast: Cast) -> None:
    assert judged_lately(NOW).since is None
    assert judged_lately(NOW).whole == Figures()
    promises()
    play(cast, ALL[0], NOW)
    since = judged_lately(NOW + timedelta(days=30)).since
    assert isinstance(since, datetime)
    assert since == Leg.objects.order_by("judged_at")[0].judged_at


@pytest.mark.behaviour("B-439")
def test_of_few_promises_it_says_how_many() -> None:
    assert kept_words(Figures()) == ""
    assert kept_words(Figures(excused=3)) == ""
    assert kept_words(Figures(7, 2, 5)) == "7 of 9"
    assert kept_words(Figures(1)) == "1 of 1"
    assert kept_words(Figures(9, 1)) == "90.0 %"
    assert kept_words(Figures(9_999, 1)) == "99.9 %"


def test_it_is_published_where_the_policy_says_so(past: Cast) -> None:
    Leg.objects.filter(judged_at__isnull=False).update(judged_at=clock.now() - timedelta(days=1))
    Terms.objects.all().delete()
    actions.apply(policy(("kept = true", "kept = false")), clock.now(), system("a test"))
    page, data = Client().get("/support"), Client().get("/support.json").json()
    assert 'id="kept"' not in page.content.decode()
    assert data["responses_kept"] is None
    assert "median" not in page.content.decode()
    actions.apply(policy(), clock.now(), system("a test"))
    page, data = Client().get("/support"), Client().get("/support.json").json()
    found = kept.kept_lately()
    levels = {key: found.levels.get(key, Figures()) for key in ("P0", "P1", "P2", "P3")}
    assert found.whole.excused == 1
    told = {row[0]: row[1:5] for row in rows(page.content.decode(), "kept")}
    assert told == {
        key: [kept_words(one) or "none fell due", str(one.all), str(one.broken), str(one.excused)]
        for key, one in levels.items()
    }
    assert data["responses_kept"]["all"]["broken"] == found.whole.broken
    assert {key: one["kept"] for key, one in data["responses_kept"]["severities"].items()} == {
        key: one.kept for key, one in levels.items()
    }


def test_it_looks_along_the_index_of_what_was_judged(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for statement in (kept._KEPT, kept._FIRST):
            cursor.execute(f"EXPLAIN {statement}", {"since": NOW, "until": LATER})
            assert "leg_judged" in "\n".join(line for (line,) in cursor.fetchall())


def test_one_look_serves_ten_minutes(cast: Cast) -> None:
    forget_all()
    first = kept.kept_lately()
    play(cast, ALL[0], clock.now() - timedelta(days=2))
    assert kept.kept_lately() is first
