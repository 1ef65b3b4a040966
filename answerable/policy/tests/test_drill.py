"""The weekly drill, as support.toml plans it."""

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
OFF = "enabled = false\n\n# When, in `zone`"


def with_drill(**more: str) -> str:
    text = GOOD.replace(OFF, OFF.replace("false", more.pop("enabled", "true")))
    for key, value in more.items():
        written = f'{key} = "{value}"'
        text = (
            text.replace(f"# {key} = ", f"{written}\n# ") if key in {"team", "zone"} else _changed(text, key, written)
        )
    return text


def _changed(text: str, key: str, written: str) -> str:
    head, mark, rest = text.partition("\n[drill]\n")
    lines = [written if line.startswith(f"{key} = ") else line for line in rest.partition("\n[uptime]")[0].splitlines()]
    return head + mark + "\n".join(lines) + "\n[uptime]" + rest.partition("\n[uptime]")[2]


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
