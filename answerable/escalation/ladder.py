"""The ladder that a customer can climb (sla contract §4): its state is a fold over a log, and each rule a function from
a state to what is written next. Pure: no clock, no database, no settings.

Level 0 is the assigned representative. A `Step` is one row of the log; `World` is what the policy says at this moment.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

# Nobody is on the ladder; the representative is asked; has answered; a level is to acknowledge; somebody has it; a
# summary waits for the customer.
CALM, ASKED, ANSWERED, WAITING, TAKEN, SETTLING = "", "asked", "answered", "waiting", "taken", "settling"
REPRESENTATIVE = 0
# Later than this after it was due, a move was found late, and says so.
LATE_AFTER = timedelta(seconds=120)


class Entry(Protocol):
    """What the fold reads of a row of the log."""

    @property
    def kind(self) -> str: ...
    @property
    def at(self) -> datetime: ...
    @property
    def episode(self) -> int: ...
    @property
    def level(self) -> int: ...
    @property
    def by_id(self) -> int | None: ...
    @property
    def why(self) -> str: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def attempt(self) -> int: ...
    @property
    def people(self) -> Sequence[int]: ...


@dataclass(frozen=True)
class Step:
    """A row to be. `below` and `level`: from where to where; `due_at`: when it moves on by itself; `cause`: a machine
    word for why, `why` in somebody's words; `emission`: of the broken promise that caused it; `late`: seconds."""

    kind: str
    at: datetime
    episode: int
    below: int
    level: int
    by_id: int | None = None
    cause: str = ""
    why: str = ""
    due_at: datetime | None = None
    attempt: int = 0
    people: tuple[int, ...] = ()
    emission: int | None = None
    late: int = 0


@dataclass(frozen=True)
class Ladder:
    """Where a request stands. `due_at`: when it moves by itself; `since`: from when that was counted; `moved_at`: of
    the last move up; `paged`: who was asked on this level, `pages` how often on each; `tries`: since it was reached."""

    episode: int = 0
    level: int = REPRESENTATIVE
    stage: str = CALM
    due_at: datetime | None = None
    since: datetime | None = None
    moved_at: datetime | None = None
    acked_by: int | None = None
    acked_at: datetime | None = None
    paged: frozenset[int] = frozenset()
    pages: Mapping[tuple[str, int], int] = field(default_factory=dict)
    tries: int = 0
    summary: str = ""

    @property
    def is_open(self) -> bool:
        """Whether an episode is under way."""
        return self.stage != CALM

    @property
    def waiting_for_ack(self) -> bool:
        """Whether a level has been asked and nobody has taken it."""
        return self.stage == WAITING


def state(log: Iterable[Entry], at: datetime | None = None) -> Ladder:
    """Where it stands after these rows, oldest first; as of `at`."""
    ladder = Ladder()
    for entry in log:
        if at is None or entry.at <= at:
            ladder = _FOLD[entry.kind](ladder, entry)
    return ladder


def _timed(ladder: Ladder, entry: Entry, **more: Any) -> Ladder:
    return replace(ladder, due_at=entry.due_at, since=entry.at, **more)


def _asked(ladder: Ladder, entry: Entry) -> Ladder:
    return _timed(Ladder(episode=entry.episode), entry, stage=ASKED)


def _confirmed(ladder: Ladder, entry: Entry) -> Ladder:
    return _timed(ladder, entry, stage=ANSWERED)


def _raised(ladder: Ladder, entry: Entry) -> Ladder:
    begun = ladder if ladder.episode == entry.episode and ladder.is_open else Ladder(episode=entry.episode)
    told = {"paged": frozenset[int](), "tries": 0} if entry.level != begun.level else {}
    more: dict[str, Any] = {"acked_by": None, "acked_at": None, "summary": "", "moved_at": entry.at, **told}
    return _timed(begun, entry, stage=WAITING, level=entry.level, **more)


