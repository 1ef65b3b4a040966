"""`answerable simulate [FILE] --since 90d`: what would have become of past tickets under another policy."""

import json
import re
import sys
from argparse import ArgumentTypeError
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.core.management.base import CommandParser

from answerable.lib import clock
from answerable.ops.command import Command as Base
from answerable.policy import actions
from answerable.reports.replay import Comparison, everybodys, simulate
from answerable.reports.told import as_json, as_text

# So many are done before anybody wonders.
QUIET = 2000

_AGO = re.compile(r"([1-9][0-9]{0,3}) ?([dw])")


def since(text: str) -> datetime | timedelta:
    """ "90d", "12w", or a date (UTC)."""
    ago = _AGO.fullmatch(text)
    if ago:
        return timedelta(days=int(ago[1]) * (7 if ago[2] == "w" else 1))
    try:
        return datetime.combine(date.fromisoformat(text), time(), UTC)
    except ValueError:
        raise ArgumentTypeError(f'expected "90d", "12w" or a date such as 2026-01-31, got "{text}"') from None


class Command(Base):
    help = "Replay the tickets opened since then against the policy in FILE, and say what would differ. Writes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="the policy; else as `answerable apply` finds it")
        parser.add_argument(
            "--since", type=since, default=timedelta(days=90), metavar="90d", help="days, weeks (12w) or a date (90d)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")

    def handle(self, *_args: object, file: str | None, **options: Any) -> None:
        found = actions.find(file)
        try:
            policy = actions.check(found.path)
        except actions.BadPolicy as bad:
            sys.stderr.write(f"{bad}\n")
            sys.exit(1)
        now, begin = clock.now(), options["since"]
        comparison = simulate(
            policy, everybodys(), now - begin if isinstance(begin, timedelta) else begin, now, tell=_progress
        )
        sys.stdout.write(_told(comparison, as_object=options["json"]))


def _told(comparison: Comparison, *, as_object: bool) -> str:
    return f"{json.dumps(as_json(comparison))}\n" if as_object else as_text(comparison)


def _progress(done: int, of: int) -> None:
    """On a terminal one line that changes, elsewhere now and then a line; nothing if it is done at once."""
    if of < QUIET:
        return
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{done} of {of} tickets" + ("\n" if done == of else ""))
    elif done == of or done % 10_000 == 0:
        sys.stderr.write(f"{done} of {of} tickets\n")
    sys.stderr.flush()
