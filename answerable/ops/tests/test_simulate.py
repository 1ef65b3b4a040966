"""`answerable simulate`: what it says, to whom, and that it leaves everything as it was."""

import json
import re
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from pytest_django import Settings
from time_machine import travel

from answerable.ops import cli
from answerable.ops.management.commands.simulate import Command, since
from answerable.policy.actions import SHIPPED
from answerable.reports import replay
from answerable.reports.tests.stories import QUICK, SILENT, SLOW, play
from answerable.sla.models import Leg
from answerable.tickets.models import Event
from tests.cast import NOW, Cast


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANSWERABLE_POLICY", raising=False)
    settings.DATA = tmp_path


@pytest.fixture
def past(cast: Cast) -> Cast:
    for story in (QUICK, SLOW, SILENT):
        play(cast, story, NOW)
    return cast


def simulated(capsys: pytest.CaptureFixture[str], new: str, **options: object) -> str:
    Path("own.toml").write_text(SHIPPED.read_text().replace('first_response = "8 h"', f'first_response = "{new}"'))
    with travel(NOW + timedelta(days=20), tick=False):
        call_command(Command(), "own.toml", **options)
    return capsys.readouterr().out


@pytest.mark.behaviour("B-88")
def test_both_sides_are_told_and_nothing_is_touched(past: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    before = [list(Leg.objects.order_by("id").values()), list(Event.objects.order_by("id").values())]
    said = simulated(capsys, "40 h")
    assert "3 tickets opened since 2025-12-22. Nothing was changed." in said
    assert "  P2        Standard     1         4       2         1  33.3 %    80.0 %" in said
    assert "3 promises would have ended otherwise:" in said
    assert "first_response   broken → kept" in said
    assert [list(Leg.objects.order_by("id").values()), list(Event.objects.order_by("id").values())] == before


def test_a_program_gets_everything(past: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(simulated(capsys, "40 h", json=True))
    assert (found["tickets"], found["looked_at"], found["more"]) == (3, 3, 0)
    assert found["lines"] == [
        {
            "severity": "P2",
            "plan": "standard",
            "was": {"kept": 1, "broken": 2, "excused": 0, "share": [1, 3]},
            "would_be": {"kept": 4, "broken": 1, "excused": 0, "share": [4, 5]},
        }
    ]
    assert {(one["was"], one["would_be"]) for one in found["differing"]} == {("broken", "kept"), ("none", "kept")}


def test_no_ticket_is_said_in_words(past: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert simulated(capsys, "8 h", since=timedelta(days=3)) == "No ticket was opened since 2026-03-19.\n"


def test_no_difference_is_said_in_words(past: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.toml").write_text(re.sub(r"(?m)^(next_response|periodic_update) = .*$", "", SHIPPED.read_text()))
    with travel(NOW + timedelta(days=20), tick=False):
        call_command(Command(), "own.toml")
    assert capsys.readouterr().out.endswith("\n\nNo promise would have ended otherwise.\n")


def test_a_long_run_says_how_far_it_is(
    past: Cast, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "BATCH", 1)
    monkeypatch.setattr("answerable.ops.management.commands.simulate.QUIET", 2)
    Path("own.toml").write_text(SHIPPED.read_text())
    with travel(NOW + timedelta(days=20), tick=False):
        call_command(Command(), "own.toml")
    assert capsys.readouterr().err == "3 of 3 tickets\n"


def test_a_wrong_file_is_told_as_apply_tells_it(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.toml").write_text(SHIPPED.read_text().replace('first_response = "2 h"', 'first_response = "2 hrs"'))
    with pytest.raises(SystemExit) as ended:
        call_command(Command(), "own.toml")
    assert ended.value.code == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("own.toml:")
    assert 'P1.first_response: expected a duration such as "30 min"' in said.err


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("90d", timedelta(days=90)),
        ("12 w", timedelta(weeks=12)),
        ("2026-01-31", datetime(2026, 1, 31, tzinfo=UTC)),
    ],
)
def test_since_is_an_age_or_a_date(text: str, begin: object) -> None:
    assert since(text) == begin


@pytest.mark.parametrize("text", ["", "90", "0d", "-3d", "2026-02-30", "9999999d", "yesterday"])
def test_another_since_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError, match='expected "90d"'):
        since(text)
    with pytest.raises(CommandError, match="argument --since"):
        call_command(Command(), "own.toml", "--since", text)


def test_it_is_among_the_words() -> None:
    assert cli.WORDS["simulate"].database
