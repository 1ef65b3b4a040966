"""`answerable uptime FILE|-`: see answerable.status.door."""

from collections.abc import Iterable, Iterator

from answerable.ops.lines import LineCommand
from answerable.status import door


class Command(LineCommand):
    help = "Compute uptime and credits: one case as JSON on each line in, one answer as JSON on each line out."

    def run(self, lines: Iterable[bytes]) -> Iterator[str]:
        """Answered by the ledger's own functions."""
        return door.run(lines)
