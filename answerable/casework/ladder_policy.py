"""The ladder as a section with an owner: what it says, whether the desk owns it, and what is wrong with one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from answerable.casework.ladder_rules import OWN_TEAM
from answerable.escalation.episodes import Episode
from answerable.escalation.paging_policy import SCHEDULE
from answerable.escalation.paging_policy_queries import fault
from answerable.people.models import Role
from answerable.people.queries import teams, vendor

FILE, DESK, SETTING = "file", "desk", "escalation"
# There is one of it.
SUBJECT = ("ladder_policy", 1)
SEVERITIES = ("P0", "P1", "P2", "P3")
METRICS = ("first_response", "next_response", "periodic_update", "resolution")
MOST_LEVELS, MOST_PEOPLE, MOST_OPEN, MOST_REPEATS = 9, 20, 1000, 100
MINUTE, LONGEST = 60, 365 * 86_400
ROLES = tuple(role for role in Role.values if role != Role.CUSTOMER)
TIMES = ("confirm_timeout", "ack_timeout", "ack_ttl")

Content = dict[str, Any]  # as `policy.actions` hands it down, with `managed` and `version` besides
# What is on record of a change; who owns it and how often it changed stands beside.
_ABOUT = ("managed", "version")


@dataclass(frozen=True)
class Fault:
    """What is wrong at a place: ("levels", 0, "people"), with a word for why and the name in question."""

    place: tuple[str | int, ...]
    why: str
    name: str = ""


def stored() -> Content:
    """What is in force, at most a few seconds old; empty before a policy is applied."""
    return dict(vendor().settings.get(SETTING) or {})


def latest() -> Content:
    """What is in force at this moment, whichever process has changed it."""
    vendor.forget()
    return stored()


def is_of_desk() -> bool:
    """Whether a page says it."""
    return latest().get("managed") == DESK


def said(content: Mapping[str, Any]) -> Content:
    """What it says, without who owns it."""
    return {key: value for key, value in content.items() if key not in _ABOUT}


def faults(content: Mapping[str, Any]) -> Iterator[Fault]:
    """Why it cannot be saved so."""
    levels = content["levels"]
    if not 1 <= len(levels) <= MOST_LEVELS:
        yield Fault(("levels",), "count")
    known = {OWN_TEAM, *(team.key for team in teams())}
    for number, rung in enumerate(levels):
        place = ("levels", number)
        for name in ("name", "role"):
            if not rung[name]:
                yield Fault((*place, name), "empty")
        if rung["team"] and rung["team"] not in known:
            yield Fault((*place, "team"), "no_team", rung["team"])
        if rung["schedule"] and (why := fault(f"{SCHEDULE}{rung['schedule']}")):
            yield Fault((*place, "schedule"), why, rung["schedule"])
        yield from _strangers((*place, "people"), rung["people"])
        if not (rung["people"] or rung["roles"] or rung["team"] or rung["schedule"]):
            yield Fault((*place, "people"), "nobody")
    yield from _strangers(("fallback",), content["fallback"])
    yield from _numbers(content)
    for number, rule in enumerate(content["automatic"]):
        if not 1 <= rule["level"] <= len(levels):
            yield Fault(("automatic", number), "level", str(rule["level"]))


def _strangers(place: tuple[str | int, ...], addresses: list[str]) -> Iterator[Fault]:
    if len(addresses) > MOST_PEOPLE:
        yield Fault(place, "count")
    for address in addresses:
        if why := fault(address):
            yield Fault(place, why, address)


def _numbers(content: Mapping[str, Any]) -> Iterator[Fault]:
    for name in TIMES:
        for severity in SEVERITIES:
            seconds = content[name].get(severity)
            if not (name == "ack_ttl" and seconds is None) and not MINUTE <= (seconds or 0) <= LONGEST:
                yield Fault((name, severity), "time")
    for name in ("min_interval", "repeat_every"):
        if not MINUTE <= content[name] <= LONGEST:
            yield Fault((name,), "time")
    if not 0 <= content["max_repeats"] <= MOST_REPEATS:
        yield Fault(("max_repeats",), "number")
    if not 1 <= content["max_open"] <= MOST_OPEN:
        yield Fault(("max_open",), "number")


def stranded(top: int, most: int = 100) -> int:
    """Escalations that are open on a level above this one, counted no further."""
    return Episode.objects.filter(is_open=True, level__gt=top)[:most].count()
