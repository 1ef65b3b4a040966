"""`answerable explain TICKET` says what the page says, in the vendor's zone or another one."""

from datetime import timedelta

import pytest
import time_machine
from django.core.management import call_command

from answerable.casework import actions as casework
from answerable.lib.errors import Refused
from tests.cast import NOW, Cast, a_ticket, says


@pytest.mark.behaviour("B-60")
def test_each_span_is_told_and_adds_up(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("Please try again."), NOW + timedelta(hours=1))
    casework.set_status(cast.agent, ticket.pk, "hold", NOW + timedelta(hours=2), "the next release")
    with time_machine.travel(NOW + timedelta(hours=3), tick=False):
        call_command("explain", str(ticket.number), "--zone", "Europe/Stockholm")
    said = capsys.readouterr().out
    assert "First response 1: fulfilled, 8:00:00 promised, 1:00:00 counted" in said
    assert "2026-03-02 10:00:00  2026-03-02 11:00:00    1:00:00    1:00:00  running" in said
    assert "2026-03-02 12:00:00  2026-03-02 13:00:00    0:00:00    2:00:00  paused: the next release" in said
    assert "by policy version 1, calendar always version 1" in said
    assert said.endswith("Times in Europe/Stockholm.\n")


def test_what_is_not_there_is_said(cast: Cast) -> None:
    with pytest.raises(Refused, match="no ticket 77"):
        call_command("explain", "77")
    with pytest.raises(Refused, match="No time zone"):
        call_command("explain", str(a_ticket(cast).number), "--zone", "Mars/Olympus")