def _paged(ladder: Ladder, entry: Entry) -> Ladder:
    counted = {**ladder.pages, (entry.kind, entry.level): entry.attempt}
    tries = ladder.tries + (entry.kind == "paged")
    more: dict[str, Any] = {"acked_by": None, "acked_at": None, "paged": ladder.paged | frozenset(entry.people)}
    return _timed(ladder, entry, stage=WAITING, pages=counted, tries=tries, **more)


def _acked(ladder: Ladder, entry: Entry) -> Ladder:
    return _timed(ladder, entry, stage=TAKEN, acked_by=entry.by_id, acked_at=entry.at, tries=0)


def _lowered(ladder: Ladder, entry: Entry) -> Ladder:
    if entry.level == REPRESENTATIVE:
        return _timed(ladder, entry, stage=ANSWERED, level=0, acked_by=None, acked_at=None, paged=frozenset(), tries=0)
    more: dict[str, Any] = {"acked_by": entry.by_id, "acked_at": entry.at, "paged": frozenset(), "tries": 0}
    return _timed(ladder, entry, stage=TAKEN, level=entry.level, summary="", **more)


def _proposed(ladder: Ladder, entry: Entry) -> Ladder:
    return _timed(ladder, entry, stage=SETTLING, summary=entry.why)


def _replied(ladder: Ladder, entry: Entry) -> Ladder:
    return replace(ladder, due_at=None) if ladder.stage == TAKEN else ladder


def _retimed(ladder: Ladder, entry: Entry) -> Ladder:
    return replace(ladder, due_at=entry.due_at)


def _ended(ladder: Ladder, entry: Entry) -> Ladder:
    return Ladder(episode=ladder.episode)


def _noted(ladder: Ladder, entry: Entry) -> Ladder:
    return ladder


_FOLD: dict[str, Callable[[Ladder, Entry], Ladder]] = {
    "asked": _asked,  # step 0: what is at stake, and by when
    "waived": _noted,  # step 0 is not needed
    "spoke": _noted,  # step 0 was done otherwise
    "confirmed": _confirmed,  # the representative answered
    "joined": _noted,  # asked once more, while somebody is being waited for
    "raised": _raised,
    "empty": _noted,  # a level with nobody is passed
    "paged": _paged,
    "fallback": _paged,  # the contacts for when nobody is there
    "acked": _acked,
    "replied": _replied,  # a public answer after the acknowledgement
    "kept": _noted,  # a broken promise that moves nothing
    "retimed": _retimed,  # another severity: the same level, other times
    "lowered": _lowered,
    "proposed": _proposed,  # a summary to close with
    "ended": _ended,
}


@dataclass(frozen=True)
class World:
    """The policy at one moment, for one request: `people` holds a level, `fallback` where nobody does, `due(seconds,
    since)` counts in the calendar that its severity has. Times in seconds; `ack_ttl` None: a level is not asked again.
    """

    at: datetime
    top: int
    people: Callable[[int], Sequence[int]]
    fallback: Callable[[], Sequence[int]]
    due: Callable[[int, datetime], datetime]
    ack_timeout: int
    ack_ttl: int | None
    confirm_timeout: int
    min_interval: int
    repeat_every: int
    max_repeats: int


class Move:
    """What one act does to a ladder: `steps` are to be written, `ladder` is how it stands then."""

    def __init__(self, ladder: Ladder, world: World) -> None:
        self.ladder, self.world = ladder, world
        self.steps: list[Step] = []

    def note(self, kind: str, **more: Any) -> None:
        """Append a row."""
        here = self.ladder
        values = {"episode": here.episode, "below": here.level, "level": here.level, **more}
        step = Step(kind=kind, at=self.world.at, **values)
        self.steps.append(step)
        self.ladder = _FOLD[kind](here, step)

    def timer(self, seconds: int | None) -> datetime | None:
        """When so many seconds from now are over."""
        return None if seconds is None else self.world.due(seconds, self.world.at)


