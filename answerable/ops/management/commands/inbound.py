"""`answerable inbound`: a message on standard input, as a mail server pipes it (mail contract E-1)."""

import json
import sys
from typing import Any

from django.core.management.base import CommandParser
from django.db import InterfaceError, OperationalError

from answerable.casework.inbound import Envelope, keep, result_of
from answerable.casework.reception import receive
from answerable.lib import clock
from answerable.ops.command import Command as Base


class Command(Base):
    help = 'Take one message from standard input; exit 0 once it is kept, 75 for "try again later".'

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--inbox", required=True, metavar="ADDRESS", help="the inbox that it came to")
        parser.add_argument("--envelope-from", metavar="ADDRESS", help="as SMTP gave it; empty: the null path")
        parser.add_argument("--envelope-to", metavar="ADDRESS", action="append", default=[])
        parser.add_argument("--json", action="store_true", help="say in one JSON line what became of it")

    def handle(self, *_args: object, inbox: str, envelope_from: str | None, **options: Any) -> None:
        envelope = Envelope(envelope_from, tuple(options["envelope_to"]))
        now = clock.now()
        raw_id = keep(sys.stdin.buffer.read(), inbox.lower(), envelope, now)
        try:
            receive(raw_id, now)
        except (OperationalError, InterfaceError, OSError):
            return  # it is kept: whoever looks for lost mail takes it up
        if options["json"]:
            sys.stdout.write(f"{json.dumps(result_of(raw_id).as_json())}\n")
