"""How many promises were kept, and how that reads. Pure: whole numbers in, exact shares out, never rounded up."""

from dataclasses import dataclass
from fractions import Fraction

from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Figures:
    """Promises that were judged. `excused`: broken, and not counted against anybody. `median`: seconds, of answered."""

    kept: int = 0
    broken: int = 0
    excused: int = 0
    median: int | None = None

    @property
    def all(self) -> int:
        """Every promise here, the excused ones too."""
        return self.kept + self.broken + self.excused

    @property
    def share(self) -> Fraction | None:
        """Of those that count, the part that was kept; None where nothing counts."""
        counted = self.kept + self.broken
        return Fraction(self.kept, counted) if counted else None

    @property
    def shown(self) -> str:
        """The share in words."""
        return percent(self.share) or _("no data")


def floored(share: Fraction | None) -> str:
    """In percent with one decimal, always floored: 99.96 never reads 100. "" for None."""
    if share is None:
        return ""
    tenths = share * 1000 // 1
    return "100" if share == 1 else f"{tenths // 10}.{tenths % 10}"


def percent(share: Fraction | None) -> str:
    """The same with its sign."""
    return f"{floored(share)} %" if share is not None else ""


def total(parts: list[Figures]) -> Figures:
    """All of them together. A median of medians would be nobody's time, so there is none."""
    return Figures(sum(p.kept for p in parts), sum(p.broken for p in parts), sum(p.excused for p in parts))
