"""Made-up schedules: who is on call, who is missing, what is asked and what is edited."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from answerable.desk.on_call_forms import NewScheduleForm, OverrideForm, SwapForm, TimeOffForm
from answerable.desk.on_call_layers import DAYS, Typed
from answerable.desk.on_call_page import WIDTH, WINDOWS, Card, Now, Piece, Row
from answerable.desk.on_call_words import Said
from answerable.desk.views.on_call_layers import Sheet
from answerable.escalation.schedules import Schedule
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL, TOMAS

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = ["Tomas Klein", "Priya Nair", "Ana Lund", LONG_WORD]
NOBODY_AND_SOMEBODY = [Now("platform", "Platform, day and night", "Priya Nair"), Now("edge", "Edge", "")]
ADDRESS = (
    "https://support.acme.example/desk/on-call/calendar/WyJzIiwxLDBd:iQm3T7hR2vYpXk5cLw9dNfBz0Ja8EoGtUqS1Mx6KyVs.ics"
)
STAFF = [(1, "Tomas Klein"), (2, "Priya Nair")]


def _schedule(**more: Any) -> Schedule:
    base = {
        "pk": 1,
        "key": "platform",
        "name": "Platform, day and night",
        "p0": True,
        "managed": "desk",
        "retired_at": None,
    }
    return Schedule(**base | more)


def _rows(count: int) -> list[Row]:
    rows = [
        Row(NOW + n * DAY, NOW + (n + 1) * DAY, n % 4 + 1, NAMES[n % 4], "09:00 – Wed 09:00", n % 4 == 0, n == 2)
        for n in range(count)
    ]
    gap = Row(NOW + 3 * DAY, NOW + 3 * DAY + 5 * HOUR, None, "", "Fri 09:00 – 14:00")
    return [*rows[:3], gap, *rows[3:]]


def _card(count: int, **more: Any) -> Card:
    rows = _rows(count)
    wide = WIDTH // count
    strip = [Piece(n * wide, wide, f"is-{n % 4}", NAMES[n % 4]) for n in range(count)]
    return Card(_schedule(**more), "Europe/Berlin", rows, [*strip, Piece(3 * wide, 12, "is-gap", "")], rows[3:4])


def _swaps() -> list[SimpleNamespace]:
    ana, me = SimpleNamespace(label="Ana Lund"), SimpleNamespace(label="Tomas Klein")
    one = {"schedule": _schedule(), "start": NOW + 2 * DAY, "end": NOW + 3 * DAY, "lapses_at": NOW + 2 * DAY}
    asked = SimpleNamespace(
        pk=1,
        asker=ana,
        other=me,
        other_id=TOMAS.pk,
        why="School play",
        back_start=NOW + 5 * DAY,
        back_end=NOW + 6 * DAY,
        **one,
    )
    asks = SimpleNamespace(pk=2, asker=me, other=ana, other_id=-1, why="", back_start=None, back_end=None, **one)
    return [asked, asks]


def _window() -> dict[str, object]:
    return {"rail": RAIL, "days": 14, "windows": WINDOWS, "strip_width": WIDTH}


def _all(**more: object) -> dict[str, object]:
    off = [
        SimpleNamespace(pk=1, person_id=0, person=TOMAS, since=NOW + 20 * DAY, until=NOW + 30 * DAY),
        SimpleNamespace(pk=2, person_id=TOMAS.pk, person=TOMAS, since=NOW - DAY, until=NOW + DAY),
    ]
    calm = replace(_card(5, key="edge", name="Edge", p0=False), gaps=[])
    return {
        "view_title": "On call", **_window(), "cards": [_card(14), calm], "holes": [], "swaps": _swaps(), "time_off": off,
        "form": TimeOffForm(people=STAFF), "feed": ADDRESS, "may_arrange": True, "may_take": True, **more,
    }  # fmt: skip


def _layer(*people: str, **more: Any) -> dict[str, Any]:
    base = {"name": "Engineers", "unit": "week", "length": 1, "handoff": "09:00", "start": "2026-11-02"}
    return {**base, "participants": list(people), "restriction": None, **more}


def _version(*layers: dict[str, Any], since: datetime = NOW - DAY) -> SimpleNamespace:
    return SimpleNamespace(effective_from=since, spec={"tz": "Europe/Berlin", "layers": list(layers)})


def _one(**more: object) -> dict[str, object]:
    ada = SimpleNamespace(label="Ada Lind")
    taken = {"removed_at": None, "removed_by": None, "start": NOW + 2 * DAY, "end": NOW + 3 * DAY, "created_by": ada}
    overrides = [
        (SimpleNamespace(pk=1, person=ada, why="A release", **taken), True),
        (SimpleNamespace(pk=2, person=None, why="", **taken | {"removed_at": NOW + 2 * DAY, "removed_by": ada}), False),
    ]
    layers = [
        _layer("rui@acme.example", restriction={}, name="Office hours"),
        _layer("ana@acme.example", "gone@acme.example", unit="day", length=3),
    ]
    return {
        "view_title": "Platform, day and night", **_window(), "schedule": _schedule(), "card": _card(14),
        "versions": [(_version(*layers), False), (_version(since=NOW + 9 * DAY), True)],
        "names": {"rui@acme.example": "Rui Costa", "ana@acme.example": "Ana Lund"}, "overrides": overrides, "swaps": _swaps()[:1],
        "override": OverrideForm(people=STAFF), "swap": SwapForm(people=STAFF), "may_arrange": True,
        "may_edit": True, "may_take": True, "line": None, "feed": ADDRESS,
        "history": [Said(2, NOW - HOUR, "Ada Lind removed an override"), Said(1, NOW - DAY, "Ada Lind made this schedule")], **more,
    }  # fmt: skip


def _typed(**more: Any) -> Typed:
    names = "Ana Lund <ana@acme.example>\nRui Costa <rui@acme.example>"
    return replace(Typed(name="Engineers", people=names, start="2026-11-02", layer=_layer("ana@acme.example")), **more)


def _edit(*layers: Typed, wrong: dict[str, str] | None = None, **more: object) -> dict[str, object]:
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    sheet = Sheet("Platform, day and night", "Europe/Berlin", True, "", NOW, layers, wrong or {})
    return {
        "view_title": "Platform, day and night", "rail": RAIL, "schedule": _schedule(), "sheet": sheet, "told": False,
        "days": list(zip(DAYS, names, strict=True)), "zones": ["Europe/Berlin", "UTC"], "seen": 3, "is_looked": False, "rows": [],
        "people": [("ana@acme.example", "Ana Lund"), ("rui@acme.example", "Rui Costa")], "gaps": [], "preview_days": 14,
        "may_add": True, **more,
    }  # fmt: skip


def _gaps(count: int) -> Sequence[tuple[datetime, datetime]]:
    return [(NOW + n * DAY, NOW + n * DAY + 5 * HOUR) for n in range(count)]


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    hours = _typed(
        restricted=True, hours=("09:00–12:00, 13:00–17:00", *["09:00–17:00"] * 4, "", ""), name="Office hours"
    )
    chosen = _typed(
        choices=[("ana@acme.example", "Ana Lund"), ("rui@acme.example", "Rui Costa")], first="ana@acme.example"
    )
    bad = _typed(
        people=LONG_WORD,
        errors={
            "people": f"Nobody who can be on call is called so: {LONG_WORD}",
            "hours": "Hours such as 09:00–17:00.",
        },
        layer=None,
    )
    asked = {"said": "Nobody would be on call for P0 12 times in the next 60 days.", "post_url": "/", "back_url": "/"}
    kept = [("person", "nobody"), ("start", "2026-11-26T09:00")]
    return {
        "on-call": ("desk/on_call.html", _all()),
        "on-call-none": ("desk/on_call.html", _all(cards=[], swaps=[], time_off=[])),
        "on-call-reader": ("desk/on_call.html", _all(swaps=[], may_arrange=False, may_take=False)),
        "on-call-one": ("desk/on_call_one.html", _one()),
        "on-call-file": (
            "desk/on_call_one.html",
            _one(schedule=_schedule(managed="file"), may_edit=False, line=212, overrides=[], swaps=[]),
        ),
        "on-call-retired": (
            "desk/on_call_one.html",
            _one(schedule=_schedule(retired_at=NOW), may_edit=False, may_take=False, versions=[], history=[]),
        ),
        "on-call-wrong": (
            "desk/on_call_one.html",
            _one(override=OverrideForm({}, people=STAFF), swap=SwapForm({}, people=STAFF)),
        ),
        "on-call-new": (
            "desk/on_call_new.html",
            {"view_title": "New schedule", "rail": RAIL, "form": NewScheduleForm(), "zones": []},
        ),
        "on-call-layers": ("desk/on_call_layers.html", _edit(hours, _typed())),
        "on-call-look": (
            "desk/on_call_layers.html",
            _edit(chosen, told=True, is_looked=True, rows=_rows(7), gaps=_gaps(7)),
        ),
        "on-call-mend": ("desk/on_call_layers.html", _edit(bad, wrong={"name": "Give it a name."}, told=True)),
        "on-call-meanwhile": (
            "desk/on_call_layers.html",
            _edit(chosen, wrong={"": "Somebody else has changed this schedule meanwhile."}, told=True),
        ),
        "on-call-gap": (
            "desk/on_call_gap.html",
            {"view_title": "Nobody would be on call", "rail": RAIL, "gaps": _gaps(12), "kept": kept, **asked},
        ),
    }
