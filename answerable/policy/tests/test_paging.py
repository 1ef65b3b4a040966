"""Who is paged, as support.toml says it: what is refused, what a change is called, what the alert gets."""

from datetime import UTC, datetime

import pytest

from answerable.audit.actions import system
from answerable.escalation.alerts import PagingPolicy
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import policy_of
from answerable.lib.fresh import forget_all
from answerable.people.models import Team
from answerable.policy.actions import apply
from answerable.policy.diff import changes, outline
from answerable.policy.read import SHIPPED, BadPolicy, parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOOD = SHIPPED.read_text()
NIGHT = """
[paging.night]
every = "2 min"
rounds = 2
[[paging.night.steps]]
who = ["on_call.platform", "ana+pager@acme.example"]
wait = "7 min"
[[paging.night.steps]]
who = ["leads"]

[uptime]"""
TEAM = '\n[teams.cloud]\nname = "Cloud support"'


def with_paging(night: str = NIGHT, key: str = "night") -> str:
    return GOOD.replace("\n[uptime]", night).replace(TEAM, f'{TEAM}\npaging = "{key}"')


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (with_paging(key="day"), "teams.cloud.paging", "a paging policy of this file"),
        (with_paging(NIGHT.replace("7 min", "2 d")), "paging.night.steps[0].wait", "86400"),
        (with_paging(NIGHT.replace('"leads"', '"the boss"')), "paging.night.steps[1].who[0]", "an address such as"),
        (with_paging(NIGHT.replace("rounds = 2", "rounds = 0")), "paging.night.rounds", ""),
        (with_paging(NIGHT.replace('["leads"]', "[]")), "paging.night.steps[1].who", "at least one entry"),
        (GOOD.replace('p0_team = "devops"', 'p0_team = "sre"'), "p0_team", "a team of this file"),
    ],
)
def test_what_cannot_page_is_refused(text: str, key: str, expected: str) -> None:
    with pytest.raises(BadPolicy) as bad:
        parse(text, "support.toml")
    assert [one.key for one in bad.value.problems] == [key]
    assert expected in bad.value.problems[0].expected
    assert bad.value.problems[0].line


def test_a_change_is_said_step_by_step() -> None:
    plain, given, other = (
        outline(parse(text, "x")) for text in (GOOD, with_paging(), with_paging(NIGHT.replace("7 min", "9 min")))
    )
    assert [str(one) for one in changes(plain, given)] == [
        "+ team cloud paging night",
        "+ paging night",
        "+ paging night step 1",
        "+ paging night step 2",
    ]
    assert [str(one) for one in changes(given, other)] == ["~ paging night step 1 wait 7 min → 9 min"]


@pytest.mark.django_db
@pytest.mark.behaviour("B-361")
def test_the_file_says_who_is_paged_and_taking_it_out_retires_it() -> None:
    apply(parse(with_paging(), "x"), NOW, system("test"))
    cloud, product = Team.objects.get(key="cloud"), Team.objects.get(key="product")
    steps = (Step(("on_call.platform", "ana+pager@acme.example"), 420), Step(("leads:cloud",), 600))
    assert policy_of(cloud) == ("night", Plan(steps, 120, 2))
    key, plan = policy_of(product)
    assert (key, [step.who for step in plan.steps]) == ("", [("leads:product",), ("admins",)])
    key, plan = policy_of(None)
    assert (key, [step.who for step in plan.steps]) == ("", [("leads:devops",), ("admins",)])
    apply(parse(GOOD, "x"), NOW, system("test"))
    forget_all()
    assert policy_of(cloud)[0] == ""
    assert PagingPolicy.objects.get().retired_at == NOW
