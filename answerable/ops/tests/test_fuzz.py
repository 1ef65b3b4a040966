"""Messages that nobody would write, through the whole mail room. `make fuzz N=10000 SEED=7`, `make fuzz REPLAY=FILE`."""

import os
import sys
from pathlib import Path
from random import Random

import pytest

from answerable.lib import clock
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.mail.tests.mutants import CHANGES, corpus, mutant
from answerable.ops.tests import fuzz
from tests.cast import Cast

COUNT = int(os.environ.get("FUZZ_N") or 500)
SEED = int(os.environ.get("FUZZ_SEED") or 1)
REPLAY = os.environ.get("FUZZ_REPLAY", "")
SAVED = Path(__file__).parents[3] / "test-results" / "fuzz"
# As SMTP gave it: nobody said, the null path, somebody, nonsense.
ENVELOPES = (None, "", "ann@customer.test", "x y@@\x00")
_TOLD = 1_000


@pytest.fixture
def inbox(cast: Cast) -> None:
    apply_inboxes([InboxSpec("support", fuzz.INBOX)], "vendor.test", clock.now())


def envelope(seed: int) -> str | None:
    return ENVELOPES[seed % len(ENVELOPES)]


@pytest.mark.behaviour("B-222")
def test_every_mutant_ends_in_one_outcome_and_nothing_is_lost_e4_e6(inbox: None) -> None:
    found = corpus()
    wrong: list[str] = []
    for number in range(0 if REPLAY else COUNT):
        seed = SEED * 1_000_000 + number
        raw = mutant(seed, found)
        if said := fuzz.complaint(raw, envelope(seed)):
            path = fuzz.save(SAVED, f"{seed}", raw, envelope(seed))
            wrong.append(f"seed {seed}, `make fuzz REPLAY={path}`: {said[-1500:]}")
        if (number + 1) % _TOLD == 0:
            sys.stdout.write(f"{number + 1} of {COUNT} (seed {SEED}): {len(wrong)} wrong\n")
    assert not wrong, "\n\n".join([f"{len(wrong)} of {COUNT} (seed {SEED})", *wrong[:10]])


@pytest.mark.skipif(not REPLAY, reason="FUZZ_REPLAY names no file")
def test_a_saved_one_is_handled_now(inbox: None) -> None:
    raw = Path(REPLAY).read_bytes()
    seed = Path(REPLAY).stem.partition(".")[0]
    fuzz.handle(raw, envelope(int(seed)) if seed.isdecimal() else None)


def test_a_wrong_one_is_found_shrunk_and_saved(inbox: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def breaks(html: str) -> list[str]:
        return ["a poison"] if "poison" in html else []

    monkeypatch.setattr(fuzz, "complaints", breaks)
    raw = b"From: a@b.test\nSubject: x\n\n" + b"sound\n" * 20 + b"poison\n" + b"sound\n" * 20
    assert "a poison" in fuzz.complaint(raw, None)
    assert fuzz.save(tmp_path, "7", raw, None).read_bytes() == raw
    assert len((tmp_path / "7.small.eml").read_bytes()) < 40


def test_the_same_seed_makes_the_same_message_and_every_change_changes_something() -> None:
    found = corpus()
    assert [mutant(seed, found) for seed in range(50)] == [mutant(seed, found) for seed in range(50)]
    for change in CHANGES:
        assert any(change(Random(seed), found[5]) != found[5] for seed in range(20)), change.__name__
