"""Django behind the entry: one connection a thread, which outlives requests and comes back after PostgreSQL did."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection

from answerable.config.tests.serving import Server, serving
from tests.cast import Cast

BACKENDS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'asgi-test' AND query NOT LIKE 'LISTEN%'
"""


@pytest.fixture
def django(tmp_path: Path, transactional_db: None, cast: Cast, database: dict[str, Any]) -> Iterator[Server]:
    """The product itself, with everybody in its database."""
    query = urlencode({**database, "application_name": "asgi-test"})
    environment = {
        "DJANGO_SETTINGS_MODULE": "answerable.config.settings",
        "DATABASE_URL": f"postgresql:///?{query}",
        "ANSWERABLE_DATA": str(tmp_path),
        "SECRET_KEY": settings.SECRET_KEY,
    }
    target = "answerable.config.asgi:application"
    with serving(tmp_path, target=target, environment=environment) as running:
        yield running


def backends() -> list[int]:
    """The processes of PostgreSQL that serve pages."""
    with connection.cursor() as cursor:
        cursor.execute(BACKENDS)
        return [pid for (pid,) in cursor.fetchall()]


def test_one_connection_serves_all_pages_and_is_replaced_when_it_dies(django: Server) -> None:
    for _ in range(5):
        assert django.ask("/readyz")[0].status == 200
    before = backends()
    assert len(before) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", before)
    assert django.ask("/readyz")[0].status == 200
    after = backends()
    assert len(after) == 1
    assert after != before


def test_the_pages_can_listen(django: Server) -> None:
    assert django.ask("/live")[0].status == 403
