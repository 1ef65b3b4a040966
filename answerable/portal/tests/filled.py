"""The form as somebody fills it in who takes half a minute."""

from datetime import timedelta
from typing import Any

from answerable.casework import guard
from answerable.lib import clock

FILLED = {
    "email": "new@norrland.test",
    "name": "New",
    "subject": "It broke",
    "text": "Since noon.",
    "severity": "",
    "impact": "",
}


def a_stamp(seconds: int = 30) -> str:
    """Of a form that was opened so long ago."""
    return guard.stamp(clock.now() - timedelta(seconds=seconds))


def filled(**more: Any) -> dict[str, Any]:
    """What the browser posts."""
    return {**FILLED, guard.TRAP: "", guard.STAMP: a_stamp(), **more}
