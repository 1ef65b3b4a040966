"""The support page says what the policy in force says, item by item, and nothing else."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve

from answerable.audit.actions import system
from answerable.lib import clock
from answerable.people.actions import make_person
from answerable.policy import actions
from answerable.policy.schema import Policy
from answerable.portal.tests.published import differences, part, words
from answerable.reports.kept import Kept
from answerable.ui.tests.support import OFFICE, page, policy

EDITS = [
    ("\n[plans.standard]\n", OFFICE),
    ('name = "Product support"', 'name = "Front line"'),
    ('about = "What we run for you', 'about = "Our clouds'),
    ('commitment = "99.5 %"', 'commitment = "99.95 %"'),
    ('meaning = "Something fails, and', 'meaning = "Something is off, and'),
    ('"One person cannot sign in."', '"A chart is cut off."'),
    ('first_response = "2 h"', 'first_response = "90 min"'),
    ('periodic_update = "24 h"\ncalendar = "always"', 'resolution = "10 d"\ncalendar = "office"'),
    ("Director, Support", "Head of Support"),
    ('confirm_timeout = { P0 = "15 min"', 'confirm_timeout = { P0 = "10 min"'),
    ('name = "Documentation"', 'name = "Handbook"'),
    ("https://docs.acme.example/", "https://handbook.acme.example/?v=2#start"),
    ("# sentence = ", "sentence = "),
]


def in_force(*edits: tuple[str, str]) -> Policy:
    """The shipped policy with these edits, applied."""
    given = policy(*edits)
    actions.apply(given, clock.now(), system("a test"))
    return given


def html(**headers: str) -> str:
    answer = Client().get("/support", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def signed_in(zone: str = "") -> Client:
    """A customer's browser."""
    person = make_person("elin@norrland.test", "Elin Berg", "customer", None, clock.now())
    person.zone = zone
    person.save()
    client = Client()
    client.force_login(person)
    return client


def data() -> dict[str, Any]:
    found: dict[str, Any] = Client().get("/support.json").json()
    return found


@pytest.mark.behaviour("B-430")
@pytest.mark.django_db
def test_the_page_is_the_policy_item_by_item() -> None:
    shipped = in_force()
    before = html()
    assert differences(shipped, before) == []
    assert "We answer, day and night, and you can check that we do." in before
    changed = in_force(*EDITS)
    assert set(differences(changed, before)) >= {"uptime", "meanings", "promises", "plans", "hours", "ladder", "teams"}
    after = html()
    assert differences(changed, after) == []
    assert "None" not in words(after)


@pytest.mark.django_db
def test_another_policy_is_another_page() -> None:
    """Each of the edits by itself, so that none hides behind another."""
    before = html() if in_force() else ""
    for edit in EDITS[:-1]:
        changed = in_force(edit) if edit[1] == OFFICE or "office" not in edit[1] else in_force(EDITS[0], edit)
        assert differences(changed, before), edit
        assert differences(changed, html()) == [], edit


@pytest.mark.behaviour("B-431")
@pytest.mark.django_db
def test_ways_in_are_links_that_work_and_closed_ones_are_absent() -> None:
    in_force()
    contact = part(html(), "contact")
    addresses = re.findall(r'href="(.*?)"', contact)
    assert addresses == ["/requests/new", "mailto:support@acme.example", "/my/requests"]
    assert [Client().get(one).status_code for one in (addresses[0], addresses[2])] == [200, 302]
    assert [one["kind"] for one in data()["contact"]] == ["form", "mail", "portal"]
    in_force(("form = true ", "form = false "), ("mail = true ", "mail = false "))
    assert re.findall(r'href="(.*?)"', part(html(), "contact")) == ["/my/requests"]
    assert "mailto:" not in html()
    assert [one["kind"] for one in data()["contact"]] == ["portal"]


