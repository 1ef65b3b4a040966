"""The pages of reports and what-if, as their readers get them."""

import csv
import io
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from time_machine import travel

from answerable.audit.actions import system
from answerable.desk import chart
from answerable.desk.views import what_if
from answerable.people.models import Organization, Person
from answerable.policy import actions
from answerable.policy.read import SHIPPED, parse
from answerable.reports.figures import Figures
from answerable.reports.periods import last_months
from answerable.reports.replay import Limits
from answerable.reports.tests.stories import QUICK, SILENT, SLOW, play
from answerable.sla.models import Leg, Terms
from tests.cast import NOW, Cast
from tests.put_back import put_back, the_cast

LATER = NOW + timedelta(days=20)
REPORTS, CSV, BROKEN = "desk:reports", "desk:reports_csv", "desk:broken"


@pytest.fixture
def past(db: None) -> Cast:
    return put_back(four_requests)


def four_requests() -> Cast:
    """First responses, default terms: two kept, one broken with an answer, one broken and solved without."""
    cast = the_cast()
    play(cast, QUICK, NOW)
    play(cast, QUICK, NOW + timedelta(days=2), organization=cast.other_org, requester=cast.stranger)
    play(cast, SLOW, NOW + timedelta(days=1), subject="Never loads")
    play(cast, SILENT, NOW + timedelta(days=1), team=None, organization=None)
    return cast


def page(person: Person, name: str, **asked: str) -> str:
    client = Client()
    client.force_login(person)
    with travel(LATER, tick=False):
        answer = client.get(reverse(name), asked)
    assert answer.status_code == 200
    return b"".join(answer).decode()


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_the_page_says_what_was_kept(past: Cast) -> None:
    said = text(page(past.agent, REPORTS))
    assert "Promises kept 50.0 % of 4 promises that count" in said
    assert "Mar 2026 50.0 % 2 kept 2 broken 0 excused" in said
    assert "Feb 2026: no data. Mar 2026: 50.0 %." in said


@pytest.mark.parametrize(
    ("asked", "lines"),
    [
        ({"by": "team"}, ["Cloud support 66.6 % 2 kept 1 broken", "No team 0.0 % 0 kept 1 broken"]),
        ({"by": "organization"}, ["Kivu Bank 100 % 1 kept 0 broken", "No organization 0.0 %"]),
        ({"by": "agent", "metric": "first_response"}, ["Tomas Kral 100 %", "Nobody 0.0 %", "median 12 min"]),
        ({"by": "severity", "severity": "P2"}, ["P2 50.0 %"]),
        ({"by": "metric"}, ["First response 50.0 %"]),
        ({"organization": "kivu"}, ["Mar 2026 100 % 1 kept"]),
        ({"by": "nonsense", "team": "x' OR 1=1", "period": "2026-03", "agent": "9" * 30}, ["Mar 2026 50.0 %"]),
    ],
)
def test_it_can_be_asked_otherwise(past: Cast, asked: dict[str, str], lines: list[str]) -> None:
    said = text(page(past.lead, REPORTS, **asked))
    assert all(line in said for line in lines), said


def test_nothing_to_count_says_what_to_do(past: Cast) -> None:
    assert "Choose a longer period" in text(page(past.agent, REPORTS, period="2025-01"))
    assert "No broken promise" in text(page(past.agent, BROKEN, severity="P0"))


def test_each_line_leads_to_its_broken_promises(past: Cast) -> None:
    for by in ("month", "severity", "metric", "team", "agent"):
        html = page(past.admin, REPORTS, by=by)
        for address, count in re.findall(r'class="number-broken" href="([^"]+)" aria-label="(\d+) broken', html):
            client = Client()
            client.force_login(past.admin)
            with travel(LATER, tick=False):
                listed = client.get(address.replace("&amp;", "&")).content.decode()
            assert listed.count('class="list-title"') == int(count), address


@pytest.mark.behaviour("B-83")
def test_the_broken_are_listed_with_how_late_they_were(past: Cast) -> None:
    said = text(page(past.agent, BROKEN))
    assert "Never loads Norrland Energi P2 First response due 3 Mar, 17:00 answered 4 Mar, 15:00 22 h" in said
    assert "solved without 42 h" in said
    Leg.objects.filter(ticket__subject="Never loads").update(excused="their firewall")
    assert "excused: their firewall" in text(page(past.agent, BROKEN))


