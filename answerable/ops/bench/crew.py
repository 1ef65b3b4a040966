"""The processes that are measured: started as an operator starts them, and weighed."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event

from django.conf import settings
from django.db import connection

from answerable.lib.errors import Refused
from answerable.ops import ports
from answerable.ops.processes import Program, start, sweep

# As `answerable up` starts them.
WORDS = ("web", "worker", *(f"worker:{number}" for number in range(2, settings.WORKERS + 1)), "intake")
_PATIENCE = 10.0
Crew = dict[str, subprocess.Popen[bytes]]


@contextlib.contextmanager
def at_work(words: tuple[str, ...]) -> Iterator[Crew]:
    """These commands, running and ready; ended when the block is left. "worker:2" is a second worker."""
    crew: Crew = {}
    try:
        with _log().open("ab") as out:
            for word in words:
                command = word.partition(":")[0]
                crew[word] = start(Program(word, (sys.executable, "-m", "answerable", command)), out)
        for word, process in crew.items():
            _until(_READY[word.partition(":")[0]], process)
        yield crew
    finally:
        for process in crew.values():
            process.terminate()
        for process in crew.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(_PATIENCE)
            sweep(process.pid)


def _log() -> Path:
    return settings.DATA / "bench.log"


def last_words() -> str:
    """The end of what the processes said, for who has to find out why one failed."""
    return _log().read_text(errors="replace")[-3000:]


def _until(ready: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    pause = Event()
    while not ready():
        if process.poll() is not None:
            raise Refused("bench_failed", f"{last_words()}\na process ended")
        pause.wait(0.05)


def _web_answers() -> bool:
    return asyncio.run(ports.answers(settings.WEB_HOST, settings.WEB_PORT, "/readyz"))


def _worker_is_listed() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM procrastinate_workers)")
        return bool((cursor.fetchone() or [False])[0])


def _intake_listens() -> bool:
    with contextlib.suppress(OSError):
        socket.create_connection(("127.0.0.1", settings.SMTP_PORT), timeout=2).close()
        return True
    return False


_READY: dict[str, Callable[[], bool]] = {"web": _web_answers, "worker": _worker_is_listed, "intake": _intake_listens}


def memory_mb(crew: Crew) -> dict[str, float]:
    """Proportional set size of each program with its children, and of PostgreSQL if it runs on this machine."""
    children = _children()
    found = {name: _pss(process.pid, children) for name, process in crew.items()}
    if server := _server():
        found["postgres"] = _pss(server, children)
    return {name: round(kilobytes / 1024, 1) for name, kilobytes in found.items()}


_TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(crew: Crew, word: str) -> float:
    """Processor time that these programs (by the start of their names) and their children have used so far."""
    children = _children()
    return sum(_cpu(process.pid, children) for name, process in crew.items() if name.startswith(word))


def server_cpu_seconds() -> float:
    """The same of PostgreSQL, where it runs on this machine. Backends that have ended are counted with their parent."""
    server = _server()
    return _cpu(server, _children()) if server else 0.0


def _cpu(pid: int, children: dict[int, list[int]]) -> float:
    total = sum(_cpu(child, children) for child in children.get(pid, ()))
    with contextlib.suppress(OSError):
        # utime, stime, cutime, cstime
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
        return total + sum(map(int, fields)) / _TICKS
    return total


def _server() -> int | None:
    """The parent of the backend that serves us, where that is a process of this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = (cursor.fetchone() or [0])[0]
    with contextlib.suppress(OSError):
        if Path(f"/proc/{backend}/comm").read_text().startswith("postgres"):
            return _parent(backend)
    return None


def _parent(pid: int) -> int:
    # The name, in parentheses, may hold anything; the parent comes two fields after it.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                found.setdefault(_parent(int(folder.name)), []).append(int(folder.name))
    return found


def _pss(pid: int, children: dict[int, list[int]]) -> int:
    total = sum(_pss(child, children) for child in children.get(pid, ()))
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return total + int(line.split()[1])
    return total
