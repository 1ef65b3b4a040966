"""The embedded server, with real processes: nothing is lost, nothing is left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from answerable.lib.errors import Refused
from answerable.ops import binaries, places, postgres
from answerable.ops.postgres import Cluster, running, start, stop, wait_until
from answerable.ops.tests.conftest import User

SOON = 15.0


@pytest.fixture(scope="module")
def data(module_folder: Path) -> Path:
    """One cluster for the tests that leave it as they found it."""
    data = module_folder / "var"
    with running(data, fsync="off") as cluster, psycopg.connect(cluster.dsn()) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('still here')")
    return data


def words(cluster: Cluster) -> list[str]:
    with psycopg.connect(cluster.dsn()) as connection:
        return [word for (word,) in connection.execute("SELECT word FROM kept")]


def soon(done: Callable[[], bool]) -> bool:
    until = time.monotonic() + SOON
    return wait_until(done, lambda: time.monotonic() < until, "a test")


def test_a_stop_keeps_the_data_and_ends_the_server(data: Path) -> None:
    with running(data) as cluster:
        assert words(cluster) == ["still here"]
        pid = cluster.holder()
        assert pid
    assert cluster.holder() is None
    assert not Path(f"/proc/{pid}").exists()


def test_after_kill_9_the_same_command_starts_it_again(data: Path) -> None:
    cluster = Cluster.of(data)
    process = start(cluster)
    with psycopg.connect(cluster.dsn()) as connection:
        connection.execute("INSERT INTO kept VALUES ('committed')")
    process.kill()
    process.wait()
    assert (cluster.folder / "postmaster.pid").exists()
    with running(data) as again:
        assert words(again) == ["still here", "committed"]
        with psycopg.connect(again.dsn()) as connection:
            connection.execute("DELETE FROM kept WHERE word = 'committed'")


def test_a_pid_file_whose_number_went_to_another_process_does_not_stop_it(data: Path, stranger: int) -> None:
    cluster = Cluster.of(data)
    (cluster.folder / "postmaster.pid").write_text(f"{stranger}\n{cluster.folder}\n")
    with running(data):
        assert cluster.holder() != stranger


def test_a_server_that_runs_is_joined_and_left_running(data: Path) -> None:
    with running(data) as first:
        pid = first.holder()
        with running(data) as second:
            assert second.holder() == pid
        assert first.ready()
        assert first.holder() == pid


def test_who_started_it_waits_for_the_others(data: Path, user: User) -> None:
    owner, guest = user(data), user(data)
    assert owner.stdin
    owner.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        owner.wait(0.3)
    assert words(Cluster.of(data)) == ["still here"]
    assert guest.stdin
    guest.stdin.close()
    assert owner.wait(SOON) == 0
    assert Cluster.of(data).holder() is None


def test_it_ends_with_its_owner_however_that_ends(data: Path, user: User) -> None:
    owner = user(data)
    cluster = Cluster.of(data)
    assert cluster.holder()
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    assert soon(lambda: cluster.holder() is None)
    assert "database system is shut down" in cluster.log_file.read_text().splitlines()[-1]


def test_a_second_server_on_the_folder_is_refused_in_one_line(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres, "_OTHERS_MAY_TAKE", 0.1)
    with running(data) as cluster, pytest.raises(Refused, match="already runs in") as refused:
        start(cluster)
    assert "\n" not in refused.value.message


def test_two_instances_side_by_side(data: Path, open_folder: Path) -> None:
    with running(data) as one, running(open_folder / "var", fsync="off") as other:
        assert one.holder() != other.holder()
        with psycopg.connect(other.dsn()) as connection, pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT word FROM kept")
    (other.folder / "PG_VERSION").write_text("16\n")
    with pytest.raises(Refused, match="written by PostgreSQL 16; this one is 18"):
        other.create()


def test_a_cluster_left_behind_is_missed_rather_than_made_anew(open_folder: Path) -> None:
    (open_folder / "postgres").symlink_to(open_folder / "left" / "behind")
    cluster = Cluster.of(open_folder)
    with pytest.raises(Refused, match=r"left/behind, which is not there"):
        cluster.create()


def test_what_it_says_when_it_cannot_start(data: Path) -> None:
    with pytest.raises(Refused, match=r"unrecognized configuration parameter .*postgres\.log"):
        start(Cluster.of(data), no_such_setting="on")


@pytest.mark.behaviour("B-46")
def test_what_customers_write_stays_out_of_the_log(data: Path) -> None:
    with (
        running(data) as cluster,
        psycopg.connect(cluster.dsn()) as connection,
        pytest.raises(psycopg.errors.DivisionByZero),
    ):
        connection.execute("SELECT 1/0 /* my password is hunter2 */")
    assert "division by zero" in cluster.log_file.read_text()
    assert "hunter2" not in cluster.log_file.read_text()


def test_libpq_variables_of_the_shell_lead_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGHOSTADDR", "192.0.2.1")
    monkeypatch.setenv("PGSERVICE", "another")
    assert not {"PGHOSTADDR", "PGSERVICE"} & set(binaries.surroundings())
    postgres.ignore_environment()
    assert not {"PGHOSTADDR", "PGSERVICE"} & set(os.environ)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_behind_a_wall(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SHARED", open_folder / "shared")
    walled = open_folder / "walled"
    walled.mkdir(mode=0o700)
    with running(walled / "var", fsync="off") as cluster:
        assert cluster.folder.is_relative_to(places.SHARED)
        assert cluster.ready()
    assert (walled / "var" / "postgres").resolve() == cluster.folder
    assert walled.stat().st_mode & 0o777 == 0o700
    (places.SHARED).chmod(0o700)
    with pytest.raises(Refused, match=f"chmod o.x {places.SHARED}"):
        cluster.create()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs another user for PostgreSQL")
def test_root_with_the_wheel_behind_a_wall(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "SHARED", open_folder / "shared")
    before = binaries.programs()
    monkeypatch.setattr(places, "closed_at", lambda _folder: before)
    copied = binaries.programs()
    assert copied.is_relative_to(places.SHARED)
    assert copied == binaries.programs()
    answer = subprocess.run(
        [copied / "initdb", "--version"], user="nobody", group="nogroup", capture_output=True, check=True, cwd="/"
    )
    assert b"PostgreSQL) 18" in answer.stdout


def test_a_socket_folder_that_somebody_else_made_is_refused(open_folder: Path) -> None:
    (open_folder / "theirs").mkdir()
    (open_folder / "link").symlink_to(open_folder / "theirs")
    with pytest.raises(Refused, match="is not a folder of ours"):
        binaries.private_folder(open_folder / "link")
    if os.geteuid() == 0:
        os.chown(open_folder / "theirs", 12345, 12345)
        with pytest.raises(Refused, match="user id 12345 made it"):
            binaries.private_folder(open_folder / "theirs")


def test_stop_is_quick(data: Path) -> None:
    process = start(Cluster.of(data))
    begun = time.monotonic()
    stop(process)
    assert process.returncode == 0
    assert time.monotonic() - begun < SOON
