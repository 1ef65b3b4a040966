"""A command that answers JSON lines from a file or standard input, one line each (sla contract §9)."""

import contextlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from answerable.lib.errors import Refused
from answerable.ops.command import Command


class LineCommand(Command):
    """`run` answers the lines."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the cases; - for standard input")

    def run(self, lines: Iterable[bytes]) -> Iterator[str]:
        """One answer a line."""
        raise NotImplementedError

    def handle(self, *_args: object, file: str, **_options: Any) -> None:
        with contextlib.ExitStack() as stack:
            try:
                lines = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
            except OSError as error:
                raise Refused("no_file", f"cannot read {file}: {error.strerror}") from None
            for answer in self.run(lines):
                sys.stdout.write(f"{answer}\n")
