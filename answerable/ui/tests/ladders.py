"""Ladders for the gallery: calm, the representative asked, a level to acknowledge, one that waits for the customer."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

from answerable.casework.ladder_told import Moved, Rung, Told
from answerable.ui.tests import people
from answerable.ui.tests.people import NOW

MINUTE = timedelta(minutes=1)
NAMES = ["Technical Support Engineer", "Director, Support", "Head of Customer Experience"]
ROLES = [
    "Takes over the diagnosis, and says what is known and what comes next.",
    "Brings in the people and the priority that the case needs.",
    "Decides across the whole company, and answers for the outcome.",
]
HELD = ["Tomas Kral, Anna Gutierrez-Westerberg", "Priya Nair", "Ada Lind"]


def _rungs(level: int, *, open_: bool = True) -> tuple[Rung, ...]:
    first = Rung(0, "Step 0", "My representative", "Confirms that impact and urgency are understood.", "Priya Nair", "")
    rest = [
        Rung(n, f"Level {n}", name, ROLES[n - 1], HELD[n - 1] if open_ else "", "") for n, name in enumerate(NAMES, 1)
    ]
    every = [first, *rest]
    if not open_:
        return tuple(every)
    done = [replace(one, state="done") for one in every[:level]]
    return (*done, replace(every[level], state="present"), *every[level + 1 :])


CALM = Told(False, "", 0, "the representative", _rungs(0, open_=False), (), frozenset({"ask"}), "level 1")
MOVES = (
    Moved(NOW - 55 * MINUTE, "Elin Berg escalated it. At stake: the launch for 40,000 households (by when: Friday)"),
    Moved(
        NOW - 40 * MINUTE, "The representative did not answer in time: it went to level 1, Technical Support Engineer"
    ),
    Moved(NOW - 40 * MINUTE, "Asked: Tomas Kral, Anna Gutierrez-Westerberg"),
    Moved(
        NOW - 10 * MINUTE, "Nobody acknowledged in time: it went to level 2, Director, Support (noticed 5 minutes late)"
    ),
)


def waiting(*may: str) -> Told:
    """Level 2 is to acknowledge."""
    rungs = list(_rungs(2))
    rungs[0] = replace(rungs[0], said="did not answer in time", at=NOW - 40 * MINUTE)
    rungs[1] = replace(rungs[1], said="did not answer in time", at=NOW - 10 * MINUTE)
    due, since = NOW + 20 * MINUTE, NOW - 10 * MINUTE
    rungs[2] = replace(rungs[2], said="asked to acknowledge", at=NOW - 10 * MINUTE, due_at=due, since=since)
    below = ((0, "the representative"), (1, "level 1, Technical Support Engineer"))
    name, above = "level 2, Director, Support", "level 3, Head of Customer Experience"
    return Told(True, "waiting", 2, name, tuple(rungs), MOVES, frozenset(may), above, below=below)


def asked(*may: str) -> Told:
    """The representative is to confirm."""
    rungs = list(_rungs(0))
    due, since = NOW + 12 * MINUTE, NOW - 18 * MINUTE
    rungs[0] = replace(rungs[0], said="asked to confirm", at=NOW - 18 * MINUTE, due_at=due, since=since)
    above = "level 1, Technical Support Engineer"
    return Told(True, "asked", 0, "the representative", tuple(rungs), MOVES[:1], frozenset(may), above)


def settling(*may: str) -> Told:
    """A summary waits for the customer."""
    rungs = list(_rungs(2))
    rungs[1] = replace(rungs[1], said="did not answer in time", at=NOW - 10 * MINUTE)
    rungs[2] = replace(rungs[2], said="Priya Nair proposes to close", at=NOW - 3 * MINUTE)
    summary = "The sync was moved to a cluster of its own and has kept up since 02:40. We watch it until Monday."
    told = waiting(*may)
    return replace(told, stage="settling", rungs=tuple(rungs), summary=summary)


def by_mail(done: str) -> dict[str, object]:
    """The page that a mail leads to."""
    return {"now": NOW, "number": 20418, "done": done, "ladder": settling("raise", "accept")}


def beside(told: Told) -> dict[str, object]:
    """The part of the ticket page."""
    return {"now": NOW, "ticket": people.TICKET, "ladder": told, "stream": "ticket:5:staff", "paged": 17}


_NORRLAND = SimpleNamespace(
    number=20418, subject="Warehouse sync stopped", organization=SimpleNamespace(name="Norrland Energi")
)
ESCALATED = [
    SimpleNamespace(
        ticket=_NORRLAND, title="level 2, Director, Support", stage="waiting", since=NOW - timedelta(hours=1)
    ),
    SimpleNamespace(ticket=_NORRLAND, title="the representative", stage="asked", since=NOW - timedelta(minutes=9)),
]