@pytest.mark.behaviour("B-86")
def test_the_csv_holds_every_line_and_no_formula(past: Cast) -> None:
    Organization.objects.filter(pk=past.org.pk).update(name="=cmd|' /C calc'!A0")
    client = Client()
    client.force_login(past.agent)
    with travel(LATER, tick=False):
        answer = client.get(reverse(CSV), {"by": "organization"})
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == (
        'attachment; filename="promises-by-organization-2025-04-12-months.csv"'
    )
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode("utf-8-sig"), newline="")))
    assert rows == [
        ["organization", "promises", "kept", "broken", "excused", "kept_percent", "median_seconds"],
        ["'=cmd|' /C calc'!A0", "2", "1", "1", "0", "50.0", "720"],
        ["Kivu Bank", "1", "1", "0", "0", "100", "720"],
        ["", "1", "0", "1", "0", "0.0", ""],
    ]


def test_what_the_picture_shows() -> None:
    months = list(last_months(36, ZoneInfo("UTC"), NOW).months())
    bars = chart.bars(months, {(2026, 3): Figures(9999, 1), (2026, 2): Figures(5, 5), (2026, 1): Figures(7)})
    none, whole, half, almost = bars[-4:]
    assert (none.gap, whole.gap, half.gap, almost.gap) == (0, 0, 56, 3)
    assert none.figures.share is None
    assert len(bars) == 36
    assert sum(bool(bar.letters) for bar in bars) == 12
    assert [bar.year for bar in bars if bar.year] == ["2023", "2024", "2025", "2026"]
    assert float(bars[-1].x[:-1]) + float(bars[-1].width[:-1]) < 100


@pytest.fixture
def under_policy(past: Cast) -> Cast:
    """The shipped policy in force since after those requests, so that there is one to change."""
    Terms.objects.all().delete()
    actions.apply(parse(SHIPPED.read_text(), "support.toml"), NOW + timedelta(days=10), system("test"))
    return past


def asked(person: Person, policy: str, **more: object) -> str:
    client = Client()
    client.force_login(person)
    with travel(LATER, tick=False):
        answer = client.post(reverse("desk:compare"), {"text": policy, "days": "90"} | more)
    assert answer.status_code == 200
    return answer.content.decode()


def test_it_starts_with_the_policy_in_force(under_policy: Cast) -> None:
    html = page(under_policy.lead, "desk:what_if")
    assert "[vendor]\n" in html
    assert "support.toml: the support policy, as code." in html


@pytest.mark.behaviour("B-87")
def test_both_policies_stand_side_by_side(under_policy: Cast) -> None:
    slower = SHIPPED.read_text().replace('first_response = "8 h"', 'first_response = "40 h"')
    before = list(Leg.objects.order_by("id").values())
    said = text(asked(under_policy.lead, slower))
    assert "Promises kept 50.0 % → 83.3 %" in said
    assert "1 broken → kept" in said
    assert "4 requests were replayed. Nothing was changed." in said
    assert list(Leg.objects.order_by("id").values()) == before
    assert actions.plan(parse(SHIPPED.read_text(), "support.toml")) == []


def test_a_file_wins_over_the_text(under_policy: Cast) -> None:
    slower = SHIPPED.read_text().replace('first_response = "8 h"', 'first_response = "40 h"')
    file = SimpleUploadedFile("mine.toml", b"\xef\xbb\xbf" + slower.replace("\n", "\r\n").encode())
    html = asked(under_policy.admin, "", file=file)
    assert "83.3 %" in html
    assert "first_response = &quot;40 h&quot;" in html


@pytest.mark.parametrize(
    ("policy", "file", "told"),
    [
        ("", None, "Write a policy, or choose a file."),
        ("  \n", None, "Write a policy, or choose a file."),
        ("", b"\xff\xfe", "This file is no text in UTF-8."),
        ("", b"#" * 200_001, "This file is too large for a policy."),
        ("x" * 200_001, None, "at most 200000 characters"),
        ("[vendor\n", None, "Line 1"),
    ],
)
def test_what_is_wrong_is_said_beside_the_form(under_policy: Cast, policy: str, file: bytes | None, told: str) -> None:
    more = {"file": SimpleUploadedFile("mine.toml", file)} if file else {}
    html = asked(under_policy.lead, policy, **more)
    assert told in text(html)
    assert "would have ended" not in html


def test_mistakes_are_told_by_line_and_the_text_is_kept(under_policy: Cast) -> None:
    wrong = SHIPPED.read_text().replace('first_response = "2 h"', 'first_response = "2 hrs"')
    html = asked(under_policy.lead, wrong)
    line = wrong[: wrong.index('"2 hrs"')].count("\n") + 1
    assert f"Line {line} severities.P1.first_response : expected a duration" in text(html)
    assert "first_response = &quot;2 hrs&quot;" in html


def test_a_page_that_would_take_long_says_what_it_left_out(under_policy: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(what_if, "LIMITS", Limits(tickets=2, seconds=3))
    said = text(asked(under_policy.lead, SHIPPED.read_text()))
    assert "The latest 2 of 4 requests were replayed" in said
    assert "answerable simulate" in said
