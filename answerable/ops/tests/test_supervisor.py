"""The supervisor, with real processes of one line each: what dies comes back, and in the end nothing is left."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest

from answerable.lib.errors import Refused
from answerable.ops import keeper, state
from answerable.ops.keeper import FIRST_PAUSE
from answerable.ops.postgres import wait_until
from answerable.ops.processes import Program, cap

SOON = 15.0
LONG = "exec sleep 60"


def soon(done: Callable[[], bool]) -> bool:
    until = time.monotonic() + SOON
    return wait_until(done, lambda: time.monotonic() < until, "a test")


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@dataclass
class Run:
    """One supervisor in a process of its own."""

    data: Path
    process: "subprocess.Popen[str]"

    def until_up(self) -> "Run":
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("UP"):
                return self
        pytest.fail(f"it ended with {self.process.wait()}")

    def record(self, name: str) -> state.Record:
        found = state.read(self.data)
        assert found
        return found.programs.get(name, state.Record())

    def pid(self, name: str) -> int:
        assert soon(lambda: self.record(name).pid is not None)
        return self.record(name).pid or 0

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """The exit code, and all it said that nobody has read yet."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=SOON)
        return self.process.returncode, said


Start = Callable[..., Run]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    runs: list[subprocess.Popen[str]] = []

    def start(**plan: dict[str, str]) -> Run:
        plan = {"services": {}, "steps": {}, "crew": {}} | plan
        command = [sys.executable, "-m", "answerable.ops.tests.run_plan", json.dumps(plan | {"data": str(tmp_path)})]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
        runs.append(process)
        return Run(tmp_path, process)

    yield start
    for process in runs:
        with process:
            process.kill()


def test_what_dies_comes_back_and_the_state_says_so(start: Start) -> None:
    run = start(crew={"web": LONG, "worker": LONG}).until_up()
    first, worker = run.pid("web"), run.pid("worker")
    os.kill(first, signal.SIGKILL)
    assert soon(lambda: run.record("web").pid not in {first, None})
    record = run.record("web")
    assert (record.restarts, record.last_exit) == (1, "killed by SIGKILL")
    assert record.last_exit_at
    assert run.record("worker") == state.Record(pid=worker)
    code, said = run.end()
    assert code == 0
    assert "web ended (killed by SIGKILL); it starts again in 0.2 s" in said


def test_what_dies_at_once_is_started_ever_more_slowly(start: Start, tmp_path: Path) -> None:
    run = start(crew={"web": f"date +%s.%N >> {tmp_path}/starts; exit 3"}).until_up()
    starts = tmp_path / "starts"
    assert soon(lambda: starts.exists() and len(starts.read_text().splitlines()) >= 4)
    moments = [float(line) for line in starts.read_text().splitlines()]
    pauses = [later - sooner for sooner, later in pairwise(moments)]
    assert pauses[0] >= FIRST_PAUSE
    assert pauses[1] >= 2 * FIRST_PAUSE
    assert pauses[2] >= 4 * FIRST_PAUSE
    assert run.record("web").last_exit == "exit 3"
    assert run.end()[0] == 0


def test_who_lived_long_is_started_quickly_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def watch() -> None:
        kept = keeper.Keeper(Program("web", ("/bin/true",)), state.Record(), keeper.nothing)
        kept.start()
        await asyncio.to_thread(soon, lambda: len(caplog.messages) >= 3)
        await kept.stop()

    monkeypatch.setattr(keeper, "LONG_LIFE", 0.0)
    with caplog.at_level("WARNING", "answerable.ops.keeper"):
        asyncio.run(watch())
    assert all("it starts again in 0.2 s" in message for message in caplog.messages)


def test_a_log_stays_small_while_it_is_written(tmp_path: Path) -> None:
    log_file = tmp_path / "log"
    with log_file.open("a") as writer:
        writer.write("old\n" * 10)
        writer.flush()
        cap(log_file, size=10)
        writer.write("new\n")
    assert log_file.read_text() == "new\n"
    assert (tmp_path / "log.1").read_text() == "old\n" * 10
    cap(log_file, size=10)
    assert log_file.read_text() == "new\n"


def test_a_program_that_is_not_there_does_not_take_the_others_down(start: Start) -> None:
    run = start(crew={"web": "exec /no/such/program", "worker": LONG}).until_up()
    assert soon(lambda: run.record("web").last_exit == "exit 127")
    assert run.pid("worker")
    assert run.end()[0] == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_everything(start: Start, number: signal.Signals) -> None:
    run = start(crew={"web": LONG, "worker": LONG}).until_up()
    pids = [run.pid("web"), run.pid("worker")]
    assert run.end(number)[0] == 0
    assert not any(map(lives, pids))
    found = state.read(run.data)
    assert found
    assert not found.alive
    assert found.programs["web"].pid is None


