"""The rules of teams: fair, the same for the same state, never to somebody who is away."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.tickets.spread import LOAD, NO_RULE, ROUND_ROBIN, WEIGHTS, Member, choose, load

HELD = st.dictionaries(st.sampled_from(sorted(WEIGHTS)), st.integers(0, 30))
MEMBERS = st.lists(
    st.builds(Member, st.integers(1, 99), st.just(""), st.just(""), st.booleans(), st.booleans(), st.integers(0, 50), HELD),
    max_size=8,
    unique_by=lambda one: one.person_id,
)  # fmt: skip
CAPS = st.none() | st.integers(1, 40)


@given(st.sampled_from([ROUND_ROBIN, LOAD, NO_RULE]), MEMBERS, CAPS)
@pytest.mark.behaviour("B-303")
def test_never_to_who_is_away_or_has_enough_and_always_the_same(
    rule: str, members: list[Member], most: int | None
) -> None:
    chosen = choose(rule, members, most)
    able = [one for one in members if one.is_member and not one.is_away and (not most or sum(one.held.values()) < most)]
    assert (chosen is None) == (rule == NO_RULE or not able)
    assert chosen is None or chosen in able
    assert choose(rule, reversed(members), most) == chosen


@given(st.integers(1, 7), st.integers(0, 40))
def test_in_turn_nobody_is_ever_more_than_one_ahead(size: int, requests: int) -> None:
    turns, given_to = dict.fromkeys(range(size), 0), Counter[int]()
    for number in range(1, requests + 1):
        chosen = choose(ROUND_ROBIN, [Member(pk, "", "", True, False, last, {}) for pk, last in turns.items()])
        assert chosen is not None
        turns[chosen.person_id] = number
        given_to[chosen.person_id] += 1
    assert max(given_to.values(), default=0) - min((given_to[pk] for pk in range(size)), default=0) <= 1


@given(MEMBERS, st.lists(st.sampled_from(sorted(WEIGHTS)), max_size=20))
def test_by_load_the_least_loaded_gets_each(members: list[Member], severities: list[str]) -> None:
    state = {one.person_id: one for one in members}
    for severity in severities:
        chosen = choose(LOAD, state.values())
        able = [one for one in state.values() if one.is_member and not one.is_away]
        if chosen is None:
            assert not able
            return
        assert load(chosen.held) == min(load(one.held) for one in able)
        held = Counter(chosen.held) + Counter([severity])
        state[chosen.person_id] = chosen._replace(held=held)
