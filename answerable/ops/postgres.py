"""The embedded PostgreSQL, run by us rather than by its wheel, so that the server lives and ends with its owner.

`running(data)` is for every command that needs the database; the supervisor keeps a `Cluster` alive itself.
"""

import contextlib
import fcntl
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from answerable.lib.errors import Refused
from answerable.ops import places
from answerable.ops.binaries import MAJOR, initialise, last_words, private_folder, programs, server_user, surroundings
from answerable.ops.processes import Program, cap
from answerable.ops.processes import start as start_program

log = logging.getLogger(__name__)

DATABASE = "answerable"
_TICK = 0.02
_SAY_EVERY = 5.0
_OTHERS_MAY_TAKE = 60.0


@dataclass(frozen=True)
class Cluster:
    """One PostgreSQL: the folder of the instance, its data directory, its socket's folder, and the file it logs to."""

    data: Path
    folder: Path
    sockets: Path
    log_file: Path

    @classmethod
    def of(cls, data: Path) -> "Cluster":
        return cls(data, places.cluster_folder(data), places.socket_folder(data), data / "log" / "postgres.log")

    def create(self) -> None:
        """Make whatever is missing, and refuse what could not work."""
        link = self.data / "postgres"
        if link.is_symlink() and not link.exists():
            raise Refused(
                "moved",
                f"{link} points to {self.folder}, which is not there: bring it along from the old machine, "
                f"or remove the link to begin with an empty database",
            )
        places.make_data_folder(self.folder.parent)
        if server_user() and (closed := places.closed_at(self.folder.parent)):
            raise Refused(
                "closed_folder",
                f"PostgreSQL cannot run as root, and user nobody may not pass {closed}: "
                f"run chmod o+x {closed}, or set another ANSWERABLE_DATA",
            )
        private_folder(self.sockets)
        self.log_file.parent.mkdir(mode=0o700, exist_ok=True)
        cap(self.log_file)
        if not self.folder.exists():
            initialise(self.folder)
        self._check()
        if link.resolve() != self.folder:
            link.symlink_to(self.folder)

    def _check(self) -> None:
        owner, user = self.folder.stat().st_uid, server_user()
        if owner != (user[0] if user else os.geteuid()):
            raise Refused("not_ours", f"{self.folder} belongs to user id {owner}: start Answerable as when it was made")
        try:
            found = (self.folder / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise Refused("not_ours", f"{self.folder} is no PostgreSQL data folder ({error.strerror})") from None
        if found != str(MAJOR):
            raise Refused("other_version", f"{self.folder} was written by PostgreSQL {found}; this one is {MAJOR}")

    def program(self, **settings: str) -> Program:
        """The server, ready to be started. `settings` add to ours or replace them: fsync="off" for tests."""
        options = _OURS | {"shared_buffers": _shared_buffers()} | settings
        flags = [flag for name, value in options.items() for flag in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(programs() / "postgres"), "-D", str(self.folder), "-k", str(self.sockets), *flags),
            env=surroundings(),
            folder=self.folder,
            user=server_user(),
            ends_by=signal.SIGINT,  # "fast": open transactions are rolled back, all others are kept
            patience=60.0,
            log_file=self.log_file,
        )

    def dsn(self, database: str = DATABASE) -> str:
        return make_conninfo(host=str(self.sockets), port=5432, user="postgres", dbname=database)

    def ready(self) -> bool:
        try:
            psycopg.connect(self.dsn("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def ensure_database(self, name: str = DATABASE) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                return
            with contextlib.suppress(psycopg.errors.DuplicateDatabase, psycopg.errors.UniqueViolation):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))

    def holder(self) -> int | None:
        """The server process at work in this folder now, whoever started it."""
        pid = self._noted_pid()
        try:
            at_work = pid is not None and Path(f"/proc/{pid}/cwd").readlink() == self.folder
        except OSError:
            return None
        return pid if at_work else None

    def clear_stale_pid(self) -> None:
        """In a container the number in a pid file left by a crash soon belongs to another process of the same user.

        PostgreSQL then refuses to start. A number that nobody has it clears itself, and looks further than we could.
        """
        pid = self._noted_pid()
        if pid and Path(f"/proc/{pid}").exists() and not self.holder():
            (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def _noted_pid(self) -> int | None:
        try:
            first = (self.folder / "postmaster.pid").read_text().partition("\n")[0].strip()
        except OSError:
            return None
        return int(first) if first.isdecimal() else None

    def prepare(self) -> None:
        """All that comes before starting it. A server whose owner was killed takes a moment to end: wait for it."""
        self.create()
        until = time.monotonic() + _OTHERS_MAY_TAKE
        if not wait_until(lambda: not self.holder(), lambda: time.monotonic() < until, "an older PostgreSQL to end"):
            raise Refused(
                "in_use", f"PostgreSQL (process {self.holder()}) already runs in {self.folder}: stop it first"
            )
        self.clear_stale_pid()

    def why_it_ended(self) -> str:
        """Its last word in the log, for the one line that a person reads."""
        try:
            lines = self.log_file.read_text(errors="replace").splitlines()[-50:]
        except OSError:
            lines = []
        return f"PostgreSQL did not start: {last_words(lines)} (see {self.log_file})"


# Nothing of what customers write may reach the log: no statements, no details of rows.
_OURS = {
    "listen_addresses": "",
    "port": "5432",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "jit": "off",
    "random_page_cost": "1.1",
    "wal_compression": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "logging_collector": "off",
}


def ignore_environment() -> None:
    """Forget PGHOSTADDR, PGSERVICE and the like: they would lead our own connections to some other server."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]


def _shared_buffers() -> str:
    """An eighth of the memory, between 64 and 512 MB: the web processes live on the same small machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
    return f"{min(max(memory // 8, 64), 512)}MB"


def wait_until(done: Callable[[], bool], alive: Callable[[], bool], what: str) -> bool:
    """True once `done`; False if `alive` ends first. Crash recovery may take minutes: it says so, and waits."""
    begun = said = time.monotonic()
    pause = Event()
    while not done():
        if not alive():
            return False
        if time.monotonic() - said > _SAY_EVERY:
            said = time.monotonic()
            log.warning("still waiting for %s (%d s)", what, said - begun)
        pause.wait(_TICK)
    return True


class Lock:
    """Who uses this cluster. Users share it; who starts or stops the server holds it alone."""

    def __init__(self, data: Path) -> None:
        self._file = places.lock_file(data, "postgres.lock")

    def share(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_SH)

    def take(self) -> None:
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def try_to_take(self) -> bool:
        # Let go first: two who share and both want it alone would wait for each other.
        fcntl.flock(self._file, fcntl.LOCK_UN)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        self._file.close()


@contextlib.contextmanager
def running(data: Path, **settings: str) -> Iterator[Cluster]:
    """A ready server with our database in it. Started here if it isn't running, and then stopped here again."""
    with contextlib.closing(Lock(data)) as lock:
        cluster = Cluster.of(data)
        process = _join_or_start(cluster, lock, settings)
        try:
            cluster.ensure_database()
            yield cluster
        finally:
            if process:
                lock.take()  # other commands may be using the server that we started
                stop(process)


def _join_or_start(cluster: Cluster, lock: Lock, settings: dict[str, str]) -> subprocess.Popen[bytes] | None:
    pause = Event()
    while True:
        lock.share()
        if cluster.ready():
            return None
        if lock.try_to_take():
            process = start(cluster, **settings)
            lock.share()
            return process
        pause.wait(_TICK)


def start(cluster: Cluster, **settings: str) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers. It ends when this process does, however that ends."""
    cluster.prepare()
    program = cluster.program(**settings)
    with cluster.log_file.open("ab") as out:
        process = start_program(program, out)
    if not wait_until(cluster.ready, lambda: process.poll() is None, "PostgreSQL"):
        raise Refused("no_start", cluster.why_it_ended())
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Fast stop; a server that does not manage it in a minute is told to leave at once, and recovers when it starts."""
    for number, seconds in ((signal.SIGINT, 60.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, None)):
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
            return
