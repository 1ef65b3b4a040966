"""`answerable import-mail PATH`: old mail as history (mail contract E-84). It goes on where it was stopped."""

import sys
from argparse import ArgumentParser
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from answerable.casework.mail_import import Import, Tally
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.mail import archive
from answerable.mail.queries import addresses
from answerable.ops.command import Command as Base

_EVERY_SECONDS = 2.0


class Command(Base):
    help = (
        "Bring in old mail from an mbox, a Maildir or a folder of .eml: solved requests that answer, page and promise "
        "nothing. Doing it again adds nothing; what was stopped goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to read."""
        parser.add_argument("path", type=Path, metavar="PATH", help="an mbox, a Maildir, or a folder of .eml or .mbox")
        parser.add_argument("--inbox", metavar="ADDRESS", help="whose mail it is, where a message names no inbox")
        parser.add_argument("--since", type=_day, metavar="DATE", help="leave out what was written before, 2024-01-31")
        parser.add_argument("--dry-run", action="store_true", help="only say what there is; change nothing")

    def handle(
        self, *_args: object, path: Path, inbox: str | None, since: datetime | None, dry_run: bool, **_options: Any
    ) -> None:
        """Look through it, then take it oldest first."""
        found = archive.find(path)
        for folder in found.skipped:
            sys.stderr.write(f"left out: {folder} (name it to bring it in)\n")
        sys.stderr.write(f"looking through {path}\n")
        run = Import(found, _inbox(inbox), since, clock.now())
        sys.stderr.write(f"{len(run):,} messages{f' since {since:%Y-%m-%d}' if since else ''} in {path}\n")
        tally = Tally()
        try:
            for tally in run.look() if dry_run else run.take():
                _tell(tally, len(run), last=False)
        except KeyboardInterrupt:
            sys.stderr.write("stopped; the same command goes on from here\n")
            raise
        _tell(tally, len(run), last=True)
        sys.stdout.write(f"{tally}\n")
        if dry_run:
            sys.stdout.write("Nothing was changed.\n")


def _day(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), datetime.min.time(), UTC)


def _inbox(address: str | None) -> str:
    known = addresses().inboxes
    if not known:
        raise Refused("no_inbox", "there is no inbox yet: apply a policy with one first")
    box = addresses().inbox(address) if address else known[0]
    if box is None:
        names = ", ".join(one.address for one in known)
        raise Refused("no_inbox", f"{address} is no inbox of the policy; there are {names}")
    return box.address


_told: list[float] = []


def _tell(tally: Tally, total: int, *, last: bool) -> None:
    """How far it is, now and then."""
    moment = clock.exact().timestamp()
    if not last and _told and moment - _told[-1] < _EVERY_SECONDS:
        return
    _told[:] = [moment]
    sys.stderr.write(
        f"{tally.count:,} of {total:,} ({100 * tally.count // max(total, 1)} %), {tally.rate:.0f} a second\n"
    )
