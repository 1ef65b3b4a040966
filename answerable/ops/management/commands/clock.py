"""`answerable clock FILE|-`: see answerable.sla.door."""

import contextlib
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base
from answerable.sla import door


class Command(Base):
    help = "Compute promises: one case as JSON on each line in, one answer as JSON on each line out."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the cases; - for standard input")

    def handle(self, *_args: object, file: str, **_options: Any) -> None:
        with contextlib.ExitStack() as stack:
            try:
                lines = sys.stdin.buffer if file == "-" else stack.enter_context(Path(file).open("rb"))
            except OSError as error:
                raise Refused("no_file", f"cannot read {file}: {error.strerror}") from None
            for answer in door.run(lines):
                sys.stdout.write(f"{answer}\n")
