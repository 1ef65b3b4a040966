"""`answerable apply`: what it says, and with which exit code."""

from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from answerable.lib.errors import Refused
from answerable.ops.management.commands.apply import Command
from answerable.policy.actions import SHIPPED
from answerable.policy.models import Applied


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANSWERABLE_POLICY", raising=False)
    settings.DATA = tmp_path
    settings.EMBEDDED = False


def written(old: str = "", new: str = "") -> str:
    """A file of the vendor's own: the shipped one, with one thing changed."""
    Path("own.toml").write_text(SHIPPED.read_text().replace(old, new, 1))
    return "own.toml"


@pytest.mark.behaviour("B-39")
def test_a_wrong_file_is_told_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    for options in ({"check": True}, {"check": False}):
        with pytest.raises(SystemExit) as ended:
            call_command(Command(), written('first_response = "2 h"', 'first_response = "2 hrs"'), **options)
        assert ended.value.code == 1
        said = capsys.readouterr()
        assert said.out == ""
        assert said.err.startswith("own.toml:")
        assert said.err.endswith(
            'P1.first_response: expected a duration such as "30 min", "2 h" or "3 d", or "none", got "2 hrs"\n'
        )


def test_checking_needs_no_database(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(Command(), written(), check=True)
    assert capsys.readouterr().out == "own.toml is right.\n"


@pytest.mark.django_db
def test_what_changed_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(Command(), written())
    said = capsys.readouterr().out.splitlines()
    assert said[0] == '+ vendor "Acme Data"'
    assert said[-1] == "Policy 1 is in force."
    call_command(Command(), written('first_response = "2 h"', 'first_response = "3 h"'))
    assert capsys.readouterr().out == "~ severity P1 first_response 2 h → 3 h\nPolicy 2 is in force.\n"
    call_command(Command(), "own.toml")
    assert capsys.readouterr().out == "Nothing to change.\n"


@pytest.mark.django_db
def test_without_a_file_the_shipped_policy_is_applied_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    call_command(Command())
    said = capsys.readouterr().out
    assert said.startswith("There is no support.toml here")
    assert f"cp {SHIPPED} support.toml" in said
    assert said.endswith("Policy 1 is in force.\n")


@pytest.mark.django_db
def test_a_policy_of_ones_own_is_not_lost_in_the_wrong_folder() -> None:
    call_command(Command(), written('name = "Acme Data"', 'name = "Initech"'))
    with pytest.raises(Refused, match=r"^Policy 1, which is in force, is your own and stays\."):
        call_command(Command())
    assert Applied.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.behaviour("B-352")
def test_who_is_missing_for_p0_is_said_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    layer = '[[on_call.edge.layers]]\nname = "All"\nparticipants = ["ana@acme.example"]\nstart = 2026-01-05\n'
    schedule = f'[on_call.edge]\nname = "Edge"\ntz = "UTC"\np0 = true\n{layer}\n[uptime]'
    call_command(Command(), written("[uptime]", schedule))
    warnings = [line for line in capsys.readouterr().out.splitlines() if line.startswith("warning: ")]
    assert [line.partition(" from ")[0] for line in warnings] == [
        "warning: nobody is on call on Edge",
        "warning: on_call.edge names ana@acme.example, who is nobody on your staff: their turns are empty",
    ]
