"""Lines of keys in awkward TOML. Texts name their own line: a value "L7" must be found on line 7."""

import tomllib
from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from answerable.policy.lines import Place, lines

AWKWARD = '''
top = "L2"   # a comment with "quotes", [brackets] and = signs
[plain]
a = "L4"
"quoted key" = "L5"
'literal.key' = "L6"
"esc\\u0061pe" = "L7"
dotted.inner . deep = "L8"

  [ spaced . "name" ]  # the header has blanks
  b="L11"
[plain.sub]
long = """L13
[not.a.table]
c = "no key"
ends in quotes: """""
after = "L17"
raw = \'\'\'L18
"""
\'\'\'
after_raw = "L21"
escaped = "\\" L22"
list = [ "L23", # ] not the end
  "L24", ["L24",
    "L25"], { x = "L25", "y z" = [
      "L26" ] },
]
when = 1979-05-27 07:32:00
next = "L29"
empty = []
none = {}
nothing = ""
[[many]]
d = "L34"
[many.below]
e = "L36"
[[many.deep]]
f = "L38"
[[many]]

d = "L41"
[[many.deep]]
f = "L43"
[[many.deep]]
f = "L45"
[many.deep.er]
g = "L47"
[1234]
2026-12-24 = "L49"
'''


def leaves(value: object, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Each text of a document that names its line."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*place, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from leaves(inner, (*place, number))
    elif isinstance(value, str) and "L" in value:
        yield place, value.split("L")[1].split("\n")[0]


def test_every_key_is_found_on_its_line() -> None:
    where = lines(AWKWARD)
    named = {place: int(line) for place, line in leaves(tomllib.loads(AWKWARD))}
    assert len(named) == 27
    assert {place: where[place] for place in named} == named


def test_tables_are_found_at_their_first_header() -> None:
    where = lines("[a.b]\n\n[[c]]\n[[c]]\n[a]\n")
    assert {place: where[place] for place in [("a",), ("a", "b"), ("c",), ("c", 0), ("c", 1)]} == {
        ("a",): 1,
        ("a", "b"): 1,
        ("c",): 3,
        ("c", 0): 3,
        ("c", 1): 4,
    }


def test_line_ends_of_windows_count_once() -> None:
    assert lines("a = 1\r\n\r\n[t]\r\nb = 2\r\n")["t", "b"] == 4


KEYS = st.sampled_from(["a", "b-c", '"d e"', "'f.g'", "h.i", '"j#".k'])
NOISE = st.sampled_from(["", "\n", "# [x] = 'y'\n", '\n\n  # "\n', "\t"])


@st.composite
def documents(draw: st.DrawFn) -> str:
    """TOML with tables, arrays of tables, nested arrays and inline tables, whose texts name their line."""
    text = ""

    def here() -> str:
        return f'"L{text.count(chr(10)) + 1}"'

    for number in range(draw(st.integers(1, 5))):
        text += draw(NOISE).rstrip("\t")
        opening = draw(st.sampled_from(["[t{}]\n", "[[s]]\n", "[t{}.'u.v']\n"]))
        text += opening.format(number)
        for key in draw(st.lists(KEYS, unique=True, max_size=4)):
            text += f"{key} = "
            shape = draw(st.sampled_from(["text", "list", "table", "nest"]))
            if shape == "text":
                text += here()
            elif shape == "table":
                text += "{ x = " + here() + ", y.z = " + here() + " }"
            else:
                text += "["
                for _ in range(draw(st.integers(0, 3))):
                    text += draw(NOISE) if shape == "list" else "\n["
                    text += here()
                    text += "," if shape == "list" else "],"
                text += "]"
            text += draw(st.sampled_from(["\n", "  # ' \" [\n", "\n\n"]))
    return text


@given(documents())
def test_any_document_is_found_on_its_lines(text: str) -> None:
    where = lines(text)
    for place, line in leaves(tomllib.loads(text)):
        assert where[place] == int(line), place
