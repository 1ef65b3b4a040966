"""What the supervisor knows about its programs, in a small file that `doctor` reads; and the lock that there is one."""

import fcntl
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Event
from typing import IO

from answerable.lib.errors import Refused
from answerable.ops.places import lock_file


@dataclass
class Record:
    """One program: its process now (None while it waits to be started again) and how it has fared."""

    pid: int | None = None
    restarts: int = 0
    last_exit: str = ""
    last_exit_at: str = ""


@dataclass
class State:
    """`$ANSWERABLE_DATA/supervisor.json`. `alive` is found out when reading: a killed supervisor leaves its file."""

    pid: int
    started_at: str
    programs: dict[str, Record] = field(default_factory=dict)
    alive: bool = True

    def write(self, data: Path) -> None:
        path = data / "supervisor.json"
        draft = path.with_suffix(".new")
        draft.write_text(json.dumps(asdict(self), indent=1))
        draft.rename(path)


def read(data: Path) -> State | None:
    """The last state that a supervisor wrote here, None if there never was one."""
    try:
        found: Mapping[str, object] = json.loads((data / "supervisor.json").read_text())
    except (OSError, ValueError):
        return None
    programs = found.get("programs")
    return State(
        pid=int(str(found.get("pid", 0))),
        started_at=str(found.get("started_at", "")),
        programs={name: Record(**one) for name, one in programs.items()} if isinstance(programs, dict) else {},
        alive=_is_locked(data),
    )


def lock(data: Path) -> IO[str]:
    """Hold it open for as long as you supervise. The lock goes when the process does, however that ends."""
    file = lock_file(data, "supervisor.lock")
    pause = Event()
    # A reader of the state (`_is_locked`) may hold it for an instant, so one refusal is not the answer.
    if not any(_take(file, fcntl.LOCK_EX) or pause.wait(0.02) for _ in range(10)):
        file.seek(0)
        owner = file.read().strip()
        file.close()
        raise Refused(
            "already_up", f"Answerable already runs on {data} (process {owner}): stop it first, or set ANSWERABLE_DATA"
        )
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file


def _is_locked(data: Path) -> bool:
    try:
        with (data / "supervisor.lock").open() as file:
            return not _take(file, fcntl.LOCK_SH)
    except OSError:
        return False


def _take(file: IO[str], how: int) -> bool:
    try:
        fcntl.flock(file, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
