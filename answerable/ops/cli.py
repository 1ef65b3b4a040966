"""The `answerable` command: a table of words. Most are management commands, so Django is set up before rooms load."""

import argparse
import contextlib
import gc
import logging
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass

import django
from django.conf import settings
from django.core.management import load_command_class
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection

from answerable.lib.errors import BadSetting, Refused
from answerable.lib.version import version
from answerable.ops import gate, postgres, up


@dataclass(frozen=True)
class Word:
    """One command. `run` takes the rest of the line; without it, the management command of the same name runs.

    `database`: it needs the database, so the embedded one is started for it if it isn't running already.
    `module`: of that command, where its name is not this word.
    `waits`: not before the instance is up to date, if it is just being brought there.
    """

    help: str
    database: bool = False
    waits: bool = True
    module: str = ""
    run: Callable[[list[str]], int] | None = None


WORDS = {
    "up": Word("start everything and keep it running; Ctrl-C ends it", run=up.main),
    "web": Word("serve the pages", database=True),
    "intake": Word("take mail by SMTP", database=True),
    "worker": Word("do the background jobs", database=True),
    "prepare": Word(
        "bring database, static files and policy up to date (`up` does it too)", database=True, waits=False
    ),
    "apply": Word("put support.toml in force and say what that changes"),
    "simulate": Word("replay past tickets against a changed support.toml, and touch nothing", database=True),
    "doctor": Word("say in plain words what is wrong, and what to do"),
    "drill": Word("have a test P0 by each way in page whoever is on call, and measure it", database=True),
    "add-person": Word("make an account, such as the first administrator's", database=True),
    "import": Word("import organizations and people from CSV files", database=True, module="import_csv"),
    "import-mail": Word("take old mail in as history, from an mbox, a Maildir or .eml files", database=True),
    "load-demo": Word("load a vendor with forty requests into an empty database", database=True),
    "bench": Word("measure speed and memory with many tickets, in a database of its own", database=True),
    "explain": Word("say why each promise of a ticket is due when it is", database=True),
    "holidays": Word("list public holidays, ready to paste into support.toml"),
    "inbound": Word("take one message from standard input, as a mail server pipes it", database=True),
    "mail-check": Word("look whether each message that ever came ended in exactly one outcome", database=True),
    "mail-cases": Word("run messages from a file through the mail room, in a database of its own", database=True),
    "clock": Word("compute promises from JSON lines (FILE, or - for standard input)"),
    "oncall": Word("say who is on call from JSON lines (FILE, or - for standard input)"),
    "uptime": Word("compute uptime and credits from JSON lines (FILE, or - for standard input)"),
}


# "Try again later", as mail servers understand it (sysexits.h, EX_TEMPFAIL).
TRY_AGAIN = 75


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 done, 1 refused or failed, 2 a wrong word or setting (a step of `up`: its own).

    `inbound` knows 0 and 75 alone, whatever happens: a mail server that pipes to it must never give a message up.
    """
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] != ["inbound"]:
        return _main(words)
    try:
        code = _main(words)
    except SystemExit as end:
        code = 0 if end.code is None else 1 if isinstance(end.code, str) else end.code
    except Exception:
        logging.getLogger(__name__).exception("the message was not kept, and is asked for again")
        code = 1
    return TRY_AGAIN if code else 0


def _main(arguments: list[str]) -> int:
    given = _parser().parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.config.settings")
    try:
        return _run(given.command, given.rest)
    except BadSetting as wrong:
        sys.stderr.write(f"answerable: {wrong.name}: {wrong.mend}\n")
        return 2
    except Refused as refused:
        sys.stderr.write(f"answerable: {refused.message}\n")
        code = refused.data.get("exit")
        return code if isinstance(code, int) else 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    width = max(map(len, WORDS)) + 2
    listing = "\n".join(f"  {name:<{width}}{word.help}" for name, word in WORDS.items())
    parser = argparse.ArgumentParser(
        prog="answerable",
        description="A help desk run from your support policy.",
        epilog=f"commands:\n{listing}\n\n`answerable COMMAND --help` says more.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=version())
    parser.add_argument("command", choices=WORDS, metavar="COMMAND")
    parser.add_argument("rest", nargs=argparse.REMAINDER, metavar="...", help=argparse.SUPPRESS)
    return parser


def _run(name: str, rest: list[str]) -> int:
    word = WORDS[name]
    with contextlib.ExitStack() as stack:
        if settings.EMBEDDED:  # reads the settings, so whatever is wrong with them is said here
            postgres.ignore_environment()
            if word.database:
                stack.enter_context(postgres.running(settings.DATA))
        if word.run:
            return word.run(rest)
        command = _load(word.module or name)
        if word.database:
            _require_database()
            if word.waits:
                gate.wait(settings.DATA)
        command.run_from_argv(["answerable", name, *rest])
    return 0


def _load(name: str) -> BaseCommand:
    """Django, our rooms and the command. What is loaded stays, so looking for garbage among it is time lost."""
    gc.disable()
    django.setup()
    command = load_command_class("answerable.ops", name.replace("-", "_"))
    gc.freeze()
    gc.enable()
    return command


def _require_database() -> None:
    try:
        connection.ensure_connection()
    except OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise Refused(
            "no_database", f"cannot reach the database ({reason}): check DATABASE_URL and that server"
        ) from None
