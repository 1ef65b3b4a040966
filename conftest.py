"""Fixtures that tests in every room share."""

import contextlib
import gc
import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import TransactionTestCase
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from answerable.lib.fresh import forget_all
from tests.cast import Cast
from tests.emptied import empty
from tests.put_back import the_cast
from tests.tables import template
from tests.turns import TURNS

# Pages of the test client name static files without having collected them; browser tests serve the real thing.
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"


# Parts of Debian that some tests need: mark, program, package.
PARTS = [("browser", "chromium", "chromium"), ("dovecot", "dovecot", "dovecot-imapd")]
_left_out: list[str] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and say so, what needs a part that is missing; CI (ANSWERABLE_REQUIRE_ALL) requires every part."""
    for mark, program, package in PARTS:
        if shutil.which(program, path=f"{os.environ['PATH']}:/usr/sbin"):
            continue
        without = [item for item in items if item.get_closest_marker(mark)]
        if without and os.environ.get("ANSWERABLE_REQUIRE_ALL"):
            raise pytest.UsageError(f"{len(without)} tests need {program}: apt-get install {package}")
        if without:
            _left_out.append(f"Left out {len(without)} tests that need {program}: apt-get install {package}")
            config.hook.pytest_deselected(items=without)
            items[:] = [item for item in items if item not in without]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One clear line for each missing part."""
    for line in _left_out:
        terminalreporter.write_line(line, yellow=True)


def pytest_collection_finish() -> None:
    """What is there now stays to the end: the collector need not look at it again with every test."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    """Tests run side by side, but not beside one that is `alone`."""
    with TURNS.beside_others():
        return (yield)


@pytest.fixture
def alone() -> Callable[[], contextlib.AbstractContextManager[None]]:
    """For what is about the machine's own time: inside the block no other process of this run is in a test."""
    return TURNS.alone


@pytest.fixture(scope="session", autouse=True)
def _emptied() -> Iterator[None]:
    """What tests that commit leave to the next one: nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", empty)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """The database of each process is a copy."""
    connection.settings_dict["TEST"]["TEMPLATE"] = template()


@pytest.fixture(scope="session")
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One after the other. pytest's own for each test looks through all there are before it makes the next."""
    base = tmp_path_factory.mktemp("kept")
    return (base / str(number) for number in itertools.count())


@pytest.fixture(autouse=True)
def _nothing_kept(settings: LazySettings, _folders: Iterator[Path]) -> Iterator[None]:
    """No test sees what another one cached or wrote to disk."""
    folder = next(_folders)
    folder.mkdir()
    settings.FILES = folder / "files"
    settings.OUTBOX = folder / "outbox"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN_STATIC}}
    forget_all()
    yield
    forget_all()


@pytest.fixture
def cast(db: None) -> Cast:
    """Everybody."""
    return the_cast()


@pytest.fixture
def real_transactions(transactional_db: None) -> None:
    """What a test writes is there for other connections too."""


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Run what has been deferred, on the test's own connection, until nothing is left. Returns how many ran."""

    def run() -> int:
        count = 0
        while (
            job := ProcrastinateJob.objects.filter(status="todo", scheduled_at=None).order_by("-priority", "id").first()
        ):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = %s", [job.pk])
            app.tasks[job.task_name].func(**job.args)
            count += 1
        return count

    return run
