"""`answerable prepare`: see answerable.ops.prepare. What it writes to standard output, `up` shows at its end."""

import sys
from typing import Any

from django.core.management.base import CommandParser

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base
from answerable.ops.demo.load import load, log_ins
from answerable.ops.prepare import prepare
from answerable.people.queries import demo_accounts

TRY_FIRST = """
Try first
  As the agent, answer the request at the top of the queue: its promise is the next one due.
  As the customer, look at the same request under My activities, in another browser.
  Send a mail to the address above, and watch it arrive in the queue."""


class Command(Base):
    help = "Bring database, static files and policy up to date."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--demo", action="store_true", help="load the demo, if the database is empty")

    def handle(self, *_args: object, demo: bool, **_options: Any) -> None:
        prepare()
        if not demo:
            return
        try:
            load(clock.now())
        except Refused as refused:
            if refused.code != "not_empty":
                raise
        if demo_accounts():
            sys.stdout.write("\n".join([*log_ins(), TRY_FIRST, ""]))