@pytest.mark.behaviour("B-531")
@pytest.mark.django_db
def test_products_that_have_the_support_center_are_ways_in() -> None:
    built = '[widget.next]\nname = "Next"\norigins = ["http://localhost:3000"]\n'
    cloud = '[widget.cloud]\nname = "Acme Cloud"\norigins = ["http://localhost:3000", "https://app.acme.example"]\n'
    edit = ("\n[plans.standard]\n", f"\n{cloud}\n{built}\n[plans.standard]\n")
    in_force(edit)
    contact = part(html(), "contact")
    assert "In Acme Cloud" in contact
    assert "In Next" not in contact
    assert re.findall(r'href="(.*?)"', contact)[-1] == "https://app.acme.example"
    assert "app.acme.example</a>" in contact
    way = data()["contact"][-1]
    assert way == {"kind": "widget", "name": "In Acme Cloud", "url": "https://app.acme.example"}
    assert '"url": "https://app.acme.example"' in html()
    in_force(edit, ("widget = true ", "widget = false "))
    assert [one["kind"] for one in data()["contact"]] == ["form", "mail", "portal"]


@pytest.mark.behaviour("B-432")
@pytest.mark.django_db
@pytest.mark.parametrize("shown", ["true", "false"])
def test_levels_are_told_by_title_and_nobody_by_name(shown: str) -> None:
    people = [
        make_person(f"{role}@vendor.test", f"Ada {role.title()}", role, None, clock.now())
        for role in ("agent", "lead", "admin")
    ]
    in_force(
        ('team = "own"\n', 'team = "own"\npeople = ["lead@vendor.test"]\n'),
        ("fallback = []", 'fallback = ["admin@vendor.test"]'),
        ("show_names = true", f"show_names = {shown}"),
    )
    told = html() + json.dumps(data())
    assert [one for person in people for one in (person.name, person.email) if one in told] == []


@pytest.mark.parametrize(
    ("moment", "is_open", "changes"),
    [
        # Summer and winter time in Berlin; the lunch break of a Monday; a date with hours of its own; two closed dates
        # and a week-end after it.
        ("2026-10-23T12:59", True, "2026-10-23T13:00"),
        ("2026-10-23T13:00", False, "2026-10-26T08:00"),
        ("2026-10-26T11:30", False, "2026-10-26T12:00"),
        ("2026-12-24T10:00", True, "2026-12-24T11:00"),
        ("2026-12-24T11:00", False, "2026-12-28T08:00"),
    ],
)
@pytest.mark.behaviour("B-433")
def test_open_now_and_the_next_change(moment: str, is_open: bool, changes: str) -> None:
    now, then = (datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (moment, changes))
    always, office = page(policy(*EDITS), Kept(now), now).hours
    assert (office.is_open, office.changes_at, office.levels) == (is_open, then, ("P2",))
    assert (always.is_open, always.changes_at, always.levels) == (True, None, ("P0", "P1", "P3"))
    assert all(other.day >= now.date() for other in office.other_days)


def test_a_calendar_that_never_opens_again_says_so() -> None:
    now = datetime(2026, 12, 1, tzinfo=UTC)
    shut = re.sub(r"(?m)^(mon|tue|wed|thu|fri) = .*\n", "", OFFICE)
    office = page(policy((EDITS[0][0], shut), EDITS[7]), Kept(now), now + timedelta(days=30)).hours[1]
    assert (office.is_open, office.changes_at) == (False, None)


@pytest.mark.django_db
def test_moments_are_the_vendors_whoever_reads() -> None:
    in_force(*EDITS, ('time_zone = "UTC"', 'time_zone = "Asia/Tokyo"'))
    client = signed_in("America/New_York")
    told = words(part(client.get("/support").content.decode(), "hours"))
    assert re.search(r"(Until|Opens) \w+ \d+ \w+ 20\d\d, \d\d:\d\d JST\.", told)
    assert "in the time of Asia/Tokyo" in told
    assert "Local time in Europe/Berlin" in told


@pytest.mark.behaviour("B-434")
@pytest.mark.django_db
def test_what_programs_read_is_as_documented() -> None:
    in_force(*EDITS)
    found = data()
    documented = set(
        re.findall(r"(?m)^\| `([\w.\[\]]+)`", (Path(__file__).parents[3] / "docs/support-json.md").read_text())
    )
    assert set(_keys(found)) == documented
    assert found["schema"] == "answerable.support/1"
    assert found["uptime"] == {"promised": "99.95 %", "promised_share": 0.9995, "measured": None}
    assert found["hours"][1]["weekly"]["mon"] == [["09:00", "12:00"], ["13:00", "17:00"]]
    premium = found["plans"][2]
    assert (premium["key"], premium["promises"][1]["first_response_seconds"]) == ("premium", 3600)
    answer = Client().get("/support.json")
    assert (answer["Access-Control-Allow-Origin"], answer["Cache-Control"]) == ("*", "public, max-age=60")


