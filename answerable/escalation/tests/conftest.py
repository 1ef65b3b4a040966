"""The cast, and a schedule of the desk's own with two of them on it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from answerable.escalation.schedule_actions import edit_layers, make_schedule
from answerable.escalation.schedules import Schedule
from tests.cast import Cast

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)  # a Monday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_layer(*addresses: str, **more: Any) -> dict[str, Any]:
    """A layer as it is kept: daily turns from Monday on, 09:00 UTC."""
    base = {"name": "Engineers", "unit": "day", "length": 1, "handoff": "09:00", "start": "2026-03-02"}
    return {**base, "participants": list(addresses), "restriction": None, **more}


@pytest.fixture
def schedule(cast: Cast) -> Schedule:
    """The agent has the first day, the lead the second, and so on."""
    row = make_schedule(cast.lead, "Platform", "UTC", NOW)
    edit_layers(cast.lead, row, {"tz": "UTC", "layers": [a_layer(cast.agent.email, cast.lead.email)]}, NOW, NOW)
    return row
