"""`answerable oncall FILE|-`: see answerable.escalation.door."""

from collections.abc import Iterable, Iterator

from answerable.escalation import door
from answerable.ops.lines import LineCommand


class Command(LineCommand):
    help = "Say who is on call: one case as JSON on each line in, one answer as JSON on each line out."

    def run(self, lines: Iterable[bytes]) -> Iterator[str]:
        """Answered by the schedules' own functions."""
        return door.run(lines)
