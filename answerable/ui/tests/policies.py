"""Made-up paging policies, and the ladder with its editor, for the gallery: (template, context) by name."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from answerable.casework.ladder_policy import METRICS, ROLES, SEVERITIES, TIMES
from answerable.desk.differences import Difference
from answerable.desk.ladder_policy_page import LevelRow, Look
from answerable.desk.ladder_sheet import LadderSheet, TypedLevel
from answerable.desk.paging_page import StepRow, Told, Walk
from answerable.desk.paging_sheet import PagingSheet, TypedStep
from answerable.escalation.coverage_queries import Hole
from answerable.lib.errors import Refused
from answerable.people.models import Role
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CHANGES = [
    Difference("Teams", "Cloud support", "Cloud support, DevOps and engineering"),
    Difference("Step 1", "", "On call: Platform, day and night, for 10 min"),
    Difference("Step 2", "Ana Lund, for 10 min", "Ana Lund, Priya Nair, for 5 min"),
    Difference("Step 3", f"{LONG_WORD}, for 10 min", ""),
]
HISTORY = [
    Told(NOW - HOUR, "Ada Lind changed this policy", CHANGES),
    Told(NOW - DAY, "answerable apply wrote this policy"),
]
WALK = Walk(
    [
        StepRow(1, ["On call: Platform, day and night"], "10 min", NOW, ["Priya Nair"]),
        StepRow(2, ["Ana Lund", LONG_WORD], "5 min", NOW + 10 * MINUTE, ["Ana Lund", LONG_WORD]),
        StepRow(3, ["Leads of the team"], "5 min", NOW + 15 * MINUTE, []),
        StepRow(4, ["Administrators"], "15 min", NOW + 15 * MINUTE, ["Ada Lind", "Rui Costa"]),
    ],
    NOW + 30 * MINUTE,
    2,
    ["Step 3 has nobody at its time, and is passed at once."],
)
SPANS = tuple((NOW + n * DAY, NOW + n * DAY + 9 * HOUR) for n in range(7))
HOLES = [
    Hole("P0", "cloud", "Cloud support", "night", SPANS),
    Hole("P0", "", "", "", ((NOW, NOW + 60 * DAY),)),
    Hole("P2", "devops", "DevOps and engineering", "", SPANS[:1]),
]
TEAMS = [
    ("cloud", "Cloud support", "", False),
    ("devops", "DevOps and engineering", "Nights of SRE", False),
    ("product", "Product support", "Office", True),
]
CHOICES = ["On call: Platform, day and night", "Administrators", "Ana Lund <ana@acme.example>"]


class _Policy(SimpleNamespace):
    def __str__(self) -> str:
        return str(self.name)


def _policy(**more: Any) -> _Policy:
    base = {"key": "night", "name": "Night", "managed": "desk", "retired_at": None, "version": 3}
    return _Policy(**base | more)


def _list(**more: object) -> dict[str, object]:
    rows = [
        (_policy(), WALK, ["Cloud support", "DevOps and engineering"], True),
        (_policy(key="office", name=f"Office {LONG_WORD}", managed="file"), WALK, [], False),
        (_policy(key="empty", name="Empty"), replace(WALK, steps=WALK.steps[2:3]), ["Product support"], False),
        (_policy(key="old", name="Old", retired_at=NOW - DAY), WALK, [], False),
    ]
    return {
        "view_title": "Paging", "rail": RAIL, "rows": rows, "calm": ["Product support"], "p0_team": "DevOps and engineering",
        "holes": HOLES[:1], "may_write": True, **more,
    }  # fmt: skip


def _one(**more: object) -> dict[str, object]:
    return {
        "view_title": "Night", "rail": RAIL, "policy": _policy(), "walk": WALK, "team_names": ["Cloud support"], "every": 300,
        "holes": HOLES[:1], "running": 2, "may_edit": True, "line": None, "history": HISTORY, **more,
    }  # fmt: skip


def _edit(**more: object) -> dict[str, object]:
    steps = [
        TypedStep(("On call: Platform, day and night",), "10 min"),
        TypedStep(("Ana Lund <ana@acme.example>", "Priya Nair"), "5 min", moved="up"),
        TypedStep(("Administrators",), "15 min"),
    ]
    return {
        "view_title": "Night", "rail": RAIL, "policy": _policy(), "sheet": PagingSheet("Night", teams=("cloud",), steps=steps),
        "told": False, "choices": CHOICES, "teams": TEAMS, "seen": 3, "stopped": None, "stale": [], "walk": None, "changes": [],
        "missing": [], "may_add": True, "post_url": "/save", "back_url": "/back", **more,
    }  # fmt: skip


def _wrong_steps() -> PagingSheet:
    bad = TypedStep(
        (LONG_WORD,), "soon", {"who": f"{LONG_WORD}: Nobody is called so.", "wait": "A time such as 10 min."}
    )
    wrong = {"name": "Give it a name.", "every": "A time such as 5 min.", "rounds": "A whole number from 1 to 9."}
    return PagingSheet("", "x", "12", (), [bad], wrong)


LEVELS = [
    LevelRow(1, "Technical Support Engineer", "Takes over the diagnosis.", "the request's team", False),
    LevelRow(2, "Director, Support", "Brings in the people that the case needs.", "Team lead of Cloud support", True),
    LevelRow(3, f"Head {LONG_WORD}", "Decides.", "Ada Lind, On call: Platform, day and night", False),
]


def _ladder(**more: object) -> dict[str, object]:
    times = [
        ("A level acknowledges within", ["15 min", "30 min", "2 h", "4 h"]),
        ("Asked again after", ["30 min", "2 h", "8 h", "never"]),
    ]
    rules = [
        ("A customer may have the next level after", "4 h"),
        ("Customers see the names of who holds a level", "yes"),
    ]
    return {
        "view_title": "Ladder", "rail": RAIL, "levels": LEVELS, "severities": SEVERITIES, "times": times, "rules": rules,
        "contacts": "every administrator", "moves": [("First response of P0 broken", "level 1")], "holes": HOLES[2:], "is_desk": True,
        "may_edit": True, "line": None, "history": HISTORY, **more,
    }  # fmt: skip


def _sheet(**more: Any) -> LadderSheet:
    levels = [
        TypedLevel("Technical Support Engineer", "Takes over the diagnosis.", team="own", moved="down"),
        TypedLevel(
            "Director, Support", "Brings in people.", "cloud", ("lead",), ("Ana Lund <ana@acme.example>",), "gone"
        ),
    ]
    given = dict(zip(SEVERITIES, ("15 min", "30 min", "2 h", ""), strict=True))
    base = LadderSheet(
        levels, dict.fromkeys(TIMES, given), "4 h", "15 min", "3", "3", ("Rui Costa",), True, False,
        {"first_response P0": "1", "next_response P1": "4"},
    )  # fmt: skip
    return replace(base, **more)


def _edit_ladder(**more: object) -> dict[str, object]:
    titles = ["The representative answers within", "A level acknowledges within", "Asked again after"]
    return {
        "view_title": "Edit the ladder", "rail": RAIL, "sheet": _sheet(), "told": False, "choices": CHOICES,
        "roles": [(role, Role(role).label) for role in ROLES], "teams": [("own", "The request's team"), ("cloud", "Cloud support")],
        "schedules": [("platform", "Platform, day and night")], "severities": SEVERITIES, "metrics": METRICS,
        "times": list(zip(TIMES, titles, strict=True)), "seen": 4, "stopped": None, "stale": [], "look": None, "may_add": True, **more,
    }  # fmt: skip


STALE = Refused("stale", "Somebody else has changed this policy meanwhile. What you typed is kept.")
WRONG = {
    "levels": "From one to nine levels.", "level-0-name": "This must not be empty.", "level-1-schedule": "There is no schedule gone.",
    "level-1-people": f"{LONG_WORD}: Nobody is called so.", "ack_timeout-P3": "A time such as 15 min, 4 h or 2 d.",
    "max_open": "A whole number.", "next_response-P1": "There is no level 4.", "fallback": "Choose somebody on the staff.",
}  # fmt: skip


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """By name."""
    missing = [("Cloud support", span) for span in SPANS]
    looked = {"told": True, "walk": WALK, "changes": CHANGES, "missing": missing}
    look = Look(CHANGES, LEVELS, ["Nobody holds level 2 now, so it is passed at once."], HOLES[2:])
    right = _sheet(content={})
    return {
        "paging": ("desk/paging_policies.html", _list()),
        "paging-none": ("desk/paging_policies.html", _list(rows=[], holes=[], p0_team="")),
        "paging-one": ("desk/paging_policy.html", _one()),
        "paging-file": (
            "desk/paging_policy.html",
            _one(policy=_policy(managed="file"), may_edit=False, line=212, team_names=[], history=[], running=0),
        ),
        "paging-retired": ("desk/paging_policy.html", _one(policy=_policy(retired_at=NOW), may_edit=False, holes=[])),
        "paging-edit": ("desk/paging_edit.html", _edit()),
        "paging-look": ("desk/paging_edit.html", _edit(**looked, stopped=STALE, stale=HISTORY[:1])),
        "paging-wrong": ("desk/paging_edit.html", _edit(policy=None, sheet=_wrong_steps(), told=True)),
        "ladder-policy": ("desk/ladder_policy.html", _ladder()),
        "ladder-policy-file": ("desk/ladder_policy.html", _ladder(levels=[], is_desk=False, may_edit=False, line=404)),
        "ladder-policy-edit": ("desk/ladder_policy_edit.html", _edit_ladder()),
        "ladder-policy-wrong": ("desk/ladder_policy_edit.html", _edit_ladder(sheet=_sheet(wrong=WRONG), told=True)),
        "ladder-policy-look": (
            "desk/ladder_policy_edit.html",
            _edit_ladder(sheet=right, told=True, look=look, stopped=STALE, stale=HISTORY[:1]),
        ),
    }
