"""What differs between two states of a thing that are told part by part: (part, old, new) for each. Pure."""

from collections.abc import Mapping
from typing import NamedTuple


class Difference(NamedTuple):
    """`old` "": the part is new; `new` "": it is gone."""

    part: str
    old: str
    new: str

    def __str__(self) -> str:
        if self.old and self.new:
            return f"{self.part}: {self.old} → {self.new}"
        return f"{'+' if self.new else '−'} {self.part}: {self.new or self.old}"


Parts = Mapping[str, str]


def differences(old: Parts, new: Parts) -> list[Difference]:
    """In the new one's order, what is gone last."""
    order = [*new, *(part for part in old if part not in new)]
    found = (Difference(part, old.get(part, ""), new.get(part, "")) for part in order)
    return [one for one in found if one.old != one.new]
