"""`answerable doctor`: see answerable.ops.doctor."""

import sys
from typing import Any

from answerable.ops.command import Command as Base
from answerable.ops.doctor import examine


class Command(Base):
    help = "Say in plain words what is wrong, and what to do. Exit code 1 if anything is wrong."

    def handle(self, *_args: object, **_options: Any) -> None:
        wrong = False
        for finding in examine():
            wrong |= finding.level == "wrong"
            self.stdout.write(
                f"{finding.level.upper() if finding.level == 'wrong' else finding.level:<6} {finding.text}"
            )
        sys.exit(int(wrong))
