"""Folders that PostgreSQL's user may enter, and other processes that use a database as we do."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from answerable.ops.binaries import server_user

User = Callable[[Path], "subprocess.Popen[bytes]"]

# Uses the database until its standard input ends.
USES = """
import sys
from pathlib import Path
from answerable.ops import postgres
with postgres.running(Path(sys.argv[1]), fsync="off"):
    print("ready", flush=True)
    sys.stdin.read()
"""


@pytest.fixture(scope="module")
def module_folder() -> Iterator[Path]:
    """pytest's own temporary folders are closed to others, and under root PostgreSQL is one of them."""
    folder = Path(tempfile.mkdtemp(prefix="answerable-ops-"))
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def open_folder(module_folder: Path) -> Path:
    """A folder of the test's own."""
    folder = Path(tempfile.mkdtemp(dir=module_folder))
    folder.chmod(0o711)
    return folder


@pytest.fixture
def user() -> Iterator[User]:
    """Starts another process that uses the database of a data folder; ends what is left of them."""
    started: list[subprocess.Popen[bytes]] = []

    def start(data: Path) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen(
            [sys.executable, "-c", USES, str(data)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"ready\n"
        return process

    yield start
    for process in started:
        with process:
            process.kill()


@pytest.fixture
def stranger() -> Iterator[int]:
    """The number of a process that runs as PostgreSQL's user and is no PostgreSQL."""
    ids = server_user()
    process = subprocess.Popen(["sleep", "60"], user=ids and ids[0])
    with process:
        yield process.pid
        process.kill()
