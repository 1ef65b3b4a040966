"""Pieces of text with what was found: whatever the accents, cut at words, and the very text that was there."""

from hypothesis import given
from hypothesis import strategies as st

from answerable.lib.folding import words_of
from answerable.lib.highlight import LENGTH, hits, marked, snippet


def test_words_are_marked_whatever_their_accents_and_no_parts_of_others() -> None:
    pattern = hits(["resume", "big"], ["exp"])
    said = marked("The RÉSUMÉ of bigger exports, résumés: ﬁx exp_1 big", pattern)
    assert [text for text, hit in said if hit] == ["RÉSUMÉ", "exports", "exp", "big"]
    assert "".join(text for text, _ in said) == "The RÉSUMÉ of bigger exports, résumés: ﬁx exp_1 big"


def test_a_piece_is_cut_around_the_first_hit() -> None:
    text = "word " * 2000 + "Größe " + "more " * 500
    said = snippet(text, hits(["große"]))
    assert [text for text, hit in said if hit] == ["Größe"]
    assert said[0] == ("… ", False)
    assert said[-1] == (" …", False)
    assert len("".join(text for text, _ in said)) <= LENGTH + 4
    assert snippet("short", None) == [("short", False)]


@given(st.text(max_size=300), st.text(max_size=10))
def test_nothing_is_lost_or_made_up(text: str, word: str) -> None:
    words = words_of(word)
    pattern = hits(words[:-1], words[-1:])
    assert "".join(part for part, _ in marked(text, pattern)) == text
    snippet(text, pattern)
