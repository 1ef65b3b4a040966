"""Jobs that are deferred by a statement are the jobs that the queue would have made."""

import pytest
from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from answerable.lib.jobs import defer, take_back


@app.task(queue="lib-tests", priority=3, pass_context=False)
def lib_task(number: int) -> None:
    """Only named here."""


@app.task(queue="lib-tests", queueing_lock="one")
def locked() -> None:
    """Only named here."""


def rows() -> list[dict[str, object]]:
    names = [
        "queue_name",
        "task_name",
        "priority",
        "lock",
        "queueing_lock",
        "args",
        "scheduled_at",
        "status",
        "attempts",
    ]
    return list(ProcrastinateJob.objects.filter(queue_name="lib-tests").order_by("id").values(*names))


@pytest.mark.django_db
def test_they_are_the_queues_own_jobs() -> None:
    lib_task.configure(priority=-10).defer(number=1)
    lib_task.defer(number=2)
    by_the_queue = rows()
    take_back(lib_task)
    assert not rows()
    defer(lib_task, {"number": 1}, priority=-10)
    defer(lib_task, {"number": 2})
    assert rows() == by_the_queue


@pytest.mark.django_db
def test_several_at_once_or_none_and_with_their_transaction_or_not_at_all() -> None:
    defer(lib_task)
    assert not rows()
    with transaction.atomic():
        defer(lib_task, {"number": 1}, {"number": 2})
        assert [row["args"] for row in rows()] == [{"number": 1}, {"number": 2}]
        transaction.set_rollback(True)
    assert not rows()


def test_a_task_with_a_lock_is_the_queues_own_affair() -> None:
    with pytest.raises(AssertionError):
        defer(locked, {})
