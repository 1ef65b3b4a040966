"""A pytest plugin, loaded before Django's settings: a data folder of the run's own, and one real PostgreSQL in it."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from answerable.ops import postgres
from tests import tables

FOLDER = "ANSWERABLE_TEST_FOLDER"


def _is_main() -> bool:
    return "PYTEST_XDIST_WORKER" not in os.environ


if _is_main():
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="answerable-test-")
    Path(os.environ[FOLDER]).chmod(0o755)
    Path(os.environ[FOLDER], "data", "static").mkdir(parents=True)
    Path(os.environ[FOLDER], "data").chmod(0o755)
os.environ["ANSWERABLE_DATA"] = str(Path(os.environ[FOLDER]) / "data")
os.environ["SECRET_KEY"] = "only-for-tests-only-for-tests-only-for-tests"
_UNSET = ("DATABASE_URL", "EMAIL_URL", "ANSWERABLE_PORT", "ANSWERABLE_SMTP_PORT")
for name in (*_UNSET, "DKIM_DOMAIN", "DKIM_SELECTOR", "DKIM_KEY_FILE", "DKIM_KEY"):
    os.environ.pop(name, None)

_stack = contextlib.ExitStack()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start the server once; parallel workers find it through the environment. It gets its tables meanwhile."""
    if _is_main():
        _stack.enter_context(postgres.running(Path(os.environ["ANSWERABLE_DATA"]), **tables.FAST))
        if not session.config.option.collectonly:
            _stack.callback(_end, tables.begin())


def _end(process: "subprocess.Popen[bytes]") -> None:
    """A run that needed no tables doesn't wait for them."""
    with process:
        process.kill()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the server and remove everything the run wrote."""
    if _is_main():
        _stack.close()
        shutil.rmtree(os.environ[FOLDER], ignore_errors=True)


@pytest.fixture(scope="session")
def test_folder() -> Path:
    """The run's own folder, open to PostgreSQL's user."""
    return Path(os.environ[FOLDER])
