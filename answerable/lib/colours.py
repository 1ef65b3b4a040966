"""A brand's colour as the one accent of a page: its hue alone, so that contrast is that of our own tokens."""

import math
import re

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
# Below it a colour is a grey, and a grey has no hue worth keeping.
LEAST_CHROMA = 0.03
# Ours, as in ui/tokens.css.
DEFAULT_HUE = 258


def is_colour(value: str) -> bool:
    """Whether this is a colour such as `#0b5fff`."""
    return _HEX.fullmatch(value) is not None


def hue_of(colour: str) -> int | None:
    """The hue in OKLCH, 0 to 359; None for a grey. After https://bottosson.github.io/posts/oklab/."""
    red, green, blue = (_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    a = 1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short
    return None if math.hypot(a, b) < LEAST_CHROMA else round(math.degrees(math.atan2(b, a))) % 360


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
