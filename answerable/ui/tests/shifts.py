"""Made-up shifts: who has one, what was handed over, who is away."""

from datetime import timedelta
from types import SimpleNamespace

from answerable.desk.handover import Attached, Shown
from answerable.desk.shift_forms import AwayForm
from answerable.lib.html import from_markdown, safe
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL

TEAM = SimpleNamespace(key="cloud", name="Cloud support")
SHIFT = SimpleNamespace(team=TEAM, person=SimpleNamespace(label="Priya Nair"), since=NOW - timedelta(hours=6))
TEXT = (
    "**Norrland** fails over since 02:40; Elin wants word before 07:00.\n\n- watch the pool of eu-north\n- the on-call "
    f"engineer has the ticket of the provider: {LONG_WORD}\n"
)
ATTACHED = (
    Attached(20418, "Warehouse sync stopped for all tenants", "P0", "open", NOW - timedelta(minutes=12), True, "Priya Nair"),
    Attached(20417, "SSO log-in loops after certificate change", "P1", "open", NOW + timedelta(minutes=18), False, ""),
    Attached(20410, f"A long word: {LONG_WORD}", "P3", "pending", None, False, "Ana Lund"),
)  # fmt: skip
NOTE = Shown(
    7, "Priya Nair", NOW - timedelta(minutes=20), safe(from_markdown(TEXT)), ATTACHED, 2, 64, 14,
    (("Ana Lund", NOW - timedelta(minutes=3)),),
)  # fmt: skip
PEOPLE = [(1, "Ana Lund", None), (2, "Priya Nair", None), (3, "Tomas Klein", NOW + timedelta(days=3))]


def _overview(**more: object) -> dict[str, object]:
    teams = [("cloud", "Cloud support", SHIFT, True, PEOPLE), ("sre", "SRE", None, False, [])]
    return {
        "view_title": "Shifts", "rail": RAIL, "teams": teams, "away": None, "local": "",
        "form": AwayForm(initial={"until": NOW + timedelta(days=1)}), **more,
    }  # fmt: skip


def _page(**more: object) -> dict[str, object]:
    earlier = [(7, "Priya Nair", NOW - timedelta(minutes=20), 64), (6, "Ana Lund", NOW - timedelta(hours=12), 71)]
    return {
        "view_title": "Cloud support", "rail": RAIL, "team": TEAM, "note": NOTE, "is_latest": True, "others": [], "to_read": [7], "shift": SHIFT,
        "has_it": False, "may_shift": True, "earlier": earlier, "next_before": 6, **more,
    }  # fmt: skip


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    more = Shown(**(vars(NOTE) | {"id": 6, "author": "Ana Lund", "at": NOW - timedelta(hours=1), "reads": ()}))
    return {
        "shift": ("desk/shift.html", _overview()),
        "shift-away": ("desk/shift.html", _overview(away=NOW + timedelta(days=3))),
        "shift-none": ("desk/shift.html", _overview(teams=[])),
        "hand-over": ("desk/hand_over.html", _page()),
        "hand-over-read": ("desk/hand_over.html", _page(to_read=[])),
        "hand-overs": ("desk/hand_over.html", _page(others=[more], to_read=[7, 6])),
        "hand-over-none": (
            "desk/hand_over.html",
            _page(note=None, is_latest=False, to_read=[], shift=None, earlier=[]),
        ),
        "hand-over-new": ("desk/hand_over_new.html", _page(view_title="Hand over")),
    }
