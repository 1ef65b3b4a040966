"""`answerable bench`: see answerable.ops.bench."""

import argparse
import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from answerable.ops.bench import surroundings
from answerable.ops.bench.inside import BOTH, PARTS, measure
from answerable.ops.bench.report import table
from answerable.ops.command import Command as Base


class Command(Base):
    help = "Measure speed and memory with many tickets, in a database of its own that is dropped afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tickets", type=int, default=100_000, metavar="N", help="how many (100000)")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
        parser.add_argument(
            "--only",
            choices=PARTS,
            help=(
                "this part alone; promises: all tickets open; live: 200 listeners; paging: 1000 alerts; "
                "knowledge: 20,000 articles"
            ),
        )
        parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)

    def handle(self, *_args: object, **options: Any) -> None:
        # Also when it is killed kindly, or was started with Ctrl-C switched off: what was started is ended.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        if options["inside"]:
            parts = (options["only"],) if options["only"] else BOTH
            measure(options["tickets"], parts, options["inside"])
            return
        given = ["--tickets", str(options["tickets"]), *(["--only", options["only"]] if options["only"] else [])]
        report = surroundings.run(given)
        sys.stdout.write(f"{report}\n" if options["json"] else table(json.loads(report)))
