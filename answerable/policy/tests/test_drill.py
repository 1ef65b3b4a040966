"""The weekly drill, as support.toml plans it."""

import re
from datetime import UTC, datetime

import pytest

from answerable.audit.actions import system
from answerable.audit.models import Record
from answerable.escalation.drill_queries import rule
from answerable.escalation.drills import DrillRule
from answerable.lib.fresh import forget_all
from answerable.policy.actions import apply
from answerable.policy.diff import changes, outline
from answerable.policy.read import SHIPPED, BadPolicy, parse

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
GOOD = SHIPPED.read_text()


def with_drill(**more: str) -> str:
    """The policy as it ships, with these in [drill]; what stands there as a comment is said."""
    head, mark, rest = GOOD.partition("\n[drill]\n")
    section, end, rest = rest.partition("\n[")
    written = {"enabled": more.pop("enabled", "true")} | {key: f'"{value}"' for key, value in more.items()}
    for key, value in written.items():
        section = re.sub(rf"(?m)^(# )?{key} = .*$", f"{key} = {value}", section, count=1)
    return head + mark + section + end + rest


@pytest.mark.parametrize(
    ("more", "key", "expected"),
    [
        ({"enabled": '"yes"'}, "drill.enabled", "true or false"),
        ({"day": "tuesday"}, "drill.day", "tue"),
        ({"at": "25:00"}, "drill.at", "a time of day"),
        ({"zone": "Berlin"}, "drill.zone", "a time zone name"),
        ({"team": "nobodys"}, "drill.team", "a team of this file"),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused_with_its_line(more: dict[str, str], key: str, expected: str) -> None:
    with pytest.raises(BadPolicy) as bad:
        parse(with_drill(**more), "support.toml")
    assert [one.key for one in bad.value.problems] == [key]
    assert expected in bad.value.problems[0].expected
    assert bad.value.problems[0].line


@pytest.mark.django_db
@pytest.mark.behaviour("B-390")
def test_the_plan_is_off_until_the_file_says_otherwise_and_every_change_is_on_record() -> None:
    apply(parse(GOOD, "x"), NOW, system("test"))
    assert rule() is None
    later = NOW.replace(hour=12)
    new = parse(with_drill(day="fri", zone="Europe/Berlin", team="cloud"), "x")
    assert [str(one) for one in changes(outline(parse(GOOD, "x")), outline(new))] == [
        "~ drill enabled false → true",
        "~ drill day tue → fri",
        "+ drill zone Europe/Berlin",
        "+ drill team cloud",
    ]
    apply(new, later, system("test"))
    forget_all()
    row = rule()
    assert row is not None
    assert (row.day, row.at, row.zone, row.team, row.since) == ("fri", "10:00", "Europe/Berlin", "cloud", later)
    assert "~ drill enabled false → true" in Record.objects.filter(verb="apply_policy").latest("id").data["changes"]
    # What changes beside it does not move its beginning.
    apply(parse(new.text.replace("Acme Support", "Acme Help") + "\n", "x"), later.replace(hour=13), system("test"))
    assert DrillRule.objects.get().since == later
