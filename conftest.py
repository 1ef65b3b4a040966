"""Fixtures that tests in every room share."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from answerable.lib.fresh import forget_all
from tests import cast as the_cast

# Pages of the test client name static files without having collected them; browser tests serve the real thing.
PLAIN_STATIC = "django.contrib.staticfiles.storage.StaticFilesStorage"


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--require-all`: a part of Debian that is missing fails the run instead of leaving tests out."""
    parser.addoption("--require-all", action="store_true")


@pytest.fixture(autouse=True)
def _nothing_kept(settings: LazySettings, tmp_path: Path) -> Iterator[None]:
    """No test sees what another one cached or wrote to disk."""
    settings.FILES = tmp_path / "files"
    settings.OUTBOX = tmp_path / "outbox"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": PLAIN_STATIC}}
    forget_all()
    yield
    forget_all()


@pytest.fixture
def cast(db: None) -> the_cast.Cast:
    """Everybody."""
    return the_cast.assemble()


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
