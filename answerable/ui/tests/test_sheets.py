"""House rules of the stylesheets of every room."""

import re
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2]
SHEETS = {str(path.relative_to(PACKAGE)): path for path in sorted(PACKAGE.glob("*/static/*/*.css"))}
ENTRY = "ui/static/ui/app.css"
TOKENS = "ui/static/ui/tokens.css"
PARTS = sorted(set(SHEETS) - {ENTRY})
COLOR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|light-dark)\(|:\s*(?:white|black|red|gray|grey)\b",
    re.IGNORECASE,
)
PHYSICAL = re.compile(
    r"(?<![\w-])(?:(?:margin|padding|border)-(?:left|right|top|bottom)\b"
    r"|(?:left|right|top|bottom|(?:min-|max-)?(?:width|height)):)"
)


def rules(name: str) -> str:
    return re.sub(r"/\*.*?\*/", "", SHEETS[name].read_text(), flags=re.DOTALL)


def test_the_entry_names_the_layers_and_every_part_of_this_room() -> None:
    text = SHEETS[ENTRY].read_text()
    assert "@layer reset, base, components, modules, utilities;" in text
    imported = re.findall(r'@import url\("([\w-]+\.css)"\);', text)
    assert sorted(imported) == sorted(Path(name).name for name in PARTS if name.startswith("ui/"))


@pytest.mark.parametrize("name", PARTS)
def test_a_sheet_is_one_declared_layer(name: str) -> None:
    text = rules(name).strip()
    assert re.match(r"@layer (reset|base|components|modules|utilities) \{", text)
    depth, closings = 0, 0
    for char in text:
        depth += (char == "{") - (char == "}")
        closings += char == "}" and depth == 0
    assert (depth, closings) == (0, 1)


@pytest.mark.parametrize("name", [name for name in PARTS if name != TOKENS])
def test_colours_live_in_tokens(name: str) -> None:
    text = re.sub(r"color-mix\(in oklab", "", rules(name))
    assert COLOR.findall(text) == []


@pytest.mark.parametrize("name", PARTS)
def test_properties_are_logical(name: str) -> None:
    text = re.sub(r"@media[^{]*\{", "", rules(name))
    assert PHYSICAL.findall(text) == []


def test_every_token_used_is_defined() -> None:
    everything = "".join(rules(name) for name in SHEETS)
    used = set(re.findall(r"var\((--[\w-]+)", everything))
    defined = set(re.findall(r"(--[\w-]+):", everything))
    assert used <= defined


def test_every_colour_token_is_used() -> None:
    everything = "".join(rules(name) for name in SHEETS)
    meanings = set(re.findall(r"(--color-[\w-]+):", rules(TOKENS)))
    assert {name for name in meanings if f"var({name})" not in everything} == set()
