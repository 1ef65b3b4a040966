"""Who of a team gets a request, by the team's rule: pure, so that the same state always gives the same person."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

NO_RULE, ROUND_ROBIN, LOAD = "none", "round_robin", "load"
# What an open request of a severity weighs against others.
WEIGHTS: Mapping[str, int] = {"P0": 8, "P1": 4, "P2": 2, "P3": 1}


class Member(NamedTuple):
    """Somebody who may get it, or has it. `last_turn`: the greater, the later they last got one by the team's rule, 0
    for never; `held`: how many open requests they have, by severity."""

    person_id: int
    email: str
    name: str
    is_member: bool
    is_away: bool
    last_turn: int
    held: Mapping[str, int]


def choose(rule: str, members: Iterable[Member], most_open: int | None = None) -> Member | None:
    """Whose turn it is; None where the team has no rule, or nobody is there who may take one more."""
    able = [one for one in members if one.is_member and not one.is_away and _has_room(one, most_open)]
    if rule == ROUND_ROBIN:
        return min(able, key=lambda one: (one.last_turn, one.person_id), default=None)
    if rule == LOAD:
        return min(able, key=lambda one: (load(one.held), one.last_turn, one.person_id), default=None)
    return None


def load(held: Mapping[str, int]) -> int:
    """What somebody's open requests weigh together."""
    return sum(WEIGHTS.get(severity, 1) * count for severity, count in held.items())


def _has_room(one: Member, most_open: int | None) -> bool:
    return most_open is None or sum(one.held.values()) < most_open
