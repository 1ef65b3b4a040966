"""Uptime and credits (sla contract §6): pure functions of what was observed, announced and promised. Integers only.

Time is a line of whole seconds (lib.stretches). Each component's month is tiled by pieces that carry one label: its
state, `unknown`, or `excluded`; the figures are sums over those pieces, so nothing is counted twice or left out.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import floor

from answerable.lib.hours import DAY
from answerable.lib.spans import merged
from answerable.lib.wallclock import first_at

# Worst first. Whatever was observed beats `unknown`, and `unknown` beats having looked at nothing, which means up.
STATES = ("down", "partial", "degraded", "up", "unknown")
EXCLUDED = "excluded"

Span = tuple[int, int]
Piece = tuple[int, int, str]


@dataclass(frozen=True)
class Observed:
    """In [start, end) somebody saw the component in this state; without an end it is so still.

    `corrects`: the moment at which a correction was made. It replaces what observations say; the later one wins.
    """

    state: str
    start: int
    end: int | None
    corrects: int | None = None


@dataclass(frozen=True)
class Component:
    """A part of the product. The product is down while any `essential` one is."""

    id: str
    essential: bool
    observed: tuple[Observed, ...]


@dataclass(frozen=True)
class Maintenance:
    """Announced for [start, end), at `announced_at` (None: never), for these components (None: all).

    `used`: when it really went on, its end None while it does; None: as announced.
    """

    announced_at: int | None
    components: frozenset[str] | None
    start: int
    end: int
    used: tuple[int, int | None] | None = None


@dataclass(frozen=True)
class Credit:
    """What is owed: the fee in minor units, (uptime from, percent) by tier, and the most."""

    fee: int
    tiers: tuple[tuple[Fraction, int], ...]
    cap: int | None = None


@dataclass(frozen=True)
class Contract:
    """`target`: the uptime promised. `weights`: how much of a second in a state counts as down.

    `notice`: seconds between announcement and start that excuse a maintenance; `cap`: excused seconds a month at most.
    """

    target: Fraction
    weights: Mapping[str, Fraction]
    notice: int
    cap: int | None
    credit: Credit


@dataclass(frozen=True)
class Figure:
    """A month's figure: S, X, U, E and D as the contract has them. `uptime` None: there is no data."""

    seconds: int
    excluded: int
    unknown: int
    down: Fraction
    target: Fraction
    credit: int

    @property
    def counted(self) -> int:
        """E, the seconds that the commitment is about."""
        return self.seconds - self.excluded - self.unknown

    @property
    def uptime(self) -> Fraction | None:
        """The exact share."""
        return 1 - self.down / self.counted if self.counted else None

    @property
    def insufficient(self) -> bool:
        """More than a twentieth was not observed: shown, and changes nothing else."""
        return 20 * self.unknown > self.seconds - self.excluded

    @property
    def met(self) -> bool | None:
        """Whether the target was met; None without data."""
        return self.down <= self._allowed if self.counted else None

    @property
    def budget(self) -> int:
        """Seconds that may be down."""
        return floor(self._allowed)

    @property
    def remaining(self) -> int:
        """What is left of them, below zero once the target is missed."""
        return floor(self._allowed - self.down)

    @property
    def shown(self) -> str:
        """In percent with three decimals, always floored: what was not 100 never reads so."""
        if self.uptime is None:
            return "no data"
        thousandths = floor(self.uptime * 100_000)
        return f"{thousandths // 1000}.{thousandths % 1000:03}"

    @property
    def _allowed(self) -> Fraction:
        return self.counted * (1 - self.target)


@dataclass(frozen=True)
class Report:
    """The figure of each component, in the order given, and of the product; None: nothing in it is essential."""

    components: tuple[tuple[str, Figure], ...]
    product: Figure | None


