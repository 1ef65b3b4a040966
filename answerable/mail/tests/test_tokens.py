"""Signed local parts (E-32)."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.mail import tokens
from answerable.mail.tokens import Token

KEYS = [b"new" * 11, b"old" * 11]
IDS = st.integers(0, 2**63 - 1)


@settings(deadline=None)
@given(st.sampled_from(sorted(tokens.KINDS)), IDS, IDS)
def test_a_token_says_what_it_was_made_of_e32(kind: str, ticket: int, person: int) -> None:
    local = tokens.make(kind, ticket, person, KEYS)
    assert len(local) <= 64
    assert local == local.lower()
    assert local.isascii()
    assert tokens.read(local, KEYS) == tokens.read(local.upper(), KEYS) == Token(kind, ticket, person)


def test_an_old_key_still_verifies_and_a_forgotten_one_does_not_e32() -> None:
    local = tokens.make("reply", 12, 3, KEYS[1:])
    assert tokens.read(local, KEYS) == Token("reply", 12, 3)
    assert tokens.read(local, KEYS[:1]) is None
    assert tokens.read(local, []) is None


def test_a_token_holds_ninety_six_bits_of_mac_e32() -> None:
    short, long = tokens.make("reply", 0, 0, KEYS), tokens.make("reply", 0, 0, [b"x"])
    assert sum(a != b for a, b in zip(short[-19:], long[-19:], strict=True)) > 8
    assert short[:10] == long[:10]


@settings(deadline=None)
@given(IDS, st.integers(0, 60), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_a_changed_token_is_none_or_the_same_e32(ticket: int, at: int, letter: str) -> None:
    local = tokens.make("reply", ticket, 7, KEYS)
    at = min(at, len(local) - 1)
    changed = local[:at] + letter + local[at + 1 :]
    assert tokens.read(changed, KEYS) in (None, Token("reply", ticket, 7))
    if at > len("reply+") and changed != local and at < len(local) - 1:
        assert tokens.read(changed, KEYS) is None


def test_a_token_for_one_purpose_is_none_for_another_e41() -> None:
    local = tokens.make("reply", 12, 3, KEYS)
    assert tokens.read(local.replace("reply", "ack"), KEYS) is None


@settings(deadline=None)
@given(st.text())
def test_anything_else_is_no_token_e32(text: str) -> None:
    assert tokens.read(text, KEYS) is None
    assert tokens.read(f"reply+{text}", KEYS) is None


def test_what_no_token_can_hold_is_refused() -> None:
    for kind, ticket, person in (("other", 1, 1), ("reply", -1, 1), ("reply", 1, 2**63)):
        with pytest.raises(ValueError, match="token"):
            tokens.make(kind, ticket, person, KEYS)