# Tables whose keys are the vendor's own.
_OPEN = {"hours[].weekly", "escalation.confirm_seconds", "escalation.acknowledge_seconds", "responses_kept.severities"}


def _keys(value: Any, at: str = "") -> list[str]:
    """Every place in it: `teams[].name`."""
    if isinstance(value, list):
        return [at, *(key for one in value if isinstance(one, dict) for key in _keys(one, f"{at}[]"))]
    if not isinstance(value, dict) or at in _OPEN:
        return [at]
    inside = [key for name, one in value.items() for key in _keys(one, f"{at}.{name}".lstrip("."))]
    return inside if not at or at.endswith("[]") else [at, *inside]


@pytest.mark.behaviour("B-435")
@pytest.mark.django_db
def test_public_pages_name_one_address_whatever_the_browser_called_us() -> None:
    in_force()
    told = html(host="evil.example")
    assert "evil.example" not in told
    assert '<link rel="canonical" href="https://support.acme.example/support">' in told
    assert '<meta property="og:url" content="https://support.acme.example/support">' in told
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', told, re.DOTALL)
    assert found is not None
    organization = json.loads(found[1])
    assert (organization["@type"], organization["url"]) == ("Organization", "https://support.acme.example")
    assert [one.get("url") or one["email"] for one in organization["contactPoint"]] == [
        "https://support.acme.example/requests/new",
        "support@acme.example",
        "https://support.acme.example/my/requests",
    ]
    # Every other link is one of this site's own pages, or one that the policy names.
    for link in set(re.findall(r' href="(?!#|mailto:|/static/)(.*?)"', told)):
        assert link.startswith(("https://support.acme.example/", "https://docs.acme", "https://acme.ex")) or resolve(
            link
        )


@pytest.mark.django_db
def test_a_name_that_ends_scripts_ends_none() -> None:
    in_force(('name = "Acme Data"', 'name = "A</script><b>&\'"'))
    told = html()
    assert "</script><b>" not in told
    data_block = told.split('ld+json">')[1].split("</script>")[0]
    assert json.loads(data_block)["name"] == "A</script><b>&'"


@pytest.mark.behaviour("B-436")
@pytest.mark.django_db
def test_search_engines_may_read_public_pages_and_nothing_else() -> None:
    answer = Client().get("/robots.txt")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    lines = answer.content.decode().splitlines()
    assert lines[0] == "User-agent: *"
    rules = [line.split(": ") for line in lines[1:] if line and not line.startswith("Sitemap")]
    assert allowed(rules, "/support")
    assert allowed(rules, "/static/portal/support.css")
    closed = [
        "/",
        "/desk/",
        "/my/requests",
        "/requests/new",
        "/requests/7",
        "/r/token",
        "/accounts/login/",
        "/rate/x",
        "/help/search?q=x",
    ]
    assert [path for path in closed if allowed(rules, path)] == []


def allowed(rules: list[list[str]], path: str) -> bool:
    """RFC 9309: the longest rule that fits counts."""
    fitting = [(len(prefix), kind == "Allow") for kind, prefix in rules if path.startswith(prefix)]
    return max(fitting)[1] if fitting else True


@pytest.mark.django_db
def test_everybody_finds_the_page() -> None:
    in_force()
    for path in ("/", "/requests/new"):
        assert 'href="/support"' in Client().get(path).content.decode(), path
    assert 'href="/support"' in signed_in().get("/my/requests").content.decode()


@pytest.mark.behaviour("B-437")
@pytest.mark.django_db
def test_a_look_asks_the_database_nothing_that_the_last_one_asked() -> None:
    in_force()
    html()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        html()
        data()
    assert asked.captured_queries == []