def open_step_0(move: Move, by: int | None, stake: str, *, waiver: str = "", spoke: str = "", cause: str = "") -> None:
    """A customer begins: what is at stake, and by when. `waiver`: why the representative is not asked first ("p0",
    "nobody", "late"); `spoke`: when they spoke otherwise, and what came of it. Then level 1 is asked at once.
    `cause`: "merged", where they had begun on a request that is handled here now."""
    skips = bool(waiver or spoke)
    due = None if skips else move.timer(move.world.confirm_timeout)
    begun = {"episode": move.ladder.episode + 1, "below": 0, "level": 0}
    move.note("asked", **begun, by_id=by, why=stake, due_at=due, cause=cause)
    if skips:
        leave_step_0(move, by, waiver=waiver, spoke=spoke)


def leave_step_0(move: Move, by: int | None, *, waiver: str = "", spoke: str = "") -> None:
    """Step 0 is over without an answer of the representative."""
    if waiver:
        move.note("waived", cause=waiver)
    if spoke:
        move.note("spoke", by_id=by, why=spoke)
    climb(move, 1, Cause("asked", by))


def may_raise(ladder: Ladder, world: World, *, drives: bool = False) -> str:
    """Why a customer may not have the next level now: "calm", "asked", "waiting", "interval"; "" where they may.

    `drives`: staff and the customer success manager wait for no interval, nor for the representative.
    """
    if not ladder.is_open:
        return "calm"
    if ladder.stage == WAITING:
        return "waiting"
    if drives or ladder.stage in {ANSWERED, SETTLING}:
        return ""
    if ladder.stage == ASKED:
        return "asked"
    return "interval" if world.at < next_at(ladder, world) else ""


def next_at(ladder: Ladder, world: World) -> datetime:
    """From when on the next level may be had after the last move up."""
    return (ladder.moved_at or world.at) + timedelta(seconds=world.min_interval)


def raise_level(move: Move, by: int | None, why: str) -> None:
    """The next level; on the top, that one once more."""
    climb(move, min(move.ladder.level + 1, move.world.top), Cause("asked", by, why))


def join(move: Move, by: int | None, why: str) -> None:
    """Said once more while somebody is waited for: on record, and nobody is asked again."""
    move.note("joined", by_id=by, why=why)


@dataclass(frozen=True)
class Cause:
    """Why it goes up: a machine word, who asked and in which words; the broken promise; how late it was found."""

    word: str
    by: int | None = None
    why: str = ""
    emission: int | None = None
    late: int = 0


_EMPTY = Cause("empty")


def climb(move: Move, to: int, cause: Cause) -> None:
    """Up to `to`, past every level that nobody holds, at once. Begins an episode where there is none."""
    episode = move.ladder.episode if move.ladder.is_open else move.ladder.episode + 1
    for level in range(to, move.world.top + 1):
        why = {"cause": cause.word, "by_id": cause.by, "why": cause.why, "emission": cause.emission, "late": cause.late}
        move.note("raised", episode=episode, level=level, **why)
        if move.world.people(level):
            page(move)
            return
        move.note("empty")
        cause = _EMPTY
    _fall_back(move)


def page(move: Move, cause: str = "", late: int = 0) -> None:
    """Ask whoever holds the level where it stands; on the top again and again, until somebody takes it."""
    world, level = move.world, move.ladder.level
    people = tuple(world.people(level))
    if not people:
        move.note("empty", late=late)
        if level < world.top:
            climb(move, level + 1, _EMPTY)
        else:
            _fall_back(move)
        return
    is_top = level >= world.top
    due, again = move.timer(world.repeat_every if is_top else world.ack_timeout), _attempt(move, "paged")
    over = is_top and move.ladder.tries > world.max_repeats
    move.note("paged", cause=cause, due_at=due, attempt=again, people=people, late=late)
    if over:
        _fall_back(move)


