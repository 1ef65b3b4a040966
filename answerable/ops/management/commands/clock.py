"""`answerable clock FILE|-`: see answerable.sla.door."""

from collections.abc import Iterable, Iterator

from answerable.ops.lines import LineCommand
from answerable.sla import door


class Command(LineCommand):
    help = "Compute promises: one case as JSON on each line in, one answer as JSON on each line out."

    def run(self, lines: Iterable[bytes]) -> Iterator[str]:
        """Answered by the engine's own functions."""
        return door.run(lines)
