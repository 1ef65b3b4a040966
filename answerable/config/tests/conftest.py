"""The running sites that the tests of the entry share."""

import itertools
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from answerable.config.tests.serving import Server, serving
from answerable.live.pump import connection_parameters

_numbers = itertools.count()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A site with quick limits: a stalled upload is given up after one second, a slow one after two."""
    limits = {"chunk_seconds": 1, "grace_seconds": 2, "drain_seconds": 5}
    with serving(tmp_path_factory.mktemp("site"), limits=limits) as running:
        yield running


@pytest.fixture(scope="module")
def database(django_db_setup: None) -> dict[str, Any]:
    """How to reach the tests' database from another process."""
    return connection_parameters(connection.settings_dict)


@pytest.fixture(scope="module")
def live_site(
    tmp_path_factory: pytest.TempPathFactory, database: dict[str, Any], django_db_blocker: DjangoDbBlocker
) -> Iterator[Server]:
    """A site whose streams hear what a test publishes. Nothing is written, so nothing needs to be emptied after it."""
    limits = {"most": 5, "most_per_person": 3}
    with django_db_blocker.unblock(), serving(tmp_path_factory.mktemp("live"), database=database, pump=limits) as site:
        while not _somebody_listens():
            time.sleep(0.02)
        yield site


def _somebody_listens() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE query = 'LISTEN live' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def desk() -> str:
    """A stream of the test's own: newcomers are told again what happened in the last seconds."""
    return f"desk:{next(_numbers)}"