def test_services_are_there_before_the_others_and_after_them(start: Start, tmp_path: Path) -> None:
    def noting(name: str, begin: str = "") -> str:
        note = f"echo {name} $1 >> {tmp_path}/order"
        return f"note() {{ {note}; }}; trap 'note ends; kill $!; exit' TERM; note begins; {begin} sleep 60 & wait"

    run = start(
        services={"base": noting("base", f"sleep 0.3; touch {tmp_path}/base.ready;")},
        steps={"step": f"sleep 0.3; echo step >> {tmp_path}/order"},
        crew={"web": f"until grep -q step {tmp_path}/order; do sleep 0.05; done; {noting('web')}"},
    )
    run.until_up()
    assert soon(lambda: "web begins" in (tmp_path / "order").read_text())
    assert run.end()[0] == 0
    assert (tmp_path / "order").read_text().splitlines() == [
        "base begins",
        "step",
        "web begins",
        "web ends",
        "base ends",
    ]


def test_a_stop_while_a_step_runs(start: Start, tmp_path: Path) -> None:
    run = start(
        services={"base": f"touch {tmp_path}/base.ready; {LONG}"}, steps={"step": f"echo $$ > {tmp_path}/step; {LONG}"}
    )
    assert soon(lambda: (tmp_path / "step").exists() and (tmp_path / "step").read_text().endswith("\n"))
    base = run.pid("base")
    run.process.send_signal(signal.SIGINT)  # twice, as make and the terminal do between them
    assert run.end(signal.SIGINT)[0] == 0
    assert not lives(int((tmp_path / "step").read_text()))
    assert not lives(base)


def test_what_the_steps_print_is_for_the_greeting_and_what_they_log_is_not(start: Start) -> None:
    run = start(steps={"step": "echo log >&2; echo for you"})
    assert run.process.stdout
    assert [run.process.stdout.readline() for _ in range(2)] == ["step       | log\n", "UP for you\n"]
    assert run.end()[0] == 0


def test_reinforcements_come_once_it_is_up_and_go_with_the_others(start: Start, tmp_path: Path) -> None:
    run = start(steps={"step": f"test ! -e {tmp_path}/more"}, reinforcements={"more": f"touch {tmp_path}/more; {LONG}"})
    run.until_up()
    more = run.pid("more")
    assert soon((tmp_path / "more").exists)
    assert run.end()[0] == 0
    assert not lives(more)


def test_a_step_that_fails_ends_it_all(start: Start, tmp_path: Path) -> None:
    run = start(
        services={"base": f"echo $$ > {tmp_path}/base.ready; {LONG}"},
        steps={"step": "echo because >&2; exit 4"},
        crew={"web": LONG},
    )
    said, _ = run.process.communicate(timeout=SOON)
    assert run.process.returncode == 1
    assert "step       | because" in said
    assert "step failed (exit 4)" in said
    assert not lives(int((tmp_path / "base.ready").read_text()))
    found = state.read(run.data)
    assert found
    assert not any(lives(record.pid) for record in found.programs.values() if record.pid)


def test_a_service_that_does_not_start_ends_it_all(start: Start) -> None:
    run = start(services={"base": "exit 5"})
    said, _ = run.process.communicate(timeout=SOON)
    assert run.process.returncode == 1
    assert "it ended at once" in said


def test_its_programs_die_with_it(start: Start) -> None:
    run = start(crew={"web": LONG, "worker": LONG}).until_up()
    pids = [run.pid("web"), run.pid("worker")]
    run.process.kill()
    run.process.wait()
    assert soon(lambda: not any(map(lives, pids)))
    found = state.read(run.data)
    assert found
    assert not found.alive, "the file stays, but nobody is taken in by it"


def test_who_will_not_end_is_killed(start: Start) -> None:
    run = start(crew={"web": "trap '' TERM; while :; do sleep 0.1; done"}).until_up()
    pid = run.pid("web")
    code, said = run.end()
    assert code == 0
    assert "web did not end within 1 s: killed" in said
    assert not lives(pid)


def test_nothing_that_a_program_started_outlives_it(start: Start, tmp_path: Path) -> None:
    run = start(crew={"web": f"sleep 60 & echo $! > {tmp_path}/grandchild; {LONG}"}).until_up()
    assert soon(lambda: (tmp_path / "grandchild").exists() and (tmp_path / "grandchild").read_text() != "")
    os.kill(run.pid("web"), signal.SIGKILL)
    first = int((tmp_path / "grandchild").read_text())
    assert soon(lambda: not lives(first))
    assert run.end()[0] == 0


def test_there_is_one_for_each_data_folder(start: Start, tmp_path: Path) -> None:
    run = start(crew={"web": LONG}).until_up()
    with pytest.raises(Refused, match=f"already runs on {tmp_path} .process {run.process.pid}."):
        state.lock(tmp_path)
    assert run.end()[0] == 0
    state.lock(tmp_path).close()


def test_each_line_carries_the_name_of_who_said_it(start: Start) -> None:
    run = start(crew={"web": f"echo one; echo two >&2; printf three; {LONG}"}).until_up()
    run.pid("web")
    assert soon(lambda: run.record("web").pid is not None)
    code, said = run.end()
    assert code == 0
    assert [line for line in said.splitlines() if line.startswith("web ")] == [
        "web        | one",
        "web        | two",
        "web        | three",
    ]
