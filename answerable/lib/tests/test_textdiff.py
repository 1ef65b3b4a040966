"""The difference of two texts puts both together again."""

from hypothesis import given
from hypothesis import strategies as st

from answerable.lib.textdiff import Line, hunks

TEXTS = st.lists(st.sampled_from(["a", "b", "", "  c", "# d"]), max_size=30)


def test_a_change_stands_between_the_lines_around_it() -> None:
    old = "1\n2\n3\n4\n5"
    new = "1\n2\ndrei\n4\n5"
    assert hunks(old, new, around=1) == [
        [Line("same", 2, 2, "2"), Line("gone", 3, None, "3"), Line("new", None, 3, "drei"), Line("same", 4, 4, "4")]
    ]


def test_changes_far_apart_are_two_places_and_equal_texts_none() -> None:
    lines = [str(n) for n in range(40)]
    other = ["first", *lines[1:-1], "last"]
    assert len(hunks("\n".join(lines), "\n".join(other))) == 2
    assert hunks("a\nb", "a\nb\n") == []


@given(TEXTS, TEXTS)
def test_both_texts_can_be_read_off(old: list[str], new: list[str]) -> None:
    lines = [line for hunk in hunks("\n".join(old), "\n".join(new), around=1000) for line in hunk]
    before, after = "\n".join(old).splitlines(), "\n".join(new).splitlines()
    if before == after:
        assert lines == []
        return
    assert [line.text for line in lines if line.kind != "new"] == before
    assert [line.text for line in lines if line.kind != "gone"] == after
    assert [line.old for line in lines if line.old] == list(range(1, len(before) + 1))
    assert [line.new for line in lines if line.new] == list(range(1, len(after) + 1))
