"""A program that we start: it ends with us, in a session of its own, and leaves nothing behind."""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

_PR_SET_PDEATHSIG = 1
# Loaded here: between fork and exec there is no time for it.
_libc = ctypes.CDLL(None)


@dataclass(frozen=True)
class Program:
    """What to run. `user`: the uid to become (its group too). `env` None: ours, as it is.

    `ends_by` asks it to end kindly, and it gets that also when the process that started it dies; it is killed when its
    `patience`, in seconds, is over. `log_file`: what it says goes there instead of to us.
    """

    name: str
    command: tuple[str, ...]
    env: Mapping[str, str] | None = None
    folder: Path | None = None
    user: tuple[int, int] | None = None
    ends_by: signal.Signals = signal.SIGTERM
    patience: float = 8.0
    log_file: Path | None = None


def ask_to_end_with_parent(number: signal.Signals, parent: int | None = None) -> None:
    """Have the kernel send this process `number` when the thread that forked it ends. Call it in the child."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(number))
    if parent is not None and os.getppid() != parent:
        os._exit(1)  # it died before we could ask


def how_to_start(program: Program) -> dict[str, Any]:
    """The keyword arguments for Popen or create_subprocess_exec. Start it from the main thread only."""
    options: dict[str, Any] = {
        "env": program.env,
        "cwd": program.folder,
        "start_new_session": True,
        "preexec_fn": _before_exec(program.ends_by),
    }
    if program.user:
        options |= {"user": program.user[0], "group": program.user[1], "extra_groups": []}
    return options


def _before_exec(number: signal.Signals) -> Callable[[], None]:
    parent = os.getpid()
    # After setuid, which would clear it.
    return lambda: ask_to_end_with_parent(number, parent)


def start(program: Program, out: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start it, with everything that it says going to `out`."""
    return subprocess.Popen(program.command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **how_to_start(program))


def run(program: Program) -> subprocess.CompletedProcess[str]:
    """Run it to its end, and keep what it said."""
    return subprocess.run(
        program.command, capture_output=True, text=True, errors="replace", check=False, **how_to_start(program)
    )


def sweep(leader: int) -> None:
    """Kill what an ended program left in its process group, for example the workers of a web server."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def cap(log_file: Path, size: int = 10 * 1024 * 1024) -> None:
    """Keep a log small while its program writes on: past `size` bytes it becomes `.1` and starts again."""
    with contextlib.suppress(FileNotFoundError):
        if log_file.stat().st_size > size:
            shutil.copyfile(log_file, log_file.with_name(f"{log_file.name}.1"))
            os.truncate(log_file, 0)  # it is open for appending, so the program's next line lands at the start
