"""`answerable import [ORGANIZATIONS] [--people PEOPLE] [--dry-run]`: organizations and people, all or nothing."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from answerable.audit.actions import system
from answerable.casework.imports import Files, import_files, look
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.command import Command as Base
from answerable.people.import_actions import Writer
from answerable.people.import_terms import SAME, Plan, totals


class Command(Base):
    help = "Import organizations and people from CSV files, all of it or nothing, and say what each row does."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The files."""
        parser.add_argument(
            "organizations", nargs="?", metavar="ORGANIZATIONS", help="columns: name, domains (with ;), plan, csm, zone"
        )
        parser.add_argument("--people", metavar="PEOPLE", help="columns: email, name, organization, zone, locale")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be done; change nothing")

    def handle(
        self, *_args: object, organizations: str | None, people: str | None, dry_run: bool, **_options: Any
    ) -> None:
        """Do it, or say what is wrong and do nothing."""
        if organizations is None and people is None:
            raise Refused("no_file", "Name a file of organizations, or one of people with --people, or both.", exit=2)
        files = Files(_bytes(organizations), _bytes(people))
        looked, names = look(files), {"organizations": organizations, "people": people}
        plan = looked.plan
        for name, encoding in looked.guessed:
            sys.stderr.write(f"{names[name]}: not in UTF-8, so it is read as {encoding}: look at names with accents.\n")
        if plan.problems:
            sys.stderr.write(f"{_said(plan, names)}\n")
            sys.exit(1)
        if dry_run or not plan.does_something:
            _tell(plan, "Nothing was changed.")
            return
        done = import_files(files, Writer(system("answerable import"), None, clock.now()))
        _tell(done, "Imported.")


def _bytes(name: str | None) -> bytes | None:
    if name is None:
        return None
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise Refused("no_file", f"cannot read {name}: {error.strerror}") from None


def _said(plan: Plan, names: dict[str, str | None]) -> str:
    lines = []
    for file, problem in plan.problems:
        where = ":".join(filter(None, (names[file] or file, str(problem.row or ""), problem.column)))
        lines.append(f"{where}: expected {problem.expected}, got {problem.got}")
    return "\n".join([*lines, "Nothing was changed."])


def _tell(plan: Plan, end: str) -> None:
    for name, steps in (("organizations", plan.organizations), ("people", plan.people)):
        for step in steps:
            if step.outcome != SAME:
                changes = "; ".join(f"{one.column}: {one.before or '-'} -> {one.after}" for one in step.changes)
                sys.stdout.write(f"{name} row {step.row}: {step.outcome} {step.label} ({changes})\n")
        if steps:
            counts = totals(steps)
            sys.stdout.write(f"{name}: {', '.join(f'{count} {word}' for word, count in counts.items())}\n")
    sys.stdout.write(f"{end}\n")
