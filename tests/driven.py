"""An installation without its processes, for tests of several that talk to each other, each in a database of its own.

This is the test's end: it copies the test database and starts `tests.driven_end`, which does what lines of JSON say.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from django.db import connection
from psycopg import sql

ROOT = Path(__file__).parent.parent
BEGIN = "import sys, django; django.setup(); from tests.driven_end import serve; serve(sys.argv[1])"


@dataclass
class Driven:
    """One of them, at `domain`; `environment` is that of its processes."""

    domain: str
    process: subprocess.Popen[str]
    environment: dict[str, str]

    def do(self, what: str, **more: Any) -> Any:
        """The answer to one order."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"do": what, **more}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{self.domain} has ended"
        return json.loads(line)

    def take(self, raw: bytes, path: str) -> str:
        """Hand it a message that comes from `path`; what became of it."""
        return str(self.do("take", raw=base64.b64encode(raw).decode(), path=path))

    def sent(self) -> list[tuple[str, str, bytes]]:
        """What it sends now: envelope sender, recipient, message."""
        return [(path, to, base64.b64decode(raw)) for path, to, raw in self.do("send")]


@contextmanager
def driven(domain: str, folder: Path, **settings: str) -> Iterator[Driven]:
    """Runs until the end of the block. For tests with `transaction=True`: nobody may use a database that is copied."""
    name = f"driven_{domain.split('.', maxsplit=1)[0]}_{os.getpid()}"
    server = connection.settings_dict
    template = server["NAME"]
    connection.close()
    where = {"user": server["USER"], "host": server["HOST"], "port": server["PORT"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as admin:
        ident = sql.Identifier(name)
        # A thread of an earlier test may have left a connection behind.
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [template])
        admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(ident, sql.Identifier(template)))
        url = f"postgresql://{where['user']}@/{name}?host={quote(where['host'], safe='')}&port={where['port']}"
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("ANSWERABLE_", "PG", "COV_", "PYTEST_"))}
        env = clean | {
            "DATABASE_URL": url,
            "ANSWERABLE_DATA": str(folder / domain),
            "SECRET_KEY": f"only-for-tests-of-{domain}-only-for-tests",
            "DJANGO_SETTINGS_MODULE": "answerable.config.settings",
            **settings,
        }
        (folder / domain / "static").mkdir(parents=True)
        command = [sys.executable, "-W", "ignore", "-c", BEGIN, domain]
        process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )
        try:
            yield Driven(domain, process, env)
        finally:
            process.communicate(timeout=20)
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(ident))