def _fall_back(move: Move) -> None:
    """The contacts for when nobody is there, or nobody answers. The timer goes on: it never stops in silence."""
    people = tuple(move.world.fallback())
    due = move.timer(move.world.repeat_every)
    move.note("fallback", due_at=due, attempt=_attempt(move, "fallback"), people=people)


def _attempt(move: Move, kind: str) -> int:
    return move.ladder.pages.get((kind, move.ladder.level), 0) + 1


def lapse(move: Move) -> bool:
    """What happens by itself when its time is over; False where it is not. In the second of the deadline it is not."""
    ladder, world = move.ladder, move.world
    if ladder.due_at is None or world.at <= ladder.due_at:
        return False
    gone = world.at - ladder.due_at
    late = int(gone.total_seconds()) if gone > LATE_AFTER else 0
    if ladder.stage == ASKED:
        climb(move, 1, Cause("unanswered", late=late))
    elif ladder.stage == WAITING and ladder.level < world.top:
        climb(move, ladder.level + 1, Cause("lapsed", late=late))
    else:
        page(move, cause="silent" if ladder.stage == TAKEN else "again", late=late)
    return True


def by_breach(move: Move, to: int, emission: int, metric: str) -> None:
    """A promise was broken and the policy names a level: up to it, and never down."""
    if move.ladder.is_open and move.ladder.level >= to:
        move.note("kept", emission=emission, cause=metric)
    elif to <= move.world.top:
        climb(move, to, Cause("breach", emission=emission))


def may_ack(ladder: Ladder, world: World, person: int) -> bool:
    """Who holds the level or one above it, or was asked on it."""
    if person in ladder.paged:
        return True
    return any(person in world.people(level) for level in range(max(1, ladder.level), world.top + 1))


def acknowledge(move: Move, by: int, cause: str = "") -> None:
    """Somebody has it. Once more changes nothing."""
    if move.ladder.waiting_for_ack:
        move.note("acked", by_id=by, cause=cause, due_at=move.timer(move.world.ack_ttl))


def confirm(move: Move, by: int, why: str, *, understood: bool, cause: str = "") -> None:
    """The representative has understood impact and urgency, or says why not."""
    if move.ladder.stage == ASKED:
        move.note("confirmed", by_id=by, why=why, cause=cause or ("understood" if understood else "declined"))


def replied(move: Move, by: int) -> None:
    """A public answer of staff: a level that has taken it need not be asked again."""
    if move.ladder.stage == TAKEN and move.ladder.due_at is not None:
        move.note("replied", by_id=by)


def lower(move: Move, by: int, level: int, why: str) -> None:
    """Down, any number of levels, with a reason."""
    if not why.strip() or not 0 <= level < move.ladder.level:
        raise ValueError("a level below this one, and why")
    due = move.timer(move.world.ack_ttl) if level else None
    move.note("lowered", by_id=by, level=level, why=why, due_at=due)


def propose(move: Move, by: int, summary: str) -> None:
    """Close with a summary, which the customer accepts or answers by the next level."""
    move.note("proposed", by_id=by, why=summary)


def end(move: Move, cause: str, by: int | None = None) -> None:
    """The episode is over; the next one begins at 0."""
    if move.ladder.is_open:
        move.note("ended", level=0, by_id=by, cause=cause)


def retime(move: Move) -> None:
    """Another severity: the level stays, what runs is counted anew from when it began; never into the past."""
    ladder, world = move.ladder, move.world
    if ladder.due_at is None or ladder.since is None:
        return
    if ladder.stage == WAITING:
        seconds = world.repeat_every if ladder.level >= world.top else world.ack_timeout
    else:
        seconds = world.confirm_timeout if ladder.stage == ASKED else world.ack_ttl or 0
    due = max(world.at, world.due(seconds, ladder.since)) if seconds else None
    if due != ladder.due_at:
        move.note("retimed", due_at=due)
