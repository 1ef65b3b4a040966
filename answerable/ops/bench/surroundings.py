"""What a bench run needs around it: a database and a data folder of its own, free ports, and the end of all that.

Everything is measured in a second process (`inside`), whose settings name these and nothing of the real instance.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from django.conf import settings
from psycopg import sql
from psycopg.conninfo import make_conninfo

from answerable.lib.errors import Refused
from answerable.ops.processes import Program, start, sweep
from answerable.policy.read import SHIPPED

DATABASE = "answerable_bench"


def run(options: Sequence[str]) -> str:
    """Measure with these options, and return the report as it was written. Leaves nothing behind, also on Ctrl-C."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="answerable-bench-")))
        url = stack.enter_context(_database(settings.DATABASES["default"]))
        report = folder / "report.json"
        program = Program(
            name="bench",
            command=(sys.executable, "-m", "answerable", "bench", *options, "--inside", str(report)),
            env=_environment(folder, url),
            ends_by=signal.SIGINT,
            patience=30.0,
        )
        if code := _live(program):
            raise Refused("bench_failed", f"the bench did not come to its end (exit {code}); what it said is above")
        return report.read_text()


def _live(program: Program) -> int:
    process = start(program, sys.stderr.buffer)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.send_signal(program.ends_by)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(program.patience)
            sweep(process.pid)


@contextlib.contextmanager
def _database(configured: Mapping[str, Any]) -> Iterator[str]:
    """An empty database on the configured server, by its URL."""
    if configured["NAME"] == DATABASE:
        raise Refused("bench_database", f"DATABASE_URL names {DATABASE}, which the bench drops: name the real one")
    parts = {"user": configured["USER"], "password": configured.get("PASSWORD", ""), "host": configured["HOST"]}
    parts |= {"port": configured["PORT"], **configured.get("OPTIONS", {})}
    parts = {name: value for name, value in parts.items() if value}
    name = sql.Identifier(DATABASE)
    with psycopg.connect(make_conninfo(dbname=configured["NAME"], **parts), autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
        except psycopg.errors.ObjectInUse:
            raise Refused("bench_runs", f"another bench is using the database {DATABASE}") from None
        connection.execute(sql.SQL("CREATE DATABASE {}").format(name))
        try:
            user = quote(str(parts.pop("user", "")), safe="")
            yield f"postgresql://{user}@/{DATABASE}?{urlencode(parts)}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _environment(folder: Path, url: str) -> dict[str, str]:
    """The settings of the instance that is measured: mail goes to its outbox folder, forms are not counted."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "EMAIL_URL", "SECRET_KEY"))}
    policy = SHIPPED.read_text()
    for limit in ("per_address = 5 ", "per_network = 20 "):
        policy = policy.replace(limit, f"{limit.partition('=')[0]}= 100000 ")
    (folder / "support.toml").write_text(policy)
    return ours | {
        "DATABASE_URL": url,
        "ANSWERABLE_BENCH": "1",
        "ANSWERABLE_DATA": str(folder / "data"),
        "ANSWERABLE_POLICY": str(folder / "support.toml"),
        "ANSWERABLE_HOST": "127.0.0.1",
        "ANSWERABLE_SMTP_HOST": "127.0.0.1",
        "ANSWERABLE_PORT": str(_free_port()),
        "ANSWERABLE_SMTP_PORT": str(_free_port()),
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
