"""The stage itself."""

from typing import Any

from django.apps import apps
from django.db import transaction

from tests.cast import Cast, assemble
from tests.put_back import the_cast


def _rows() -> dict[str, list[dict[str, Any]]]:
    """All that stands in the database, without what differs from one time to the next."""
    return {
        model._meta.label: [
            {key: value for key, value in row.items() if not key.endswith(("id", "password", "data"))}
            for row in model._default_manager.order_by("pk").values()
        ]
        for model in apps.get_models(include_auto_created=True)
    }


def test_what_is_put_back_is_what_assembling_writes(db: None) -> None:
    written: list[dict[str, Any]] = []
    casts: list[Cast] = []
    for make in (assemble, the_cast, the_cast):
        with transaction.atomic():
            casts.append(make())
            written.append(_rows())
            transaction.set_rollback(True)
    assert written[0] == written[1] == written[2]
    assert [str(cast.org.csm) for cast in casts] == ["Maria Costa"] * 3
    assert casts[1] is not casts[2]
