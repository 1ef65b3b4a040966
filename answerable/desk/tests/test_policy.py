"""The pages of the policy: what is in force, each version with its difference, how far open requests have come."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from answerable.audit.actions import system
from answerable.desk.policy import asked, hours, plans, warnings
from answerable.lib import clock
from answerable.people.actions import make_person
from answerable.policy import actions
from answerable.policy.read import SHIPPED, parse
from answerable.policy.schema import Policy
from answerable.sla.models import Replan

SUNDAY = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
OFFICE = """
[calendars.office]
tz = "Europe/Berlin"
dates_off = [2026-12-26, 2026-12-25]
weekly.mon = [["09:00", "12:00"], ["13:00", "17:00"]]
weekly.tue = [["09:00", "17:00"]]
weekly.wed = [["09:00", "17:00"]]
special.2026-12-24 = []
"""
P1_PREMIUM = '[plans.premium.severities.P1]\nfirst_response = "1 h"'


def policy(*edits: tuple[str, str]) -> Policy:
    """The shipped policy with edits."""
    text = SHIPPED.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return parse(text, "support.toml")


@pytest.fixture
def agent(db: None) -> Client:
    """At the desk, under the third version of the policy."""
    for number, edits in enumerate([[], [('default_severity = "P2"', 'default_severity = "P3"')], []]):
        actions.apply(policy(*edits), clock.now() - timedelta(hours=3 - number), system(f"hand {number + 1}"))
    client = Client()
    client.force_login(make_person("a@vendor.test", "Tomas Kral", "agent", "correct horse battery", clock.now()))
    return client


def text_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_what_is_in_force_since_when_and_by_whom(agent: Client) -> None:
    page = text_of(agent, "/desk/policy")
    for words in (
        "Version 3",
        "applied by hand 3",
        "support.toml",
        "P1: First response 1 h instead of 2 h",
        "open now",
        "when 25 % of the promise is left",
        "when 30 min is left",
        "Head of Customer Experience",
        "99.5 %",
        "urgent@acme.example",
        "DevOps and engineering",
    ):
        assert words in page, words
    assert page.count('method="post"') == 1, "only the form that signs out: the file owns the policy"


def test_before_the_first_policy_the_page_says_what_to_do(db: None) -> None:
    client = Client()
    client.force_login(make_person("a@vendor.test", "Tomas Kral", "agent", "correct horse battery", clock.now()))
    assert "answerable apply" in client.get("/desk/policy").content.decode()
    assert "No policy yet" in text_of(client, "/desk/policy/versions")


@pytest.mark.behaviour("B-74")
def test_every_version_is_there_with_its_hand_its_changes_and_its_difference(agent: Client) -> None:
    listed = text_of(agent, "/desk/policy/versions")
    assert [f"hand {n}" in listed for n in (1, 2, 3)] == [True, True, True]
    page = text_of(agent, "/desk/policy/versions/2")
    assert "default_severity P2 → P3" in page
    assert "in force" not in page.split("<h1>")[1].split("</header>")[0]
    row = page.split('<tr class="is-gone">')[1].split("</tr>")[0]
    assert "removed" in row
    assert "default_severity = &#34;P2&#34;" in row
    row = page.split('<tr class="is-new">')[1].split("</tr>")[0]
    assert "added" in row
    assert "default_severity = &#34;P3&#34;" in row
    assert page.count('id="L') == len(SHIPPED.read_text().splitlines())
    first = text_of(agent, "/desk/policy/versions/1")
    assert "differs from" not in first
    assert "in force" in text_of(agent, "/desk/policy/versions/3").split("<h1>")[1].split("</header>")[0]
    assert agent.get("/desk/policy/versions/4").status_code == 404


def test_versions_page_by_number(agent: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.desk.views.policy.PAGE", 2)
    first, second = text_of(agent, "/desk/policy/versions"), text_of(agent, "/desk/policy/versions?before=2")
    assert ("?before=2" in first, "hand 1" in first) == (True, False)
    assert ('rel="next"' in second, "hand 1" in second) == (False, True)


def test_progress_asks_again_until_it_is_done(agent: Client) -> None:
    walk = Replan.objects.create(kind="calendar", key="office", asked_by="hand 3", created_at=clock.now(), total=40)
    page = text_of(agent, "/desk/policy/replans")
    assert "every 2s" in page
    assert "Calendar office changed" in page
    assert "waits its turn" in page
    Replan.objects.filter(pk=walk.pk).update(started_at=clock.now(), done=10, moved=3)
    assert "10 of 40" in text_of(agent, "/desk/policy/replans")
    Replan.objects.filter(pk=walk.pk).update(finished_at=clock.now(), done=40)
    page = text_of(agent, "/desk/policy/replans")
    assert "every 2s" not in page
    assert "40 requests · 3 clocks moved" in page


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        (SUNDAY, False),
        (datetime(2026, 3, 2, 8, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 2, 11, 30, tzinfo=UTC), False),
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), False),
    ],
)
def test_open_now_is_what_the_engine_counts(at: datetime, is_open: bool) -> None:
    always, office = hours(policy(("[calendars.always]", f"{OFFICE}\n[calendars.always]")), at)[::-1]
    assert (always.is_open, office.is_open) == (True, is_open)


def test_days_with_the_same_hours_are_one_line() -> None:
    office = hours(policy(("[calendars.always]", f"{OFFICE}\n[calendars.always]")), SUNDAY)[0]
    assert office.weekly == (("Mon", "09:00–12:00, 13:00–17:00"), ("Tue–Wed", "09:00–17:00"), ("Thu–Sun", ""))
    assert office.dates_off == ("2026-12-25", "2026-12-26")
    assert office.special == (("2026-12-24", ""),)


def test_a_plan_shows_only_what_differs() -> None:
    edited = policy((P1_PREMIUM, '[plans.premium.severities.P1]\nfirst_response = "2 h"\nperiodic_update = "none"'))
    standard, premium = plans(edited)
    assert standard == ("Standard", True, [])
    assert [(one.level, one.metric, one.seconds, one.instead_of) for one in premium[2]][:2] == [
        ("P1", "next_response", 3600, 7200),
        ("P1", "periodic_update", None, 14_400),
    ]


def test_what_the_form_asks_is_said_in_its_order() -> None:
    fields = """
[form.fields.version]
label = "Version"
required = true
[form.fields.area]
label = "Area"
kind = "choice"
options = ["a", "b"]
shown_to = "signed_in"
[accounts]"""
    assert asked(policy(("\n[accounts]", fields))) == [
        ("version", "Version", "one line · required"),
        ("area", "Area", "one of a, b · only when signed in"),
    ]
    assert asked(policy()) == []


def test_warnings_are_shares_or_times() -> None:
    assert warnings(policy()) == [(25, 0), (0, 1800)]
