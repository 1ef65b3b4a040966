"""Who owns paging policies and the ladder: a file begins what the desk owns, and one that claims it is refused."""

from datetime import UTC, datetime, timedelta

import pytest

from answerable.audit.actions import system
from answerable.audit.queries import trail
from answerable.casework import ladder_rules
from answerable.casework.ladder_policy import SUBJECT, stored
from answerable.casework.ladder_policy_actions import change_ladder, give_to_file
from answerable.escalation.alerts import PagingPolicy
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import policy_of
from answerable.escalation.paging_policy_actions import Wanted, change_policy, retire_policy
from answerable.lib.errors import Refused
from answerable.people.actions import make_person
from answerable.people.models import Person, Team
from answerable.policy.actions import apply
from answerable.policy.read import SHIPPED, BadPolicy, parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
GOOD = SHIPPED.read_text()
TEAM = '\n[teams.cloud]\nname = "Cloud support"'
NIGHT = """
[paging.night]
name = "Night"
managed = "{owner}"
[[paging.night.steps]]
who = ["leads", "admins"]

[uptime]"""

pytestmark = pytest.mark.django_db


def file(paging: str = "", ladder: str = "file", team: str = "night") -> str:
    text = GOOD.replace('\nmanaged = "file"\n', f'\nmanaged = "{ladder}"\n')
    if paging:
        text = text.replace("\n[uptime]", NIGHT.format(owner=paging))
        text = text.replace(TEAM, f'{TEAM}\npaging = "{team}"') if team else text
    return text


def put(text: str, now: datetime = NOW) -> None:
    apply(parse(text, "support.toml"), now, system("answerable apply"))


@pytest.fixture
def admin() -> Person:
    return make_person("ada@acme.example", "Ada Lind", "admin", None, NOW - HOUR)


ADMINS = Plan((Step(("admins",), 900),))


@pytest.mark.behaviour("B-411")
def test_a_file_begins_a_policy_of_the_desk_and_never_overwrites_it(admin: Person) -> None:
    put(file("desk"))
    row = PagingPolicy.objects.get()
    assert (str(row), row.managed, row.teams) == ("Night", "desk", ["cloud"])
    change_policy(admin, row, Wanted("Nights", ADMINS, ("cloud",)), 1, NOW)
    put(file("desk").replace('who = ["leads", "admins"]', 'who = ["admins"]'), NOW + HOUR)
    assert policy_of(Team.objects.get(key="cloud")) == ("night", ADMINS)
    # What a file has no more, the desk still has.
    put(file(), NOW + HOUR)
    row.refresh_from_db()
    assert (str(row), row.retired_at) == ("Nights", None)


@pytest.mark.behaviour("B-411")
def test_a_file_that_claims_what_the_desk_owns_is_refused_with_its_line(admin: Person) -> None:
    put(file("desk", ladder="desk"))
    before = PagingPolicy.objects.values().get()
    with pytest.raises(BadPolicy) as bad:
        put(file("file"))
    lines = file("file").splitlines()
    found = {one.key: lines[(one.line or 0) - 1] for one in bad.value.problems}
    assert found == {"paging.night.managed": 'managed = "file"', "escalation.managed": 'managed = "file"'}
    assert "the desk owns" in str(bad.value)
    assert PagingPolicy.objects.values().get() == before
    # Retired at the desk, and given back, the file may have them.
    retire_policy(admin, PagingPolicy.objects.get(), NOW)
    give_to_file(admin, NOW)
    put(file("desk", ladder="desk").replace('"Night"', '"Nights"'), NOW + HOUR)
    assert (PagingPolicy.objects.get().retired_at, stored()["managed"]) == (NOW, "desk")
    give_to_file(admin, NOW)
    put(file("file"), NOW + HOUR)
    row = PagingPolicy.objects.get()
    assert (row.managed, row.retired_at, stored()["managed"]) == ("file", None, "file")


def test_a_file_cannot_take_a_team_from_a_policy_of_the_desk(admin: Person) -> None:
    put(file("desk"))
    day = NIGHT.replace(".night", ".day").replace("Night", "Day").format(owner="file")
    text = file("desk").replace("\n[uptime]", day).replace('paging = "night"', 'paging = "day"')
    with pytest.raises(BadPolicy) as bad:
        put(text)
    (problem,) = bad.value.problems
    assert problem.key == "teams.cloud.paging"
    assert text.splitlines()[(problem.line or 0) - 1] == 'paging = "day"'
    assert 'the desk gave this team to "Night"' in problem.expected


def test_a_file_gives_what_it_has_to_the_desk_as_it_is_in_force(admin: Person) -> None:
    put(file("file"))
    row = PagingPolicy.objects.get()
    with pytest.raises(Refused, match=r"support\.toml owns this policy"):
        change_policy(admin, row, Wanted("Mine", ADMINS), 1, NOW)
    put(file("desk", ladder="desk").replace('who = ["leads", "admins"]', 'who = ["admins"]'), NOW + HOUR)
    row.refresh_from_db()
    assert (row.managed, row.steps[0]["who"]) == ("desk", ["leads", "admins"])
    assert [one.verb for one in trail("paging_policy", row.pk, None, 9)] == ["paging_policy_owner", "paging_policy"]
    assert [one.verb for one in trail(*SUBJECT, None, 9)] == ["ladder_owner", "ladder_policy"]


@pytest.mark.behaviour("B-412")
def test_the_ladder_has_one_owner_and_every_change_is_on_record(admin: Person) -> None:
    put(file())
    content = stored()
    with pytest.raises(Refused, match=r"support\.toml owns the ladder"):
        change_ladder(admin, content, content["version"], NOW)
    put(file(ladder="desk"), NOW + HOUR)
    levels = [{**content["levels"][0], "name": "First line"}, *content["levels"][1:]]
    changed = {**content, "levels": levels, "max_open": 5}
    agent = make_person("ben@acme.example", "Ben Ode", "lead", None, NOW)
    with pytest.raises(Refused, match="Only administrators"):
        change_ladder(agent, changed, 1, NOW)
    change_ladder(admin, changed, 1, NOW + HOUR)
    with pytest.raises(Refused, match="Somebody else has changed"):
        change_ladder(admin, {**changed, "max_open": 9}, 1, NOW + HOUR)
    rules = ladder_rules.rules()
    assert (rules.name(1), rules.max_open, rules.managed, rules.version) == ("First line", 5, "desk", 2)
    # A file that changes something else leaves it as it is.
    put(file(ladder="desk").replace("max_open = 3", "max_open = 7"), NOW + 2 * HOUR)
    assert ladder_rules.rules().max_open == 5
    row = trail(*SUBJECT, None, 9)[0]
    assert (row.actor_label, row.data["was"]["max_open"], row.data["new"]["max_open"]) == (admin.label, 3, 5)
    assert "managed" not in row.data["new"]
