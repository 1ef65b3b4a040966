"""When nobody stands behind any of some names: exact spans, by schedules and absences together. Pure.

A name is a schedule ("on_call.platform"), or stands for people. A step reaches somebody as long as one of its names has
somebody, and a policy as long as one of its steps does: so a gap is where all are empty at once (sla contract §5).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from answerable.escalation.oncall import Absence
from answerable.escalation.rota import Rota, gaps, whole
from answerable.lib.spans import merged

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class World:
    """What is known: `rotas` by the name that a step calls them by, who is meant by every other name, and when those
    are away. A name that is in neither is nobody's."""

    rotas: Mapping[str, Rota] = field(default_factory=dict)
    people: Mapping[str, Sequence[str]] = field(default_factory=dict)
    absences: Sequence[Absence] = ()


def nobody(names: Iterable[str], world: World, within: Sequence[Span]) -> list[Span]:
    """The parts of `within` (in order, apart) in which none of these names has anybody, in order."""
    found = [(whole(start), whole(end)) for start, end in within]
    for empty in _empty(dict.fromkeys(names), world, found):
        found = both(found, empty)
    return found


def _empty(names: Iterable[str], world: World, within: Sequence[Span]) -> Iterator[Sequence[Span]]:
    """For each schedule and each person meant, when nobody is there."""
    if not within:
        return
    start, end = within[0][0], within[-1][1]
    for name in names:
        if name in world.rotas:
            yield gaps(world.rotas[name], start, end)
        yield from (_away(person, world.absences, end) for person in world.people.get(name, ()))


def _away(person: str, absences: Iterable[Absence], horizon: datetime) -> list[Span]:
    mine = [one for one in absences if one.person == person]
    return list(merged(sorted((whole(one.start), whole(one.end) if one.end else horizon) for one in mine)))


def both(ours: Sequence[Span], theirs: Sequence[Span]) -> list[Span]:
    """What two rows of spans have in common; each is in order, without overlaps."""
    found, a, b = [], 0, 0
    while a < len(ours) and b < len(theirs):
        start, end = max(ours[a][0], theirs[b][0]), min(ours[a][1], theirs[b][1])
        if start < end:
            found.append((start, end))
        if ours[a][1] <= theirs[b][1]:
            a += 1
        else:
            b += 1
    return found
