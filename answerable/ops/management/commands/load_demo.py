"""`answerable load-demo`: see answerable.ops.demo.load."""

import sys
from typing import Any

from answerable.lib import clock
from answerable.ops.command import Command as Base
from answerable.ops.demo.load import load, log_ins


class Command(Base):
    help = "Load a vendor with three organizations and forty requests into an empty database. Sends no mail."

    def handle(self, *_args: object, **_options: Any) -> None:
        count = load(clock.now())
        sys.stdout.write("\n".join([f"{count} requests loaded.", "", *log_ins()]) + "\n")
