"""`answerable apply [FILE] [--check]`: put a support policy in force, as a whole or not at all."""

import contextlib
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from django.db import connection

from answerable.audit.actions import system
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops import on_call_check, postgres, prepare
from answerable.ops.command import Command as Base
from answerable.policy import actions, queries


class Command(Base):
    help = "Put the support policy in FILE in force, and say what that changes."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file",
            nargs="?",
            metavar="FILE",
            help="the policy; else $ANSWERABLE_POLICY, support.toml here or in the data folder, or the one we ship",
        )
        parser.add_argument("--check", action="store_true", help="only say whether the file is right; change nothing")
        parser.add_argument(
            "--open-tickets",
            action="store_true",
            help="put the terms on open tickets too, in the background; else they keep what they were promised",
        )

    def handle(self, *_args: object, file: str | None, check: bool, open_tickets: bool, **_options: Any) -> None:
        found = actions.find(file)
        try:
            policy = actions.check(found.path)
        except actions.BadPolicy as bad:
            sys.stderr.write(f"{bad}\n")
            sys.exit(1)
        if check:
            sys.stdout.write(f"{found.path} is right.\n")
            return
        # Started for this command if need be. `--check` works without, so the table of words does not ask for it.
        with postgres.running(settings.DATA) if settings.EMBEDDED else contextlib.nullcontext():
            if found.shipped:
                _is_the_example(found)
            _apply(policy, open_tickets=open_tickets)


def _is_the_example(found: actions.Found) -> None:
    """Somebody's own policy is never replaced by the example because a command ran in the wrong folder."""
    applied = queries.last() if _has_tables() else None
    if applied and applied.text != found.path.read_text():
        raise Refused(
            "no_file",
            f"Policy {applied.version}, which is in force, is your own and stays. To change it, name the file.",
        )
    sys.stdout.write(
        "There is no support.toml here, so this is the policy that ships with Answerable. To make it yours:\n"
        f"  cp {found.path} support.toml\n"
    )


def _apply(policy: queries.Policy, *, open_tickets: bool) -> None:
    if not _has_tables():
        prepare.tables()
    try:
        changes = actions.apply(policy, clock.now(), system("answerable apply"), open_tickets=open_tickets)
    except actions.BadPolicy as bad:
        sys.stderr.write(f"{bad}\n")
        sys.exit(1)
    applied = queries.last()
    sys.stdout.writelines(f"{change}\n" for change in changes)
    sys.stdout.write(f"Policy {applied.version} is in force.\n" if applied and changes else "Nothing to change.\n")
    for finding in on_call_check.examine(clock.now()):
        if finding.level == "wrong":
            sys.stdout.write(f"warning: {finding.text}\n")
    if open_tickets:
        sys.stdout.write("Open tickets get these terms in the background: see Policy at the desk.\n")


def _has_tables() -> bool:
    return "policy_applied" in connection.introspection.table_names()
