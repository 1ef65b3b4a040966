"""`answerable drill` on the terminal, its exit code, and what doctor says of drills."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.core.management import call_command
from time_machine import travel

from answerable.casework import drill_actions as drills
from answerable.casework.tests.test_drills import by_mail, by_portal, legs
from answerable.escalation.drill_actions import DrillSpec, apply_drill
from answerable.escalation.drills import Drill, DrillLeg
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.ops.drill_check import examine
from answerable.ops.management.commands.drill import Command
from tests.cast import NOW, Cast
from tests.running import free_port

DAY = timedelta(days=1)


def told(level: str, days: int = 0) -> str:
    forget_all()
    return "\n".join(found.text for found in examine(NOW + days * DAY) if found.level == level)


@pytest.mark.behaviour("B-389")
def test_shut_doors_are_named_on_the_terminal_and_in_the_exit_code(
    cast: Cast, settings: LazySettings, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.SMTP_PORT, settings.WEB_PORT = free_port(), free_port()
    with travel(NOW, tick=False), pytest.raises(SystemExit) as end:
        call_command(Command(), team="cloud")
    assert end.value.code == 1
    said = capsys.readouterr().out
    assert "Begun by answerable drill · Cloud support" in said
    assert "By mail        The intake did not take it: 127.0.0.1:" in said
    assert "By the portal  The web server did not take it: 127.0.0.1:" in said
    assert "Not paged within 10 s: by mail, by the portal." in said
    call_command(Command(), last=True)
    assert "Failed. Begun by answerable drill" in capsys.readouterr().out
    with pytest.raises(Refused) as refused:
        call_command(Command(), team="nobodys")
    assert refused.value.data["exit"] == 3


def test_before_the_first_one_it_says_so(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    call_command(Command(), last=True)
    assert capsys.readouterr().out == "No drill has run yet.\n"
    assert told("wrong") == told("ok") == ""


@pytest.mark.behaviour("B-391")
def test_doctor_says_that_the_last_one_failed_or_that_none_ran_for_long(cast: Cast) -> None:
    apply_drill(DrillSpec(True, "tue", "10:00", "UTC"), NOW)
    assert told("wrong", 14) == ""
    assert "no drill ran for 15 days, although one is planned on Tuesdays at 10:00 (UTC)" in told("wrong", 15)
    drills.begin_at_desk(cast.lead, None, NOW + 10 * DAY)
    by_portal(legs()["portal"], NOW + 10 * DAY)
    by_mail(legs()["mail"], NOW + 10 * DAY)
    drills.look(NOW + 11 * DAY)
    assert "the last drill, on 2026-03-12, failed (by mail, by the portal)" in told("wrong", 20)
    DrillLeg.objects.update(stood_at="", paged_at=NOW + 10 * DAY, acked_at=NOW + 10 * DAY)
    Drill.objects.update(state="passed")
    assert told("wrong", 20) == ""
    assert "paged in time and was answered" in told("ok", 20)
