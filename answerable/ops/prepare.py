"""Bring an instance up to date before it serves: tables, cache table, static files, policy. Does only what is due."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from answerable.audit.actions import system
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.version import version
from answerable.policy import actions as policy

# Any number that nothing else in this database uses: "prepare" in ASCII.
_LOCK = 0x70_7265_7061_7265


def prepare() -> None:
    """All of it. Several machines on one database take turns."""
    with _alone():
        _tables()
        apply_policy()
    make_folders()
    collect_static()


def tables() -> None:
    """The tables alone, for a command that meets an empty database."""
    with _alone():
        _tables()


def _tables() -> None:
    if pending_migrations():
        call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def pending_migrations() -> list[str]:
    """Names of migrations that this database lacks, in the order to apply them."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _backwards in plan]


def apply_policy() -> None:
    """Put support.toml in force, or the one we ship."""
    try:
        policy.start(clock.now(), system("start"))
    except policy.BadPolicy as bad:
        raise Refused("bad_policy", str(bad)) from None


def make_folders() -> None:
    """What customers write is nobody else's to read, whatever the umask."""
    for folder in (settings.FILES, settings.OUTBOX):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)


def collect_static() -> None:
    """Only if a source has changed since the last time: hashing and compressing them all takes seconds."""
    stamp = settings.DATA / "static.stamp"
    now = _static_sources()
    if settings.STATIC_ROOT.is_dir() and stamp.exists() and stamp.read_text() == now:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(now)


def _static_sources() -> str:
    sources = [
        (path, file.stat().st_size, file.stat().st_mtime_ns)
        for finder in get_finders()
        for path, storage in finder.list([])
        if (file := Path(storage.path(path)))
    ]
    return hashlib.sha256(json.dumps([version(), settings.STORAGES, sorted(sources)], default=str).encode()).hexdigest()
