"""The tables, made by the migrations once in a run: every database of the run begins as a copy of these.

A process of its own makes them (`python -m tests.tables`), beside the collecting of the tests.
"""

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import django
from django.core.management import call_command
from django.db import connection

from answerable.ops.binaries import programs, surroundings
from answerable.ops.postgres import Cluster

NAME = "tables"
ROOT = Path(__file__).parent.parent
# The servers of a test run are thrown away: durability is tested where it matters, by killing real ones.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def begin() -> "subprocess.Popen[bytes]":
    """Have them made."""
    return subprocess.Popen([sys.executable, "-m", "tests.tables"], cwd=ROOT)


def template() -> str:
    """The name of the database that has them. Nobody may be connected to it while it is copied."""
    _await()
    return NAME


def lay(cluster: Cluster) -> None:
    """Put them into another server's empty database: what the first start of an installation begins with."""
    _await()
    _call("psql", "-q", "-o", os.devnull, "-v", "ON_ERROR_STOP=1", "-d", cluster.dsn(), "-f", str(_written()))


def _await() -> None:
    """Until whoever makes them has; if nobody does, or it went wrong, another process is begun for it."""
    with _turn():
        made = _written().exists()
    assert made or begin().wait() == 0, "the tables could not be made"


def _written() -> Path:
    """All of them as SQL. The file gets its name last."""
    return Path(os.environ["ANSWERABLE_DATA"]).with_name("tables.sql")


@contextlib.contextmanager
def _turn() -> Iterator[None]:
    with _written().with_name("tables.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def make() -> None:
    """Unless somebody has."""
    written = _written()
    with _turn():
        if written.exists():
            return
        cluster = Cluster.of(Path(os.environ["ANSWERABLE_DATA"]))
        cluster.ensure_database(NAME)
        connection.settings_dict["NAME"] = NAME
        call_command("migrate", interactive=False, verbosity=0)
        connection.close()
        draft = written.with_name("tables.draft")
        _call("pg_dump", "-d", cluster.dsn(NAME), "-f", str(draft))
        draft.rename(written)


def _call(program: str, *words: str) -> None:
    subprocess.run([programs() / program, *words], env=surroundings(), check=True)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "answerable.config.settings")
    django.setup()
    make()
