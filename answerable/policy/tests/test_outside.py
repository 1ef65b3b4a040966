"""Outside tools, as support.toml has them."""

from datetime import UTC, datetime

import pytest

from answerable.audit.actions import system
from answerable.escalation.outside import OutsideTool
from answerable.policy.actions import apply
from answerable.policy.diff import changes, outline
from answerable.policy.read import SHIPPED, BadPolicy, parse
from answerable.policy.tests.test_paging import GOOD, NIGHT, with_paging

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TOOLS = """
[outside.pagerduty]
kind = "events_v2"
name = "PagerDuty"
region = "eu"
key_variable = "PD_KEY"
secret_variable = "PD_SECRET"
may_acknowledge = true
[outside.pagerduty.people]
PLH1HKV = "ana@acme.example"
[outside.prometheus]
kind = "alertmanager"
name = "Prometheus"
secret_variable = "AM_TOKEN"
[[outside.prometheus.routes]]
match = { severity = "critical", service = ["api", "web"] }
team = "cloud"
severity = "P0"

[uptime]"""


def with_tools(tools: str = TOOLS, named: str = '["pagerduty"]') -> str:
    night = NIGHT.replace("rounds = 2", f"rounds = 2\noutside = {named}")
    return with_paging(night).replace("\n[uptime]", tools)


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (with_tools(named='["prometheus"]'), "paging.night.outside[0]", "a tool of this file that can be told"),
        (with_tools(named='["pagerduty", "pagerduty"]'), "paging.night.outside[1]", "each tool once"),
        (with_tools(TOOLS.replace('key_variable = "PD_KEY"\n', "")), "outside.pagerduty", "key_variable, since"),
        (with_tools(TOOLS.replace('"PD_KEY"', '"R0UTINGkey"')), "outside.pagerduty.key_variable", "never the secret"),
        (with_tools(TOOLS.replace('"PD_SECRET"', '"PD_KEY"')), "outside.pagerduty.secret_variable", "of its own"),
        (
            with_tools(TOOLS.replace('secret_variable = "PD_SECRET"\n', "")),
            "outside.pagerduty.may_acknowledge",
            "secret_variable too",
        ),
        (
            with_tools(TOOLS.replace('region = "eu"', 'region = "eu"\nurl = "https://pd.example/x"')),
            "outside.pagerduty.region",
            "either region or url",
        ),
        (
            with_tools(TOOLS.replace('region = "eu"', 'url = "http://pd.example/x"')),
            "outside.pagerduty.url",
            "by https",
        ),
        (with_tools(TOOLS.replace('team = "cloud"', 'team = "sre"')), "outside.prometheus.routes[0].team", "a team of"),
        (
            with_tools(TOOLS.replace('"AM_TOKEN"', '"AM_TOKEN"\nurl = "https://x.example"')),
            "outside.prometheus.url",
            "no url, since",
        ),
        (
            with_tools(TOOLS.replace("service = [", "service = [3, ")),
            "outside.prometheus.routes[0].match.service",
            "a value",
        ),
    ],
)
def test_what_cannot_work_is_refused(text: str, key: str, expected: str) -> None:
    with pytest.raises(BadPolicy) as bad:
        parse(text, "support.toml")
    assert [one.key for one in bad.value.problems] == [key]
    assert expected in bad.value.problems[0].expected


@pytest.mark.django_db
def test_the_file_says_which_tools_there_are() -> None:
    apply(parse(with_tools(), "x"), NOW, system("test"))
    pagerduty, prometheus = OutsideTool.objects.order_by("key")
    assert (pagerduty.url, pagerduty.policies) == ("https://events.eu.pagerduty.com/v2/enqueue", ["night"])
    assert pagerduty.people == {"PLH1HKV": "ana@acme.example"}
    assert prometheus.rules == {
        "team": None,
        "severity": "P1",
        "routes": [
            {"match": {"severity": ["critical"], "service": ["api", "web"]}, "team": "cloud", "severity": "P0"},
        ],
    }
    apply(parse(GOOD, "x"), NOW, system("test"))
    assert set(OutsideTool.objects.values_list("retired_at", flat=True)) == {NOW}


def test_a_change_is_said_tool_by_tool() -> None:
    plain, given = (outline(parse(text, "x")) for text in (with_paging(), with_tools()))
    assert [str(one) for one in changes(plain, given)] == [
        '+ paging night outside ["pagerduty"]',
        '+ outside pagerduty "PagerDuty"',
        '+ outside prometheus "Prometheus"',
        "+ outside prometheus route 1",
    ]


def test_the_example_of_the_file_that_ships_works() -> None:
    lines = SHIPPED.read_text().splitlines()
    begin = lines.index("# [outside.pagerduty]")
    end = next(n for n in range(begin, len(lines)) if not lines[n].startswith("#"))
    example = "\n".join(line.removeprefix("# ") for line in lines[begin:end])
    assert set(parse(f"{GOOD}\n{example}", "x").outside) == {"pagerduty", "bridge", "prometheus"}
