"""The command as typed: one clear line and the right exit code for whatever is wrong, never a traceback."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from answerable.lib.errors import BadSetting
from answerable.lib.version import CHANGELOG, version
from answerable.ops import cli, ports, state

Done = subprocess.CompletedProcess[str]
Type = Callable[..., Done]


@pytest.fixture
def type_(open_folder: Path) -> Type:
    """Run `answerable` with these words and settings."""

    def run(*words: str, said: str = "", **settings: str) -> Done:
        env = {name: value for name, value in os.environ.items() if not name.startswith("ANSWERABLE_")}
        return subprocess.run(
            [sys.executable, "-m", "answerable", *words],
            input=said,
            env=env | {"ANSWERABLE_DATA": str(open_folder / "var")} | settings,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    return run


@pytest.mark.parametrize(
    ("setting", "value", "mend"),
    [
        ("ANSWERABLE_PORT", "http", "must be a port number from 1 to 65535, not 'http'"),
        ("DATABASE_URL", "mysql://x/y", "must start with postgresql://"),
    ],
)
@pytest.mark.behaviour("B-41")
def test_a_bad_setting_is_one_line_that_names_it(type_: Type, setting: str, value: str, mend: str) -> None:
    done = type_("up", **{setting: value})
    assert done.returncode == 2
    assert done.stderr.startswith(f"answerable: {setting}: {mend}")
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_a_data_folder_that_cannot_be(type_: Type, open_folder: Path) -> None:
    (open_folder / "file").touch()
    done = type_("up", ANSWERABLE_DATA=str(open_folder / "file" / "var"))
    assert done.returncode == 2
    assert done.stderr.startswith("answerable: ANSWERABLE_DATA: cannot")
    assert done.stderr.count("\n") == 1


def test_a_word_it_does_not_know(type_: Type) -> None:
    done = type_("frobnicate")
    assert done.returncode == 2
    assert done.stderr.startswith("usage: answerable")
    assert "'frobnicate'" in done.stderr
    assert type_().returncode == 2


def test_help_and_version(type_: Type) -> None:
    listing = type_("--help").stdout
    assert all(f"\n  {word} " in listing for word in cli.WORDS)
    assert type_("--version").stdout == f"{version()}\n"
    assert f"\n## {version()}\n" in CHANGELOG.read_text()


def test_a_command_says_what_it_takes_and_nothing_of_django(type_: Type) -> None:
    done = type_("clock", "--help")
    assert done.returncode == 0
    assert "usage: answerable clock" in done.stdout
    assert "--settings" not in done.stdout


def test_clock_answers_line_by_line(type_: Type) -> None:
    case = '{"id": "a", "kind": "between", "calendar": {"tz": "UTC", "always_open": true}, '
    case += '"start": "2026-01-01T00:00:00Z", "end": "2026-01-01T00:01:00Z"}'
    done = type_("clock", "-", said=f"{case}\nnot json\n")
    assert done.stdout.splitlines()[0] == '{"id": "a", "seconds": 60}'
    assert len(done.stdout.splitlines()) == 2


def test_clock_goes_on_after_bytes_that_are_no_text(type_: Type, open_folder: Path) -> None:
    (open_folder / "cases").write_bytes(b'{"id": "\xff"}\n{"id": 2, "kind": "none"}\n')
    done = type_("clock", str(open_folder / "cases"))
    assert done.returncode == 0
    assert [answer[:10] for answer in done.stdout.splitlines()] == ['{"id": nul', '{"id": 2, ']


@pytest.mark.behaviour("B-353")
def test_oncall_answers_line_by_line(type_: Type) -> None:
    case = '{"id": "a", "kind": "who", "schedule": {"tz": "UTC", "layers": []}, "at": ["2026-01-01T00:00:00Z"]}'
    done = type_("oncall", "-", said=f"{case}\nnot json\n")
    assert done.stdout.splitlines()[0] == '{"id": "a", "who": [null]}'
    assert len(done.stdout.splitlines()) == 2


def test_uptime_answers_line_by_line(type_: Type) -> None:
    done = type_("uptime", "-", said='{"id": "a", "kind": "uptime", "tz": "Mars"}\nnot json\n')
    assert done.stdout.splitlines()[0] == '{"id": "a", "error": "tz: no time zone is called \'Mars\'"}'
    assert len(done.stdout.splitlines()) == 2


def test_holidays_are_printed_ready_to_paste_and_countries_listed(type_: Type) -> None:
    done = type_("holidays", "DE", "--subdivision", "BY", "--years", "2027-2028", LANGUAGE="de")
    lines = done.stdout.splitlines()
    assert (lines[0], lines[1], lines[-1]) == ("dates_off = [", "  2027-01-01,  # New Year's Day", "]")
    assert "DE  Germany" in type_("holidays").stdout.splitlines()


@pytest.mark.parametrize("years", ["27", "2028-2027", "2000-2020", "2027-", "next"])
def test_years_that_are_none(type_: Type, years: str) -> None:
    done = type_("holidays", "DE", "--years", years)
    assert done.returncode == 1
    assert done.stderr == f"answerable: --years: expected 2027 or 2027-2028, at most 20 years, not {years!r}\n"


@pytest.fixture
def tenant() -> Iterator[int]:
    """A port that somebody else listens on, as Granian does: others may join."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.mark.parametrize("setting", ["ANSWERABLE_PORT", "ANSWERABLE_SMTP_PORT"])
def test_a_port_that_is_taken(type_: Type, tenant: int, setting: str) -> None:
    free = {"ANSWERABLE_PORT": "18761", "ANSWERABLE_SMTP_PORT": "18762"}
    done = type_("up", **free | {setting: str(tenant)})
    assert done.returncode == 2
    assert done.stderr == f"answerable: {setting}: port {tenant} is taken by another program; set another port\n"


def test_an_address_that_is_not_ours() -> None:
    with pytest.raises(BadSetting, match=r"ANSWERABLE_HOST: cannot listen on 192\.0\.2\.1"):
        ports.require_free("192.0.2.1", 18763, "ANSWERABLE_PORT")
    ports.require_free("0.0.0.0", 18763, "ANSWERABLE_PORT")


def test_a_second_up_on_the_same_folder(type_: Type, open_folder: Path) -> None:
    with state.lock(open_folder / "var"):
        done = type_("up")
    assert done.returncode == 1
    assert f"already runs on {open_folder / 'var'} (process {os.getpid()})" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_database_that_is_not_there(type_: Type) -> None:
    done = type_("worker", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nothing")
    assert done.returncode == 1
    assert done.stderr.startswith("answerable: cannot reach the database (")
    assert done.stderr.endswith("check DATABASE_URL and that server\n")
    assert "Traceback" not in done.stderr
