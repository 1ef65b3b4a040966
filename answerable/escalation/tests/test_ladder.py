"""The ladder's rules, pure: some by hand, and what must hold whatever happens, over made-up stories."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.escalation import ladder
from answerable.escalation.ladder import ANSWERED, ASKED, SETTLING, TAKEN, WAITING, Cause, Ladder, Move, Step, World

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
REP, TSE, DIRECTOR, HEAD, CSM, CUSTOMER, CONTACT = range(1, 8)
HELD: dict[int, Sequence[int]] = {1: (TSE,), 2: (DIRECTOR,), 3: (HEAD,)}


def world(at: datetime, held: dict[int, Sequence[int]] | None = None) -> World:
    people = HELD if held is None else held
    return World(
        at=at,
        top=3,
        people=lambda level: people.get(level, ()),
        fallback=lambda: (CONTACT,),
        due=lambda seconds, since: since + timedelta(seconds=seconds),
        ack_timeout=900,
        ack_ttl=1800,
        confirm_timeout=600,
        min_interval=4 * 3600,
        repeat_every=300,
        max_repeats=2,
    )


class Story:
    """A ladder over time: what is done is appended to its log, and read from it again."""

    def __init__(self, held: dict[int, Sequence[int]] | None = None) -> None:
        self.log: list[Step] = []
        self.at, self.held = NOW, held

    def do(self, act: Callable[[Move], object], after: timedelta = MINUTE) -> list[str]:
        """The kinds of the steps that it made."""
        self.at += after
        move = Move(ladder.state(self.log), world(self.at, self.held))
        act(move)
        self.log += move.steps
        return [step.kind for step in move.steps]

    @property
    def now(self) -> Ladder:
        return ladder.state(self.log)


def escalates(move: Move) -> None:
    ladder.open_step_0(move, CUSTOMER, "the launch on Friday")


def test_the_representative_is_asked_first_and_level_1_after_their_time() -> None:
    story = Story()
    assert story.do(escalates) == ["asked"]
    assert (story.now.stage, story.now.level, story.now.due_at) == (ASKED, 0, story.at + 10 * MINUTE)
    assert ladder.may_raise(story.now, world(story.at)) == "asked"
    assert story.do(ladder.lapse, 10 * MINUTE) == []  # in the second of the deadline it is in time
    assert story.do(ladder.lapse, timedelta(seconds=1)) == ["raised", "paged"]
    assert (story.now.level, story.now.stage) == (1, WAITING)


def test_an_answer_opens_level_1_for_the_customer() -> None:
    story = Story()
    story.do(escalates)
    story.do(lambda move: ladder.confirm(move, REP, "", understood=True))
    assert (story.now.stage, story.now.due_at) == (ANSWERED, None)
    assert ladder.may_raise(story.now, world(story.at)) == ""
    story.do(lambda move: ladder.raise_level(move, CUSTOMER, "not enough"))
    assert story.now.level == 1


@pytest.mark.parametrize("more", [{"waiver": "p0"}, {"waiver": "nobody"}, {"waiver": "late"}, {"spoke": "Monday: no"}])
def test_step_0_is_waived_and_that_is_logged(more: dict[str, str]) -> None:
    story = Story()
    kinds = story.do(lambda move: ladder.open_step_0(move, CUSTOMER, "much", **more))
    assert kinds == ["asked", "waived" if "waiver" in more else "spoke", "raised", "paged"]


def test_level_after_level_until_somebody_has_it() -> None:
    story = Story()
    story.do(lambda move: ladder.open_step_0(move, CUSTOMER, "much", waiver="nobody"))
    assert ladder.may_raise(story.now, world(story.at)) == "waiting"
    story.do(lambda move: ladder.join(move, CUSTOMER, "hurry"))
    assert story.now.pages == {("paged", 1): 1}
    story.do(ladder.lapse, 16 * MINUTE)
    assert story.now.level == 2
    assert not ladder.may_ack(story.now, world(story.at), TSE)
    assert ladder.may_ack(story.now, world(story.at), HEAD)
    story.do(lambda move: ladder.acknowledge(move, DIRECTOR))
    assert story.do(lambda move: ladder.acknowledge(move, HEAD)) == []
    assert (story.now.acked_by, story.now.stage) == (DIRECTOR, TAKEN)
    assert ladder.may_raise(story.now, world(story.at)) == "interval"
    later = world(story.at + timedelta(hours=4))
    assert ladder.may_raise(story.now, later) == ""


def test_who_took_it_is_asked_again_unless_the_customer_was_answered() -> None:
    story = Story()
    story.do(lambda move: ladder.open_step_0(move, CUSTOMER, "much", waiver="p0"))
    story.do(lambda move: ladder.acknowledge(move, TSE))
    again = Story()
    again.log, again.at = list(story.log), story.at
    assert again.do(ladder.lapse, 31 * MINUTE) == ["paged"]
    assert (again.now.level, again.now.stage, again.now.pages["paged", 1]) == (1, WAITING, 2)
    story.do(lambda move: ladder.replied(move, TSE))
    assert story.do(ladder.lapse, timedelta(days=3)) == []


def test_the_top_is_asked_again_and_then_the_contacts_too() -> None:
    story = Story()
    story.do(lambda move: ladder.climb(move, 3, Cause("asked")))
    kinds = [story.do(ladder.lapse, 6 * MINUTE) for _ in range(4)]
    assert kinds == [["paged"], ["paged"], ["paged", "fallback"], ["paged", "fallback"]]
    assert story.now.due_at is not None


def test_a_level_with_nobody_is_passed_at_once() -> None:
    story = Story({3: (HEAD,)})
    kinds = story.do(lambda move: ladder.open_step_0(move, CUSTOMER, "much", waiver="p0"))
    assert kinds == ["asked", "waived", "raised", "empty", "raised", "empty", "raised", "paged"]
    assert len({step.at for step in story.log}) == 1
    nobody = Story({})
    nobody.do(lambda move: ladder.open_step_0(move, CUSTOMER, "much", waiver="p0"))
    assert nobody.log[-1].kind == "fallback"
    assert nobody.log[-1].people == (CONTACT,)
    assert nobody.do(ladder.lapse, 6 * MINUTE) == ["empty", "fallback"]
    nobody.held = HELD
    assert nobody.do(ladder.lapse, 6 * MINUTE) == ["paged"]


def test_a_broken_promise_moves_once_and_never_down() -> None:
    story = Story()
    assert story.do(lambda move: ladder.by_breach(move, 2, 7, "first_response")) == ["raised", "paged"]
    assert story.do(lambda move: ladder.by_breach(move, 1, 8, "next_response")) == ["kept"]
    assert story.now.level == 2


def test_another_severity_moves_the_times_and_not_the_level() -> None:
    story = Story()
    story.do(lambda move: ladder.climb(move, 2, Cause("asked")))
    begun = story.at
    move = Move(story.now, replace(world(story.at + MINUTE), ack_timeout=7200))
    ladder.retime(move)
    assert (move.ladder.level, move.ladder.due_at) == (2, begun + timedelta(hours=2))
    sooner = Move(move.ladder, replace(world(story.at + 10 * MINUTE), ack_timeout=60))
    ladder.retime(sooner)
    assert sooner.ladder.due_at == story.at + 10 * MINUTE  # due now, and not in the past


def test_a_new_episode_starts_at_0() -> None:
    story = Story()
    story.do(lambda move: ladder.climb(move, 2, Cause("asked")))
    story.do(lambda move: ladder.end(move, "request"))
    assert story.now == Ladder(episode=1)
    story.do(escalates)
    assert (story.now.episode, story.now.level, story.now.pages) == (2, 0, {})


def test_after_an_outage_it_goes_on_from_where_it_stands_and_says_so() -> None:
    story = Story()
    story.do(lambda move: ladder.climb(move, 1, Cause("asked")))
    story.do(ladder.lapse, timedelta(hours=1, minutes=15))
    assert [(step.kind, step.level, step.late) for step in story.log[-2:]] == [("raised", 2, 3600), ("paged", 2, 0)]
    assert story.now.due_at == story.at + 15 * MINUTE


ACTS: dict[str, Callable[[Move, int], object]] = {
    "ask": lambda move, n: None if move.ladder.is_open else ladder.open_step_0(move, CUSTOMER, "s"),
    "ask_p0": lambda move, n: None if move.ladder.is_open else ladder.open_step_0(move, CUSTOMER, "s", waiver="p0"),
    "confirm": lambda move, n: ladder.confirm(move, REP, "", understood=n > 1),
    "raise": lambda move, n: (
        None if ladder.may_raise(move.ladder, move.world) else ladder.raise_level(move, CUSTOMER, "w")
    ),
    "drive": lambda move, n: ladder.raise_level(move, CSM, "w") if move.ladder.is_open else None,
    "breach": lambda move, n: ladder.by_breach(move, n, 1000 + n, "first_response"),
    "ack": lambda move, n: ladder.acknowledge(move, HELD[n][0]),
    "reply": lambda move, n: ladder.replied(move, TSE),
    "lower": lambda move, n: ladder.lower(move, HEAD, n - 1, "calmer") if move.ladder.level > n - 1 else None,
    "propose": lambda move, n: ladder.propose(move, HEAD, "done") if move.ladder.stage == TAKEN else None,
    "end": lambda move, n: ladder.end(move, "request"),
    "retime": lambda move, n: ladder.retime(move),
    "lapse": lambda move, n: ladder.lapse(move),
}
TOLD = st.lists(
    st.tuples(
        st.sampled_from(sorted(ACTS)),
        st.integers(1, 3),
        st.integers(0, 3000),
        st.sampled_from([HELD, {}, {2: (DIRECTOR,)}, {1: (TSE,)}, {1: (TSE,), 3: (HEAD, CONTACT)}]),
    ),
    max_size=25,
)


def _act(name: str, number: int, move: Move) -> object:
    return ACTS[name](move, number)


@pytest.mark.behaviour("B-371")
@settings(max_examples=120, deadline=None)
@given(TOLD)
def test_whatever_happens(told: list[tuple[str, int, int, dict[int, Sequence[int]]]]) -> None:
    story = Story()
    for name, number, seconds, held in told:
        before, story.held = story.now, held
        made = len(story.log)
        story.do(partial(_act, name, number), timedelta(seconds=seconds))
        now, steps = story.now, story.log[made:]
        # A timer runs whenever somebody is waited for, and never lies in the past.
        if now.stage in {ASKED, WAITING}:
            assert now.due_at is not None
        assert all(step.due_at is None or step.due_at >= story.at for step in steps)
        # Nothing goes down without a reason, and nothing by itself.
        if now.level < before.level:
            assert {step.kind for step in steps} <= {"lowered", "ended"}
            assert all(step.why or step.cause for step in steps)
        # Looking twice is looking once.
        assert story.do(ladder.lapse, timedelta(0)) == [] or name != "lapse"
    # The fold may be cut anywhere, as of any moment.
    for step in story.log:
        so_far = [one for one in story.log if one.at <= step.at]
        assert ladder.state(story.log, step.at) == ladder.state(so_far)
    # Each page is one row for its episode, level and attempt.
    pages = [(step.episode, step.level, step.kind, step.attempt) for step in story.log if step.attempt]
    assert len(pages) == len(set(pages))
    assert ladder.state(story.log).stage in {"", ASKED, ANSWERED, WAITING, TAKEN, SETTLING}