def month(tz: str, year: int, number: int, now: int | None) -> Span:
    """A civil month of the zone, up to `now` where that is given: empty before it begins.

    From the instant at which the wall has reached its 1st to the one of the next: months tile, whatever clocks do.
    """
    start, end = (
        first_at(tz, (date(year + (number + more) // 12, (number + more) % 12 + 1, 1).toordinal() - 1) * DAY)
        for more in (-1, 0)
    )
    return start, end if now is None else max(start, min(end, now))


def report(
    contract: Contract, span: Span, components: Sequence[Component], maintenance: Sequence[Maintenance]
) -> Report:
    """The figures of a month, or of the part of it that `span` is."""
    tiles = timelines(contract, span, components, maintenance)
    return Report(
        tuple((one.id, _figure(contract, span, _sums(tiles[one.id]))) for one in components),
        _product(contract, span, [tiles[one.id] for one in components if one.essential]),
    )


def timelines(
    contract: Contract, span: Span, components: Sequence[Component], maintenance: Sequence[Maintenance]
) -> dict[str, list[Piece]]:
    """What each component was, second by second: pieces that tile the span, each with one label."""
    excused = _excused(contract, span, [one.id for one in components], maintenance)
    return {
        one.id: list(_joined(_label(_states(_observed(one, maintenance, span), span), excused[one.id])))
        for one in components
    }


def _observed(component: Component, maintenance: Iterable[Maintenance], span: Span) -> list[Observed]:
    """What was observed, and one more `down` for each maintenance that went on after its announced end."""
    overruns = [
        Observed("down", max(one.end, one.used[0]), one.used[1])
        for one in maintenance
        if one.used is not None
        and (one.components is None or component.id in one.components)
        and (one.used[1] is None or one.used[1] > one.end)
    ]
    return [one for one in (*component.observed, *overruns) if _within(one.start, one.end, span)]


def _within(start: int, end: int | None, span: Span) -> bool:
    return max(start, span[0]) < (span[1] if end is None else min(end, span[1]))


def _states(observed: Sequence[Observed], span: Span) -> Iterator[Piece]:
    """The span cut wherever what was observed changes: a correction where there is one, else the worst."""
    turns: list[tuple[int, int, int]] = [(span[0], 0, 0), (span[1], 0, 0)]
    for number, one in enumerate(observed):
        turns.append((max(one.start, span[0]), 1, number))
        turns.append((span[1] if one.end is None else min(one.end, span[1]), -1, number))
    seen: Counter[str] = Counter()
    corrections: set[tuple[int, int]] = set()
    before = span[0]
    for at, step, number in sorted(turns):
        if at > before:
            yield before, at, _state(seen, corrections, observed)
            before = at
        if step:
            one = observed[number]
            if one.corrects is None:
                seen[one.state] += step
            elif step > 0:
                corrections.add((one.corrects, number))
            else:
                corrections.discard((one.corrects, number))


def _state(seen: Counter[str], corrections: set[tuple[int, int]], observed: Sequence[Observed]) -> str:
    if corrections:
        return observed[max(corrections)[1]].state
    return next((state for state in STATES if seen[state] > 0), "up")


def _excused(
    contract: Contract, span: Span, ids: Iterable[str], maintenance: Iterable[Maintenance]
) -> dict[str, list[Span]]:
    """Per component the seconds that don't count: announced in time, and used, while the month's cap lasts."""
    found: dict[str, list[Span]] = {one: [] for one in ids}
    for window in maintenance:
        if window.announced_at is None or window.start - window.announced_at < contract.notice:
            continue
        start, end = _announced_and_used(window, span)
        for name in found if window.components is None else window.components & found.keys():
            found[name].append((start, end))
    until = _spent_at(contract.cap, merged(sorted(one for spans in found.values() for one in spans)), span)
    return {name: [(a, min(b, until)) for a, b in merged(sorted(spans)) if a < until] for name, spans in found.items()}


def _announced_and_used(window: Maintenance, span: Span) -> Span:
    start, end = window.used or (window.start, window.end)
    return max(window.start, start, span[0]), min(window.end, span[1] if end is None else end, span[1])


def _spent_at(cap: int | None, spans: Iterable[Span], span: Span) -> int:
    """The second from which on nothing is excused any more."""
    if cap is None:
        return span[1]
    left = cap
    for start, end in spans:
        if end - start >= left:
            return start + left
        left -= end - start
    return span[1]


def _label(states: Iterable[Piece], excused: Sequence[Span]) -> Iterator[Piece]:
    """The same pieces with what is excused cut out. Both come in order."""
    place = 0
    for start, end, state in states:
        at = start
        while at < end:
            while place < len(excused) and excused[place][1] <= at:
                place += 1
            a, b = excused[place] if place < len(excused) else (end, end)
            stop = min(end, a if a > at else b)
            yield at, stop, state if a > at else EXCLUDED
            at = stop


def _joined(pieces: Iterable[Piece]) -> Iterator[Piece]:
    held: Piece | None = None
    for piece in pieces:
        if held is not None and held[2] == piece[2] and held[1] == piece[0]:
            held = held[0], piece[1], held[2]
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _sums(pieces: Iterable[Piece]) -> Counter[str]:
    sums: Counter[str] = Counter()
    for start, end, label in pieces:
        sums[label] += end - start
    return sums


def _product(contract: Contract, span: Span, tiles: Sequence[Sequence[Piece]]) -> Figure | None:
    """Over the essential components, each second with the label that says most about the whole."""
    if not tiles:
        return None
    turns = sorted((start, which, label) for which, pieces in enumerate(tiles) for start, _end, label in pieces)
    now: dict[int, str] = {}
    among: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    before = span[0]
    for at, which, label in turns:
        if at > before:
            sums[_whole(contract, among)] += at - before
            before = at
        if which in now:
            among[now[which]] -= 1
        now[which] = label
        among[label] += 1
    if turns:
        sums[_whole(contract, among)] += span[1] - before
    return _figure(contract, span, sums)


def _whole(contract: Contract, among: Counter[str]) -> str:
    """The largest weight; only where nothing weighs: excluded, else unknown, else up."""
    present = [label for label in STATES if among[label] > 0]
    worst = max(present, key=lambda label: contract.weights.get(label, 0), default="up")
    if contract.weights.get(worst, 0) > 0:
        return worst
    if among[EXCLUDED] > 0:
        return EXCLUDED
    return "unknown" if among["unknown"] > 0 else "up"


def _figure(contract: Contract, span: Span, sums: Counter[str]) -> Figure:
    down = sum((weight * sums[state] for state, weight in contract.weights.items()), Fraction(0))
    figure = Figure(span[1] - span[0], sums[EXCLUDED], sums["unknown"], down, contract.target, 0)
    return replace(figure, credit=_owed(contract.credit, figure.uptime))


def _owed(credit: Credit, uptime: Fraction | None) -> int:
    """In minor units, floored: by the tier with the largest bound that was reached."""
    reached = [] if uptime is None else [tier for tier in credit.tiers if tier[0] <= uptime]
    owed = credit.fee * max(reached)[1] // 100 if reached else 0
    return owed if credit.cap is None else min(owed, credit.cap)
