"""`answerable import-articles PATH`: a folder of Markdown, or an export of Zendesk Guide, into the help center."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from answerable.knowledge.bring import folder, zendesk
from answerable.knowledge.bring.taking import take
from answerable.knowledge.bring.terms import CHANGED, NEW, SAME, Done, Source
from answerable.knowledge.models import Audience
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base
from answerable.people.models import Person, Role

_EVERY_SECONDS = 2.0


class Command(Base):
    help = (
        "Bring articles in from a folder of Markdown or an export of Zendesk Guide. Doing it again brings what changed "
        "there since, never writes over what was written here, and lets nobody read more than before."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What to read."""
        parser.add_argument("path", type=Path, metavar="PATH", help="a folder of .md, or of .json, or one .json file")
        parser.add_argument("--as", dest="by", metavar="EMAIL", help="the administrator who does it (the first one)")
        parser.add_argument(
            "--audience",
            choices=[Audience.PUBLIC.value, Audience.CUSTOMERS.value, Audience.STAFF.value],
            default=Audience.STAFF.value,
            help="who reads Markdown that names no audience (staff)",
        )
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done; change nothing")

    def handle(self, *_args: object, path: Path, by: str | None, audience: str, dry_run: bool, **_options: Any) -> None:
        """Read it all, then take one article after the other."""
        person = _administrator(by)
        source = _read(path, audience)
        sys.stderr.write(f"{len(source.pieces):,} articles in {len(source.shelves):,} sections in {path}\n")
        for left in source.left:
            _say(f"{left.where} {left.why}")
        counts: Counter[str] = Counter()
        for done in _told(take(person, source, clock.now(), keep=not dry_run), len(source.pieces)):
            counts[done.outcome] += 1
            if done.outcome != SAME:
                _say(f"{done.outcome}: {done.name}")
            for left in done.left:
                _say(f"{left.where} {left.why}")
        _say(", ".join(f"{counts[word]:,} {word}" for word in (NEW, CHANGED, SAME)))
        _say("Nothing was changed." if dry_run else "Done.")


def _administrator(email: str | None) -> Person:
    found = Person.objects.filter(role=Role.ADMIN, is_active=True).order_by("pk")
    person = found.filter(email=email.strip().lower()).first() if email else found.first()
    if person is None:
        none = "there is no administrator yet: `answerable add-person` makes one"
        raise Refused("no_administrator", f"{email} is no administrator" if email else none)
    return person


def _read(path: Path, audience: str) -> Source:
    if not path.exists():
        raise Refused("no_folder", f"there is no {path}")
    if path.is_dir() and any(path.rglob("*.md")):
        return folder.read(path, audience)
    return zendesk.read(path)


def _told(all_done: Iterable[Done], total: int) -> Iterator[Done]:
    """Each of them, and how far it is now and then."""
    said = clock.exact().timestamp()
    for number, done in enumerate(all_done, 1):
        yield done
        moment = clock.exact().timestamp()
        if moment - said >= _EVERY_SECONDS:
            said = moment
            sys.stderr.write(f"{number:,} of {total:,} ({100 * number // total} %)\n")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
