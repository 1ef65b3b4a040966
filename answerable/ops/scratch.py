"""A database and a data folder that live as long as one command, so that it never touches the instance's own."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from answerable.lib.errors import Refused
from answerable.ops.processes import Program, start, sweep

_OURS = ("PG", "EMAIL_URL", "SECRET_KEY", "DKIM_")


@contextlib.contextmanager
def database(configured: Mapping[str, Any], name: str) -> Iterator[str]:
    """An empty database of this name on the configured server, by its URL; dropped at the end."""
    if configured["NAME"] == name:
        raise Refused("scratch_database", f"DATABASE_URL names {name}, which is dropped afterwards: name the real one")
    parts = {"user": configured["USER"], "password": configured.get("PASSWORD", ""), "host": configured["HOST"]}
    parts |= {"port": configured["PORT"], **configured.get("OPTIONS", {})}
    parts = {key: value for key, value in parts.items() if value}
    ident = sql.Identifier(name)
    with psycopg.connect(make_conninfo(dbname=configured["NAME"], **parts), autocommit=True) as connection:
        try:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(ident))
        except psycopg.errors.ObjectInUse:
            raise Refused("scratch_in_use", f"another command is using the database {name}") from None
        connection.execute(sql.SQL("CREATE DATABASE {}").format(ident))
        try:
            user = quote(str(parts.pop("user", "")), safe="")
            yield f"postgresql://{user}@/{name}?{urlencode(parts)}"
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(ident))


def environment(url: str, **ours: str) -> dict[str, str]:
    """The environment of a process that works on the scratch database, with these settings and none of the instance's
    secrets."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
    return kept | {"DATABASE_URL": url} | ours


def run(name: str, words: list[str], env: Mapping[str, str]) -> int:
    """`answerable WORDS` in that environment, and nothing of it left behind, also on Ctrl-C; its exit code."""
    program = Program(
        name=name,
        command=(sys.executable, "-m", "answerable", *words),
        env=dict(env),
        ends_by=signal.SIGINT,
        patience=30.0,
    )
    process = start(program, sys.stderr.buffer)
    try:
        return process.wait()
    finally:
        if process.poll() is None:
            process.send_signal(program.ends_by)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(program.patience)
            sweep(process.pid)
