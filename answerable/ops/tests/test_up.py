"""`answerable up`, whole: from a fresh folder to a running product; what is killed comes back; nothing is left."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from answerable.ops import state
from answerable.ops.tests.test_supervisor import lives, soon

LONG = 90.0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@pytest.fixture
def env(open_folder: Path) -> dict[str, str]:
    own = {
        "ANSWERABLE_DATA": str(open_folder / "var"),
        "ANSWERABLE_PORT": str(free_port()),
        "ANSWERABLE_SMTP_PORT": str(free_port()),
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")} | own


@pytest.fixture
def up(env: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", "answerable", "up"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as process:
        yield process
        process.kill()


def ready(env: dict[str, str]) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{env['ANSWERABLE_PORT']}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def belonging_to(data: Path) -> list[int]:
    """Every process that was started for this data folder: it is in their environment or their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "environ").read_bytes() + (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if os.fsencode(data) in told and lives(int(folder.name)):
            found.append(int(folder.name))
    return found


@pytest.mark.behaviour("B-42")
def test_from_nothing_to_a_running_product_and_back(env: dict[str, str], up: "subprocess.Popen[str]") -> None:
    data = Path(env["ANSWERABLE_DATA"])
    said = []
    assert up.stdout
    for line in up.stdout:
        said.append(line)
        if "is up." in line:
            break
    assert ready(env), "".join(said)

    before = state.read(data)
    assert before
    web = before.programs["web"].pid
    assert web
    os.kill(web, signal.SIGKILL)
    assert soon(lambda: not lives(web))
    begun = time.monotonic()
    assert soon(lambda: ready(env))
    assert time.monotonic() - begun < LONG

    doctor = subprocess.run(
        [sys.executable, "-m", "answerable", "doctor"], env=env, capture_output=True, text=True, check=False
    )
    assert "web was restarted once, last at" in doctor.stdout
    assert "it ended (killed by SIGKILL)" in doctor.stdout
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr

    up.send_signal(signal.SIGINT)
    rest, _ = up.communicate(timeout=LONG)
    assert up.returncode == 0, rest
    assert "Traceback" not in rest
    assert soon(lambda: not belonging_to(data))
