"""Every text on its ground reaches 4.5:1 and every part of a control 3:1, in both modes, by computation."""

import math
import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[1] / "static/ui/tokens.css").read_text()
MODES = ["light", "dark"]

# Meaning of the text, and the grounds that the components put it on.
TEXTS = {
    "text": ["canvas", "surface", "sunk", "accent-soft", "note", "broken-soft", "risk-soft", "kept-soft"],
    "text-2": ["canvas", "surface", "sunk", "accent-soft", "note", "broken-soft", "risk-soft", "kept-soft"],
    "text-3": ["canvas", "surface", "sunk"],
    "accent": ["canvas", "surface", "sunk", "accent-soft"],
    "broken": ["canvas", "surface", "sunk", "accent-soft", "broken-soft"],
    "risk": ["canvas", "surface", "sunk", "risk-soft", "note"],
    "kept": ["canvas", "surface", "kept-soft"],
    "on-accent": ["accent"],
    "surface": ["text"],
    "canvas": ["text"],
}
PARTS = {
    "control-line": ["canvas", "surface"],
    "accent": ["canvas", "surface", "accent-soft", "note"],
    "broken": ["surface", "accent-soft"],
    "risk": ["surface", "accent-soft"],
    "kept": ["surface"],
}


def raw() -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*([^;]+);", TOKENS))


def oklch(meaning: str, mode: str) -> tuple[float, float, float]:
    """Follow a meaning through the named step to its numbers."""
    tokens = raw()
    named = re.fullmatch(r"var\(--([\w-]+)\)", tokens[f"color-{meaning}"])
    assert named, meaning
    steps = re.fullmatch(r"light-dark\(oklch\(var\(--([\w-]+)\)\), oklch\(var\(--([\w-]+)\)\)\)", tokens[named[1]])
    assert steps, named[1]
    numbers = tokens[steps[1 + MODES.index(mode)]].replace("var(--hue-accent)", tokens["hue-accent"])
    lightness, chroma, hue = numbers.split()
    return float(lightness.removesuffix("%")) / 100, float(chroma), float(hue)


def luminance(color: tuple[float, float, float]) -> float:
    """WCAG's relative luminance of an OKLCH colour, as a screen shows it (clipped to sRGB, eight bits)."""
    lightness, chroma, hue = color
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    q = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    s = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    red = 4.0767416621 * q - 3.3077115913 * m + 0.2309699292 * s
    green = -1.2684380046 * q + 2.6097574011 * m - 0.3413193965 * s
    blue = -0.0041960863 * q - 0.7034186147 * m + 1.7076147010 * s
    return 0.2126 * shown(red) + 0.7152 * shown(green) + 0.0722 * shown(blue)


def shown(linear: float) -> float:
    linear = min(1.0, max(0.0, linear))
    encoded = 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    encoded = round(encoded * 255) / 255
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4


def ratio(one: str, other: str, mode: str) -> float:
    low, high = sorted([luminance(oklch(one, mode)), luminance(oklch(other, mode))])
    return (high + 0.05) / (low + 0.05)


def test_the_computation_knows_black_and_white() -> None:
    assert luminance((1, 0, 0)) == pytest.approx(1, abs=1e-3)
    assert luminance((0, 0, 0)) == 0


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("text", "ground"), [(text, ground) for text, grounds in TEXTS.items() for ground in grounds])
def test_text_reads_on_its_ground(text: str, ground: str, mode: str) -> None:
    assert ratio(text, ground, mode) >= 4.5


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("part", "ground"), [(part, ground) for part, grounds in PARTS.items() for ground in grounds])
def test_parts_of_controls_are_seen(part: str, ground: str, mode: str) -> None:
    assert ratio(part, ground, mode) >= 3
