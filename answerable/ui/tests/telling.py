"""How people are told, and the wall of the team room, for the gallery."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from answerable.desk.forms import WallLinkForm
from answerable.desk.wish_forms import QuietForm
from answerable.notify.kinds import KINDS
from answerable.reports.figures import Figures
from answerable.reports.wall import CAP, Level, Line, Picture, Today
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL

MINUTE = timedelta(minutes=1)
SUBJECTS = [
    ("Warehouse sync stopped for all tenants", "Norrland Energi", "P0"),
    ("SSO log-in loops after certificate change", "Kivu Bank", "P1"),
    (LONG_WORD, "Roche Diagnostics International", "P2"),
    ("", "", "P3"),
]


def wishes(*, wrong: bool = False) -> dict[str, object]:
    days = list("01234")
    form = QuietForm(initial={"zone": "Europe/Stockholm", "start": "20:00", "end": "07:30", "days": days})
    if wrong:
        form = QuietForm({"zone": "Stockholm", "start": "20:00", "end": ""})
    return {
        "view_title": "How I am told",
        "rail": RAIL,
        "rows": [(line, kind.title, kind.wider, kind.default) for line, kind in KINDS.items()],
        "form": form,
        "zones": ["Europe/Berlin", "Europe/Stockholm"],
    }


def wall(*, quiet: bool = False, **more: Any) -> dict[str, object]:
    levels = [Level("P0", 1, 1, 0), Level("P1", 7, 2, 1), Level("P2", 118, 1, 4), Level("P3", 192, 0, 0)]
    lines = {part: [] if quiet else [_line(part, n) for n in range(size)] for part, size in _PARTS.items()}
    today = Today(0, 0, Figures()) if quiet else Today(84, 71, Figures(66, 2, 1, 2160))
    context = {
        "picture": Picture(NOW, [] if quiet else levels, lines, today),
        "local": NOW + timedelta(hours=1),
        "vendor_name": "Acme Data",
        "cap": CAP,
        "initials": False,
        "look": "",
        "here": "/wall",
        "is_desk": True,
        "is_admin": True,
        "version": "0.1.0",
    }
    return context | more


_PARTS = {"broken": 4, "due": 5, "waiting": 5}


def _line(part: str, n: int) -> Line:
    subject, organization, severity = SUBJECTS[n % len(SUBJECTS)]
    due = NOW + (-50 + 9 * n if part == "broken" else 4 + 11 * n) * MINUTE
    since = NOW - (400 - 31 * n) * MINUTE if part == "waiting" else None
    return Line(part, 20418 - n, subject, organization, severity, "Tomas Klein", due, NOW - 90 * MINUTE, since)


def screens(*, none: bool = False) -> dict[str, object]:
    ada = SimpleNamespace(label="Ada Lind")
    one = {"made_by": ada, "made_at": NOW - 900 * MINUTE, "revoked_at": None, "revoked_by": None, "used_at": NOW}
    rows = [
        SimpleNamespace(id=2, name="Team room", initials=True, **one),
        SimpleNamespace(id=3, name=LONG_WORD, initials=False, **one | {"used_at": None}),
        SimpleNamespace(id=1, name="Lobby", initials=True, **one | {"revoked_at": NOW, "revoked_by": ada}),
    ]
    address = "https://support.acme.example/desk/wall/screen/MQ:1wXyZ4:iQm3T7"
    found = [] if none else [(row, address) for row in rows]
    return {"view_title": "Screens", "rail": RAIL, "rows": found, "form": WallLinkForm()}
