"""A job whose worker was killed is done again."""

import asyncio
import contextlib
from collections.abc import Iterable

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.db import connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job, Status

from answerable.ops.connector import WorkerConnector
from answerable.ops.jobs import SILENCE, retry_stalled


def leave_behind(silent_for: float | None, *, lock: str | None = None) -> int:
    """A job that is "doing"; its worker was last heard of so many seconds ago (None: forgotten already)."""
    with connection.cursor() as cursor:
        worker = None
        if silent_for is not None:
            cursor.execute(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s * interval '1 s') RETURNING id",
                [silent_for],
            )
            (worker,) = cursor.fetchone()
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, worker_id, queueing_lock)"
            " VALUES ('default', 'some.task', '{}', 'doing', %s, %s) RETURNING id",
            [worker, lock],
        )
        (job,) = cursor.fetchone()
    return int(job)


def look() -> None:
    async_to_sync(retry_stalled.func)(timestamp=0)


def status(job: int) -> str:
    return str(ProcrastinateJob.objects.get(id=job).status)


@pytest.mark.django_db
@pytest.mark.behaviour("B-45")
def test_it_is_put_back_when_its_worker_is_silent_or_forgotten() -> None:
    lost, orphan, alive = leave_behind(SILENCE + 5), leave_behind(None), leave_behind(SILENCE - 5)
    look()
    assert [status(job) for job in (lost, orphan, alive)] == ["todo", "todo", "doing"]
    assert ProcrastinateJob.objects.get(id=lost).attempts == 1


def test_a_newer_one_of_its_kind_takes_its_place(real_transactions: None) -> None:
    lost = leave_behind(None, lock="one at a time")
    app.configure_task("some.task", queueing_lock="one at a time", allow_unknown=True).defer()
    other = leave_behind(None)
    look()
    assert not ProcrastinateJob.objects.filter(id=lost).exists()
    assert status(other) == "todo"
    assert ProcrastinateJob.objects.filter(queueing_lock="one at a time", status="todo").count() == 1


def test_one_that_ended_after_all_keeps_no_other_from_being_put_back(
    real_transactions: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended, lost = leave_behind(None), leave_behind(None)
    stalled = app.job_manager.get_stalled_jobs

    async def as_it_ends(seconds_since_heartbeat: float) -> Iterable[Job]:
        found = sorted(await stalled(seconds_since_heartbeat=seconds_since_heartbeat), key=lambda job: job.id or 0)
        await app.job_manager.finish_job(found[0], Status.SUCCEEDED, delete_job=True)
        return found

    monkeypatch.setattr(app.job_manager, "get_stalled_jobs", as_it_ends)
    look()
    assert not ProcrastinateJob.objects.filter(id=ended).exists()
    assert status(lost) == "todo"


def defer_and_think_better_of_it() -> None:
    with transaction.atomic():
        app.configure_task("kept", allow_unknown=True).defer()
    with contextlib.suppress(RuntimeError), transaction.atomic():
        app.configure_task("never", allow_unknown=True).defer()
        raise RuntimeError
    connection.close()


def test_what_a_job_defers_is_part_of_its_transaction(real_transactions: None) -> None:
    async def work() -> None:
        async with app.open_async():
            await sync_to_async(defer_and_think_better_of_it, thread_sensitive=False)()

    assert isinstance(app.connector, DjangoConnector)
    with app.replace_connector(WorkerConnector(app.connector)):
        asyncio.run(work())
    assert list(ProcrastinateJob.objects.values_list("task_name", flat=True)) == ["kept"]
