"""`answerable mail-cases CASES.jsonl`: see answerable.ops.mailcases."""

import argparse
import contextlib
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from answerable.lib.errors import Refused
from answerable.ops import scratch
from answerable.ops.command import Command as Base
from answerable.ops.mailcases import inside
from answerable.policy.read import SHIPPED


class Command(Base):
    help = "Run messages through the mail room in a database that is dropped afterwards: one JSON line a case."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cases", type=Path, metavar="CASES.jsonl", help="a world (optional, first), then the cases")
        parser.add_argument("--out", type=Path, metavar="RESULTS.jsonl", help="instead of standard output")
        parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)

    def handle(self, *_args: object, cases: Path, out: Path | None, inside: Path | None, **_options: Any) -> None:
        if inside is not None:
            _inside(cases, inside)
            return
        if not cases.is_file():
            raise Refused("no_file", f"cannot read {cases}")
        with tempfile.TemporaryDirectory(prefix="answerable-mail-cases-") as folder:
            results = out or Path(folder) / "results.jsonl"
            _outside(cases.resolve(), results.resolve(), Path(folder))
            if out is None:
                sys.stdout.write(results.read_text(encoding="utf-8"))


def _inside(cases: Path, results: Path) -> None:
    with results.open("w", encoding="utf-8") as written:
        inside.run(cases, written)


def _outside(cases: Path, results: Path, folder: Path) -> None:
    policy = folder / "support.toml"
    policy.write_text(SHIPPED.read_text().replace('cc_outside = "ask"', 'cc_outside = "allow"'))
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(scratch.database(settings.DATABASES["default"], inside.DATABASE))
        env = scratch.environment(url, ANSWERABLE_DATA=str(folder / "data"), ANSWERABLE_POLICY=str(policy))
        if code := scratch.run("mail-cases", ["mail-cases", str(cases), "--inside", str(results)], env):
            raise Refused("cases_failed", f"the cases did not come to their end (exit {code}); what was said is above")
